/** What the next process takes over: the state, written whole or not at all. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { EgressoError } from '../errors.ts';
import { INITIAL_STATE, type ManagerState } from './decision/state.ts';

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

/** The initial state where there is no file. Errors: FILE_UNREADABLE; FORMAT_INVALID for a file of something else. */
export function loadState(path: string): ManagerState {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return INITIAL_STATE;
    throw new EgressoError('FILE_UNREADABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const { version, state } = JSON.parse(text) as { version: number; state: ManagerState };
    if (version === 1 && Array.isArray(state.overrides)) return { ...INITIAL_STATE, ...state };
  } catch {
    // Told below.
  }
  throw new EgressoError('FORMAT_INVALID', `${path} is no state of the manager`);
}
