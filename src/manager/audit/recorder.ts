/** Where records of the audit log go. */
import { type AuditBody, auditLine, NO_RECORD, type StartRecord } from './record.ts';

export interface AuditRecorder {
  /** `start`: how things stood before this record; a file that begins with it says so first. */
  append(body: AuditBody, start: () => StartRecord): void;
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
