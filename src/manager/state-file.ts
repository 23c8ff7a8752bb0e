/** What the next process takes over: the state, written whole or not at all. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { EgressoError } from '../errors.ts';
import { INITIAL_STATE, type ManagerState } from './decision/state.ts';
import { parseState } from './decision/state-schema.ts';

/** Errors: FILE_UNREADABLE. */
export function saveState(path: string, state: ManagerState): void {
  try {
    const file = openSync(`${path}.new`, 'w');
    try {
      writeFileSync(file, JSON.stringify({ version: 1, state }));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new EgressoError('FILE_UNREADABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The initial state where there is no file. Errors: FILE_UNREADABLE; FORMAT_INVALID for a file of something else, or that was changed. */
export function loadState(path: string): ManagerState {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return INITIAL_STATE;
    throw new EgressoError('FILE_UNREADABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const kept = parse(text);
  if (kept === null) throw new EgressoError('FORMAT_INVALID', `${path} is no state of the manager`);
  return parseState(kept.state, path);
}

/** Null for what is no JSON, or of another version. */
function parse(text: string): { readonly state: unknown } | null {
  try {
    const kept: unknown = JSON.parse(text);
    const isKept = typeof kept === 'object' && kept !== null && 'version' in kept && kept.version === 1;
    return isKept && 'state' in kept ? { state: kept.state } : null;
  } catch {
    return null;
  }
}
