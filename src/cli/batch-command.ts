import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { EgressoError, ERROR_CATALOG, type ErrorCode } from '../errors.ts';
import { parseOptions } from '../model/options.ts';
import type { PlanSummary } from '../service/plan-summary.ts';
import { count } from './arguments.ts';
import type { BatchItem } from './batch-run.ts';
import { decodeModel, readModelFile } from './model-file.ts';
import { formatNumber, formatSeconds } from './numbers.ts';
import { checkWritable, writeResult } from './output-file.ts';
import { planFileName } from './plan-file-name.ts';
import { countProgress } from './progress.ts';
import { EXIT_INTERRUPTED, type Session, write } from './session.ts';
import { addSolveOptions, givenOptions, type SolveOptionFlags } from './solve-options.ts';
import { readVariations } from './variation-file.ts';

interface BatchFlags extends SolveOptionFlags {
  readonly threads: number;
  readonly plans?: string;
}

export function batchCommand(session: Session): Command {
  const command = new Command('batch')
    .description('Solve many variations of one model: a line of JSON for each, as they end.')
    .argument('<model>', 'model file (JSON or msgpack, may be gzip), or - for stdin')
    .argument('[variations...]', 'files of variations, a JSON object a line or one list; stdin if none is given', [
      '-',
    ]);
  return addSolveOptions(command)
    .option('--threads <count>', 'solves that run at one time', count, availableParallelism())
    .option('--plans <dir>', 'write the plan of each variation to a file in this folder')
    .action((model: string, variations: string[], flags: BatchFlags) => solveBatch(model, variations, flags, session));
}

async function solveBatch(path: string, variations: string[], flags: BatchFlags, session: Session): Promise<void> {
  const options = givenOptions(flags);
  parseOptions(options);
  if ([path, ...variations].filter((name) => name === '-').length > 1) {
    throw new EgressoError('USAGE', 'stdin can be read once: give a file for the model or for the variations');
  }
  if (flags.plans !== undefined) await makeFolder(flags.plans);
  const model = decodeModel(await readModelFile(path, session.stdin));
  const batch = { model, options, variations: await readVariations(variations, session.stdin) };
  // Loaded here: no other command needs the threads of the service.
  const { runBatch } = await import('./batch-run.ts');

  const cancel = new AbortController();
  const progress = countProgress(session.stderr, batch.variations.length);
  const listening = session.onInterrupt(() => {
    progress.end();
    session.stderr.write('egresso: stopping with the best plans so far; interrupt again to quit at once\n');
    cancel.abort();
  });
  const started = performance.now();
  const ends: BatchEnd[] = [];
  try {
    for await (const item of runBatch(batch, flags.threads, cancel.signal)) {
      ends.push(endOf(item));
      progress.done(newsOf(item));
      const { plan, ...line } = item;
      if (plan !== null && flags.plans !== undefined) await writePlan(flags.plans, item.id, plan, session);
      await write(session.stdout, `${JSON.stringify(line)}\n`);
    }
  } finally {
    listening[Symbol.dispose]();
    progress.end();
  }
  session.exitCode = cancel.signal.aborted ? EXIT_INTERRUPTED : exitCodeOf(ends);
  const failed = ends.filter(({ state }) => state === 'failed').length;
  const took = formatSeconds(performance.now() - started);
  await write(session.stderr, `${ends.length} variations in ${took}, ${failed} failed.\n`);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new EgressoError('FILE_UNREADABLE', `${path} cannot be made: ${(error as Error).message}`);
  }
  await checkWritable(join(path, 'plan'));
}

async function writePlan(folder: string, id: string, plan: Uint8Array, { stdout }: Session): Promise<void> {
  await writeResult(join(folder, planFileName(id)), plan, stdout);
}

function newsOf({ id, state, summary }: BatchItem): string {
  return summary === null ? `${id} ${state}` : `${id} ${summary.status}, cost ${formatNumber(summary.cost)}`;
}

/** What the exit code is made of; plans are not kept. */
type BatchEnd = Pick<BatchItem, 'item' | 'state'> & {
  readonly code: ErrorCode | undefined;
  readonly status: PlanSummary['status'] | undefined;
};

function endOf({ item, state, problem, summary }: BatchItem): BatchEnd {
  return { item, state, code: problem?.code, status: summary?.status };
}

/** Of the first variation that failed; else 3 where one is overloaded. */
function exitCodeOf(ends: readonly BatchEnd[]): number {
  const [first] = ends.filter(({ state }) => state === 'failed').sort((a, b) => a.item - b.item);
  if (first !== undefined) return ERROR_CATALOG[first.code ?? 'INTERNAL'].exitCode;
  return ends.some(({ status }) => status === 'overloaded') ? 3 : 0;
}
