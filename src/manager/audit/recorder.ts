/** Where records of the audit log go. */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
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
      this.#previous = lastDigest(path);
      this.#file = openSync(path, 'a');
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  append(body: AuditBody): void {
    const { line, digest } = auditLine(body, this.#previous);
    try {
      writeSync(this.#file, `${line}\n`);
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

function lastDigest(path: string): string {
  try {
    const last = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '';
    return last === '' ? NO_RECORD : sha256(last);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return NO_RECORD;
    throw error;
  }
}

function unwritable(path: string, error: unknown): EgressoError {
  return new EgressoError('FILE_UNREADABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`);
}
