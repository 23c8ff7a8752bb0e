/**
 * The audit log on disk: only ever appended to, and a record is there before what it decides is done. A file that has grown to the
 * limit is closed and another begun, in steps of which each leaves a log that the next process goes on with:
 *
 * 1. a last record is appended, `end`;
 * 2. the file is renamed: audit.jsonl to audit-000001.jsonl;
 * 3. a new one begins with a record of a start, which holds all that a replay needs and the digest of the last record before;
 * 4. the oldest are deleted, where that is asked for.
 */
import { closeSync } from 'node:fs';
import { EgressoError } from '../../errors.ts';
import { closedFiles, closedPath } from './closed-files.ts';
import { AUDIT_DISK, type AuditDisk } from './disk.ts';
import { type LogEnds, recoverEnds } from './log-end.ts';
import { type AuditBody, auditLine, NO_RECORD, type StartRecord, sha256 } from './record.ts';
import type { AuditRecorder } from './recorder.ts';

export interface AuditOptions {
  /** Bytes from which on a file is closed. */
  readonly limit: number;
  /** Closed files that are kept, the newest; null for all. */
  readonly keep: number | null;
}

/** The file that is written. */
interface Current {
  readonly file: number;
  readonly number: number;
  size: number;
  /** Digest of the last record, of this file or of the one before. */
  previous: string;
}

const ONE_FILE: AuditOptions = { limit: Number.POSITIVE_INFINITY, keep: null };

export class AuditFile implements AuditRecorder, Disposable {
  readonly #path: string;
  readonly #options: AuditOptions;
  readonly #disk: AuditDisk;
  /** Null after a failure: what is on disk is found out anew, as by another process. */
  #current: Current | null = null;

  /** Errors: FILE_UNREADABLE. */
  constructor(path: string, options: AuditOptions = ONE_FILE, disk: AuditDisk = AUDIT_DISK) {
    this.#path = path;
    this.#options = options;
    this.#disk = disk;
    this.#current = this.#trying(() => this.#open());
  }

  /** Errors: FILE_UNREADABLE; then the record may be in the log, as one of what was not done. */
  append(body: AuditBody, start: () => StartRecord): void {
    this.#trying(() => {
      const isNew = this.#current === null;
      const opened = this.#current ?? this.#open();
      this.#current = opened;
      const current = opened.size < this.#options.limit ? opened : this.#turn(opened);
      if (body.kind !== 'start' && (isNew || current.size === 0)) this.#write(current, start());
      this.#write(current, body);
    });
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #trying<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new EgressoError('FILE_UNREADABLE', `${this.#path}: ${reason}`);
    }
  }

  #close(): void {
    if (this.#current !== null) closeSync(this.#current.file);
    this.#current = null;
  }

  #write(current: Current, body: AuditBody): void {
    const numbered = body.kind === 'start' && current.size === 0 ? { ...body, file: current.number } : body;
    const { line, digest } = auditLine(numbered, current.previous);
    this.#disk.append(current.file, `${line}\n`);
    current.size += Buffer.byteLength(line) + 1;
    current.previous = digest;
  }

  /** Closes the file, and begins the next. */
  #turn(current: Current): Current {
    this.#write(current, { kind: 'end' });
    closeSync(current.file);
    this.#current = null;
    this.#putAside(current.number);
    const next = this.#open();
    this.#current = next;
    this.#forget();
    return next;
  }

  /** Never over one that is there. */
  #putAside(number: number): void {
    const newest = closedFiles(this.#path).at(-1)?.number ?? 0;
    this.#disk.rename(this.#path, closedPath(this.#path, Math.max(number, newest + 1)));
  }

  /** One that cannot be deleted is tried again at the next turn. */
  #forget(): void {
    const { keep } = this.#options;
    if (keep === null) return;
    for (const { path } of closedFiles(this.#path).slice(0, -keep)) {
      try {
        this.#disk.remove(path);
      } catch {
        // It is there to be seen.
      }
    }
  }

  /** What a process before has left at whichever step it ended. */
  #open(): Current {
    const ends = recoverEnds(this.#path);
    if (isEnd(ends.last)) {
      this.#putAside(numberOf(ends) ?? 1);
      return this.#open();
    }
    const newest = closedFiles(this.#path).at(-1);
    // What is compressed is read by no one that writes: without a file after it the chain begins anew.
    const last = ends.last ?? (newest === undefined || newest.isCompressed ? null : recoverEnds(newest.path).last);
    return {
      file: this.#disk.open(this.#path),
      number: numberOf(ends) ?? (newest?.number ?? 0) + 1,
      size: ends.size,
      previous: last === null ? NO_RECORD : sha256(last),
    };
  }
}

function isEnd(line: string | null): boolean {
  return line?.startsWith('{"kind":"end"') ?? false;
}

/** Of the file, as its first record has it; null where it has none. */
function numberOf({ first }: LogEnds): number | null {
  if (first === null) return null;
  try {
    const { file } = JSON.parse(first) as Partial<StartRecord>;
    return typeof file === 'number' && Number.isSafeInteger(file) ? file : null;
  } catch {
    return null;
  }
}
