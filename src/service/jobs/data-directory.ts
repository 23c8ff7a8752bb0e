import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory and those above it, for this user alone. `mkdirSync` with `recursive` never comes back where the parent is
 * there and nothing can be made in it, as in /proc.
 *
 * Errors: of the file system.
 */
export function makeDirectory(path: string): void {
  const missing: string[] = [];
  for (let directory = resolve(path); !made(directory); directory = dirname(directory)) missing.unshift(directory);
  for (const directory of missing) mkdirSync(directory, { mode: 0o700 });
}

/** Whether it is there now; false where its parent is missing. */
function made(directory: string): boolean {
  try {
    mkdirSync(directory, { mode: 0o700 });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(directory) !== directory) return false;
    if (code === 'EEXIST') return true;
    throw error;
  }
}
