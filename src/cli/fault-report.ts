/** How a fault is told on stderr: one line, then where in the input; the problem document with `--json`. */
import { CommanderError } from 'commander';
import { EgressoError } from '../errors.ts';
import { problemOf } from '../http/problem.ts';
import { formatNumber, printable } from './numbers.ts';

const SHOWN_FAULTS = 20;

/** Whatever was thrown, as a fault of the catalog. */
export function asEgressoError(error: unknown): EgressoError {
  if (error instanceof EgressoError) return error;
  if (error instanceof CommanderError) return new EgressoError('USAGE', oneLine(error.message.replace(/^error: /, '')));
  const message = error instanceof Error ? error.message : String(error);
  const internal = new EgressoError('INTERNAL', `${oneLine(message)} (EGRESSO_DEBUG=1 shows where)`);
  if (error instanceof Error && error.stack !== undefined) internal.stack = error.stack;
  return internal;
}

export function faultReport(error: EgressoError, form: { json: boolean; debug: boolean }): string {
  const stack = form.debug ? `${error.stack}\n` : '';
  if (form.json) return `${JSON.stringify(problemOf(error))}\n${stack}`;
  const lines = [`egresso: ${error.code}: ${printable(oneLine(error.message))}`];
  for (const { pointer, message } of error.errors.slice(0, SHOWN_FAULTS)) {
    lines.push(`  ${printable(pointer === '' ? '(whole input)' : pointer)}: ${printable(oneLine(message))}`);
  }
  const hidden = error.errorCount - Math.min(error.errors.length, SHOWN_FAULTS);
  if (hidden > 0) lines.push(`  … and ${formatNumber(hidden)} more`);
  return `${lines.join('\n')}\n${stack}`;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
