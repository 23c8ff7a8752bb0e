/** What a log does on disk, each so that it outlasts a power cut. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Errors: those of the file system. */
export interface AuditDisk {
  /** Opens for appending; a new file is there after a power cut too. */
  open(path: string): number;
  append(file: number, text: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
}

export const AUDIT_DISK: AuditDisk = {
  open(path) {
    const file = openSync(path, 'a');
    syncFolderOf(path);
    return file;
  },
  append(file, text) {
    writeFileSync(file, text);
    fsyncSync(file);
  },
  rename(from, to) {
    renameSync(from, to);
    syncFolderOf(to);
  },
  remove: (path) => rmSync(path),
};

function syncFolderOf(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
