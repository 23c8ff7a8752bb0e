/** Faults of disk and database. */
import { EgressoError } from '../../errors.ts';

/** Of the file system: full, beyond a quota, read-only, not allowed, broken, gone. */
const FILE_CODES = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOENT',
  'EMFILE',
  'ENFILE',
  'ENOTDIR',
]);
/** Of SQLite: BUSY, READONLY, IOERR, FULL, CANTOPEN. */
const SQLITE_CODES = new Set([5, 8, 10, 13, 14]);

export function isStorageFault(error: unknown): boolean {
  if (error instanceof EgressoError) return error.code === 'STORAGE_UNAVAILABLE';
  const { code, errcode } = error as { code?: string; errcode?: number };
  // The low byte of an extended code is the primary one.
  return FILE_CODES.has(code ?? '') || (errcode !== undefined && SQLITE_CODES.has(errcode & 0xff));
}

/** STORAGE_UNAVAILABLE for what disk or database refused; other errors as they are. The path stays in the log. */
export function storageFault(error: unknown): unknown {
  if (error instanceof EgressoError || !isStorageFault(error)) return error;
  const { code = '', errstr } = error as { code?: string; errstr?: string };
  const reason = errstr ?? code;
  return new EgressoError('STORAGE_UNAVAILABLE', `the service cannot keep jobs now: ${reason}`);
}
