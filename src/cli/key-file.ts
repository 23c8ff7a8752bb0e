import { readFile } from 'node:fs/promises';
import { EgressoError } from '../errors.ts';
import { KeySet } from '../http/access/key-set.ts';

/**
 * The keys of a file, else of the environment; undefined where there are none.
 *
 * @throws EgressoError FILE_UNREADABLE, FORMAT_INVALID
 */
export async function readKeys(path: string | undefined, variable: string | undefined): Promise<KeySet | undefined> {
  if (path !== undefined) return KeySet.parse(await read(path), path);
  // An empty variable is a mistake, and no wish for a service without keys.
  return variable === undefined ? undefined : KeySet.parse(variable, 'EGRESSO_KEYS');
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new EgressoError('FILE_UNREADABLE', `${path} cannot be read: ${(error as Error).message}`);
  }
}
