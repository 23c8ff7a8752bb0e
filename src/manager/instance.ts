/**
 * The mark by which a folder knows its own paths: GoBGP keeps it beside each path that it was given (the path identifier of its
 * interface), and tells it to no router. It is drawn once, so that two managers with one community are told apart.
 */
import { randomInt } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { EgressoError } from '../errors.ts';

/** Of paths that nobody has marked. */
export const UNMARKED = 0;
const MOST = 2 ** 32 - 1;

export function drawInstance(): number {
  return randomInt(UNMARKED + 1, MOST);
}

/** Null where the folder has none: nothing was announced from it. Errors: FILE_UNREADABLE; FORMAT_INVALID for something else. */
export function loadInstance(path: string): number | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw unusable(path, error);
  }
  const instance = Number(text);
  if (Number.isInteger(instance) && instance > UNMARKED && instance <= MOST) return instance;
  const advice = 'take everything out with egresso withdraw, then delete it';
  throw new EgressoError('FORMAT_INVALID', `${path} is no mark of a manager: ${advice}`);
}

/** That of the folder, from now on; on disk before anything carries it. Errors: as `loadInstance`. */
export function keepInstance(path: string): number {
  const kept = loadInstance(path);
  if (kept !== null) return kept;
  const instance = drawInstance();
  try {
    const file = openSync(path, 'wx', 0o644);
    try {
      writeFileSync(file, `${instance}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unusable(path, error);
  }
  return instance;
}

function unusable(path: string, error: unknown): EgressoError {
  return new EgressoError('FILE_UNREADABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`);
}
