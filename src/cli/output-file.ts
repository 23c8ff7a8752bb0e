/** Results in files: whole or not at all. */
import { randomBytes } from 'node:crypto';
import { access, constants, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { EgressoError } from '../errors.ts';
import { write } from './session.ts';

/**
 * Tells early, before a long run, that its result could not be written.
 *
 * @throws EgressoError FILE_UNREADABLE
 */
export async function checkWritable(path: string): Promise<void> {
  if (path === '-') return;
  try {
    const present = await stat(path).catch(() => null);
    if (present?.isDirectory()) throw new Error('it is a folder');
    await access(present === null ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Writes a file, or `stdout` for "-". Errors: FILE_UNREADABLE. */
export async function writeResult(path: string, content: string | Uint8Array, stdout: Writable): Promise<void> {
  if (path === '-') return write(stdout, content);
  try {
    await writeWhole(path, content);
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const present = await stat(path).catch(() => null);
  // A rename would put a file in the place of a device or a pipe.
  if (present !== null && !present.isFile()) return writeFile(path, content);
  // A link stays a link: the file it leads to is replaced.
  const target = present === null ? path : await realpath(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', present?.mode ?? 0o666);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function unwritable(path: string, error: unknown): EgressoError {
  return new EgressoError('FILE_UNREADABLE', `${path} cannot be written: ${(error as Error).message}`);
}
