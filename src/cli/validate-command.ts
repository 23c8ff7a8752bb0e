import { Command } from 'commander';
import { buildModel } from '../model/build-model.ts';
import { type ModelSummary, summarize, validateModel } from '../model/validate-model.ts';
import { decodeModel, readModelFile } from './model-file.ts';
import { formatNumber } from './numbers.ts';
import { type Session, write } from './session.ts';
import { formatFields } from './table.ts';

interface ValidateFlags {
  readonly json?: true;
}

export function validateCommand(session: Session): Command {
  return new Command('validate')
    .description('Check a model: tell all of its faults, or what it holds.')
    .argument('<model>', 'model file (JSON or msgpack, may be gzip), or - for stdin')
    .option('--json', 'print {valid, errors, errorCount, summary}')
    .action((path: string, flags: ValidateFlags) => validateFile(path, flags, session));
}

async function validateFile(path: string, flags: ValidateFlags, session: Session): Promise<void> {
  const payload = decodeModel(await readModelFile(path, session.stdin));
  // For people, faults are told as those of every command are.
  if (!flags.json) return write(session.stdout, describe(summarize(buildModel(payload))));
  const validation = validateModel(payload);
  session.exitCode = validation.valid ? 0 : 2;
  await write(session.stdout, `${JSON.stringify(validation)}\n`);
}

function describe(summary: ModelSummary): string {
  const { unit, totalIngressCapacity: ingress, totalEgressCapacity: egress } = summary;
  const capacity = (total: number | null): string => (total === null ? 'unlimited' : `${formatNumber(total)} ${unit}`);
  return formatFields([
    ['Valid', summary.name ?? '(no name)'],
    ['Routers', formatNumber(summary.routers)],
    ['Points', formatNumber(summary.points)],
    ['Neighbors', formatNumber(summary.neighbors)],
    ['Prefixes', formatNumber(summary.prefixes)],
    ['Pairs', formatNumber(summary.pairs)],
    ['Advertisements', formatNumber(summary.advertisements)],
    ['Sessions', formatNumber(summary.sessions)],
    ['Volume', `${formatNumber(summary.totalVolume)} ${unit}`],
    ['Ingress capacity', capacity(ingress)],
    ['Egress capacity', capacity(egress)],
    ['Hash', summary.modelHash],
  ]);
}
