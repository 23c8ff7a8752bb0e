/** A job: a solve that was accepted, or a batch of them, and what has become of it. */
import type { MediaType } from '../media-type.ts';
import type { PlanSummary } from '../plan-summary.ts';
import type { Failure } from '../task.ts';

export const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Bytes kept under their SHA-256, hex. */
export interface StoredBytes {
  readonly hash: string;
  readonly size: number;
}

/** A fault as it is kept: what a problem document is made of. */
export type JobFault = Pick<Failure, 'code' | 'message' | 'errors' | 'errorCount'>;

/** What is known of a job before it is accepted. Times are milliseconds since 1970, UTC. */
export interface JobDraft {
  readonly id: string;
  /** Who may see it. */
  readonly owner: string;
  readonly operation: 'solve' | 'batch';
  /** 0 to 9; higher goes first, equals in the order in which they came. */
  readonly priority: number;
  /** It ends at this time at the latest: with the best plan so far, or failed. */
  readonly deadline: number | null;
  readonly createdAt: number;
  /** Kept until the job has ended. */
  readonly body: StoredBytes;
  readonly bodyType: MediaType;
  /** The same key of the same owner names the same job. */
  readonly idempotencyKey: string | null;
  /** Of an item: the id of its batch, its place in the list of variations, from 0, and the name of its variation. */
  readonly batch: string | null;
  readonly item: number | null;
  readonly name: string | null;
}

export interface Job extends JobDraft {
  /** Of a batch that was split. */
  readonly itemCount: number | null;
  /** Of an item that has ended: the how manieth of its batch it was, from 1. */
  readonly endedSeq: number | null;
  readonly state: JobState;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Counts its starts. Only the latest may tell how it ended: a fencing token. */
  readonly attempt: number;
  readonly cancelRequested: boolean;
  /** JSON. Also of a cancelled job that had one. */
  readonly plan: StoredBytes | null;
  readonly summary: PlanSummary | null;
  readonly fault: JobFault | null;
}

/** How an attempt ended. A job whose cancel was requested ends cancelled, whatever the outcome. */
export interface Outcome {
  readonly endedAt: number;
  readonly plan: StoredBytes | null;
  readonly summary: PlanSummary | null;
  readonly fault: JobFault | null;
}

export function hasEnded({ state }: Pick<Job, 'state'>): boolean {
  return state !== 'queued' && state !== 'running';
}

export const LATE: JobFault = fault('DEADLINE_PASSED', 'the deadline passed before the job was started');
export const LOST: JobFault = fault('ATTEMPTS_EXHAUSTED', 'the process died each time while it ran the job');

function fault(code: JobFault['code'], message: string): JobFault {
  return { code, message, errors: [], errorCount: 0 };
}
