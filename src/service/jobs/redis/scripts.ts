/**
 * What becomes of jobs, as scripts that Redis runs as a whole: who reads the state of a job and writes the next one is never
 * interrupted.
 */
import { GROWING, KEEPING } from './lua/acceptance.ts';
import { ATTEMPTS } from './lua/attempts.ts';
import { ENDS } from './lua/ends.ts';
import { STEPS } from './lua/steps.ts';

/** Each returns text or a list of texts. */
export const SCRIPTS = { ...GROWING, ...KEEPING, ...ATTEMPTS, ...ENDS };

export type ScriptName = keyof typeof SCRIPTS;

export function scriptText(name: ScriptName): string {
  // All others give memory back, and go on where Redis is full.
  const flags = name in GROWING ? '' : '#!lua flags=allow-oom';
  return `${flags}\n${STEPS}\n${SCRIPTS[name]}`;
}
