import { Command } from 'commander';
import { EgressoError } from '../errors.ts';
import { buildModel } from '../model/build-model.ts';
import { type Summary, summaryOf, type Validation } from '../service/validation.ts';
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
  if (!flags.json) return write(session.stdout, describe(summaryOf(buildModel(payload))));
  const validation = validate(payload);
  session.exitCode = validation.valid ? 0 : 2;
  await write(session.stdout, `${JSON.stringify(validation)}\n`);
}

function validate(payload: unknown): Validation {
  try {
    return { valid: true, errors: [], errorCount: 0, summary: summaryOf(buildModel(payload)) };
  } catch (error) {
    if (!(error instanceof EgressoError) || error.code !== 'MODEL_INVALID') throw error;
    return { valid: false, errors: [...error.errors], errorCount: error.errorCount, summary: null };
  }
}

function describe(summary: Summary): string {
  return formatFields([
    ['Valid', summary.name ?? '(no name)'],
    ['Routers', formatNumber(summary.routers)],
    ['Points', formatNumber(summary.points)],
    ['Neighbors', formatNumber(summary.neighbors)],
    ['Prefixes', formatNumber(summary.prefixes)],
    ['Pairs', formatNumber(summary.pairs)],
    ['Advertisements', formatNumber(summary.advertisements)],
    ['Sessions', formatNumber(summary.sessions)],
    ['Unit', summary.unit],
    ['Hash', summary.modelHash],
  ]);
}
