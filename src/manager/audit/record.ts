/** Records of the audit log. Each holds the digest of the one before, so that none can be changed or left out unseen. */
import { createHash } from 'node:crypto';
import type { ChangeReason, Decision } from '../decision/decision.ts';
import type { Observation } from '../decision/observation.ts';
import type { DecisionSettings, PointLimits } from '../decision/settings.ts';
import type { ManagerState } from '../decision/state.ts';

export interface StartRecord {
  readonly kind: 'start';
  readonly version: 1;
  /** Number of the file, in the first record of one. */
  readonly file?: number;
  readonly settings: DecisionSettings;
  readonly limits: readonly PointLimits[];
  /** Where a process before this one, or the file before, left off. */
  readonly state: ManagerState;
}

export interface TickRecord {
  readonly kind: 'tick';
  readonly observation: Observation;
  /** Set where everything was taken back instead of decided. */
  readonly withdrawal: ChangeReason | null;
  readonly decision: Decision;
  /** SHA-256 (hex) of the state after it, as JSON. */
  readonly stateHash: string;
}

/** The last one of a file that is closed: the log goes on in the next. */
export interface EndRecord {
  readonly kind: 'end';
}

export type AuditBody = StartRecord | TickRecord | EndRecord;
export type AuditRecord = AuditBody & {
  /** SHA-256 (hex) of the record before; of nothing for the first. */
  readonly previous: string;
};

export const NO_RECORD = sha256('');

/** The line of a record, without its end, and the digest that the next one names. */
export function auditLine(body: AuditBody, previous: string): { readonly line: string; readonly digest: string } {
  const line = JSON.stringify({ ...body, previous });
  return { line, digest: sha256(line) };
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
