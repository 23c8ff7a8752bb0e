/**
 * Where jobs are kept. What a promise of these methods tells has been made durable before: an accepted job outlives the
 * process, and the end of a job is told once.
 *
 * Errors of all that write: STORAGE_UNAVAILABLE, and then nothing was written.
 */
import type { Readable } from 'node:stream';
import type { Job, JobDraft, JobState, Outcome, StoredBytes } from './job.ts';
import type { Verdict } from './job-gate.ts';

export interface Submission {
  readonly job: Job;
  /** False where its idempotency key names a job that was there before. */
  readonly isNew: boolean;
}

/** How many items of a batch are in each state. */
export type ItemCounts = Readonly<Record<JobState, number>>;

/** Jobs that wait, and that run, items of batches among them; a batch that was split does neither. */
export type LiveCounts = Readonly<Record<'queued' | 'running', number>>;

export interface JobQuery {
  readonly operation: Job['operation'];
  /** Of all owners where it is left out. */
  readonly owner?: string;
  readonly state?: JobState;
  /** Only those that came before this one. */
  readonly before?: string;
  readonly limit: number;
}

export interface Removed {
  /** 0 where there were none. */
  readonly count: number;
  /** Bytes that may be needed no more. */
  readonly hashes: readonly string[];
}

export interface JobStore {
  /** Says before a body of so many bytes comes whether its job would be accepted now. Errors: SERVICE_BUSY, STORAGE_UNAVAILABLE. */
  expect(draft: Pick<JobDraft, 'owner' | 'idempotencyKey'>, bodyBytes: number): Promise<void>;
  /** Errors: IDEMPOTENCY_KEY_REUSED with another body, SERVICE_BUSY where the queue is full, STORAGE_UNAVAILABLE beyond the quota. */
  submit(draft: JobDraft): Promise<Submission>;
  find(id: string): Promise<Job | null>;
  /** Newest first. Items of batches are not among them. */
  list(query: JobQuery): Promise<Job[]>;
  /** How many jobs will be started before it; null where it does not wait. */
  queuePlace(id: string): Promise<number | null>;
  counts(): Promise<LiveCounts>;
  /** Puts an attempt that did not end back to its place in the queue. */
  release(attempt: Job): Promise<void>;
  /**
   * Ends a job, unless `attempt` is not its latest or it has ended: null then. A batch that fails before all its items are
   * made takes the others with it, as if they were cancelled.
   */
  finish(attempt: Job, outcome: Outcome): Promise<Job | null>;
  /** Makes the items of a batch, which runs until they have ended; a cancelled one ends now. Null where `attempt` is not the latest. */
  split(attempt: Job, names: readonly string[], now: number): Promise<Job | null>;
  itemCounts(batch: string): Promise<ItemCounts>;
  /** Items that have ended, in that order, after this one. */
  endedItems(batch: string, after: number, limit: number): Promise<Job[]>;
  /** Items that run. */
  runningItems(batch: string): Promise<Job[]>;
  /** A waiting job ends at once, a running one is marked, and so are the items of a batch; null where there is no such job. */
  requestCancel(id: string, now: number): Promise<Job | null>;
  /** Ends waiting jobs whose deadline is over, some of them; none where there are none. */
  failOverdue(now: number): Promise<Job[]>;
  /** Forgets some jobs that ended before this time. */
  removeEnded(before: number): Promise<Removed>;
  close(): Promise<void>;
}

/** A store that is its own queue. */
export interface ClaimingStore extends JobStore {
  /** Starts the next job that may begin: a new attempt of it. */
  claim(now: number, verdictOn?: (job: Job) => Verdict): Promise<Job | null>;
}

/** Bytes that were written and are not forgotten until this is disposed of, whether or not a job needs them yet. */
export interface HeldBytes extends StoredBytes, Disposable {}

/** Bodies and plans. */
export interface BlobStore {
  /** Durable when it resolves. Bodies leave room for plans. Errors: STORAGE_UNAVAILABLE, and those of `chunks`. */
  write(kind: 'body' | 'plan', chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<HeldBytes>;
  /** Errors: STORAGE_UNAVAILABLE where trying again may help, JOB_DATA_LOST where it would not. */
  read(stored: StoredBytes): Promise<SharedArrayBuffer>;
  stream(stored: StoredBytes): Promise<Readable>;
  /** Forgets bytes, unless they are held, or some job needs them. */
  discard(hash: string): Promise<void>;
}
