/** Where records of the audit log go. */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeFileSync } from 'node:fs';
import { EgressoError } from '../../errors.ts';
import { type AuditBody, auditLine, NO_RECORD, sha256 } from './record.ts';

export interface AuditRecorder {
  append(body: AuditBody): void;
}

/** In memory. */
export class AuditLines implements AuditRecorder {
  readonly lines: string[] = [];
  #previous = NO_RECORD;

  append(body: AuditBody): void {
    const { line, digest } = auditLine(body, this.#previous);
    this.lines.push(line);
    this.#previous = digest;
  }
}

/** A file that is only ever appended to; a record is on disk before what it decides is done. */
export class AuditFile implements AuditRecorder, Disposable {
  readonly #file: number;
  #previous: string;

  /** Errors: FILE_UNREADABLE. */
  constructor(path: string) {
    try {
      this.#previous = recover(path);
      this.#file = openSync(path, 'a');
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  append(body: AuditBody): void {
    const { line, digest } = auditLine(body, this.#previous);
    try {
      writeFileSync(this.#file, `${line}\n`);
      fsyncSync(this.#file);
    } catch (error) {
      throw unwritable('the audit log', error);
    }
    this.#previous = digest;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

const LINE_END = 0x0a;
const CHUNK_BYTES = 65_536;

/** Digest of the last record. One that was cut off was never acted on: it goes, so that the next has a line of its own. */
function recover(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NO_RECORD;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const end = lineStart(file, size);
    if (end < size) ftruncateSync(file, end);
    if (end === 0) return NO_RECORD;
    const start = lineStart(file, end - 1);
    const line = Buffer.alloc(end - 1 - start);
    readSync(file, line, 0, line.length, start);
    return sha256(line.toString());
  } finally {
    closeSync(file);
  }
}

/** Where the line begins that `before` is the end of. Read backwards: a log may be larger than memory. */
function lineStart(file: number, before: number): number {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let end = before; end > 0; end -= CHUNK_BYTES) {
    const start = Math.max(0, end - CHUNK_BYTES);
    readSync(file, chunk, 0, end - start, start);
    const at = chunk.subarray(0, end - start).lastIndexOf(LINE_END);
    if (at >= 0) return start + at + 1;
  }
  return 0;
}

function unwritable(path: string, error: unknown): EgressoError {
  return new EgressoError('FILE_UNREADABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`);
}
