/** A store of jobs, and what becomes of the processes that use it. */
import { randomUUID } from 'node:crypto';
import type { Job, JobDraft, Outcome, StoredBytes } from '../../../src/service/jobs/job.ts';
import type { JobStore } from '../../../src/service/jobs/job-store.ts';

export interface StoreUnderTest extends AsyncDisposable {
  readonly store: JobStore;
  /** Starts the next job: one that waits, or that ran in a process that has died. */
  claim(now: number): Promise<Job | null>;
  /** The process that runs jobs dies, and another one begins. */
  die(now: number): Promise<void>;
  /** Bytes that were written before. */
  body(text: string): Promise<StoredBytes>;
}

/** Times that a process may die while it runs a job. */
export const LOSSES = 3;
export const QUEUED_JOBS = 20;

export const PLAN: StoredBytes = { hash: 'plan', size: 4 };

export function outcome(changes: Partial<Outcome> = {}): Outcome {
  return { endedAt: 9, plan: PLAN, summary: null, fault: null, ...changes };
}

export async function draftFor(under: StoreUnderTest, changes: Partial<JobDraft> = {}): Promise<JobDraft> {
  const id = randomUUID();
  const alone = { operation: 'solve', batch: null, item: null, name: null } as const;
  const rest = { owner: 'me', priority: 4, deadline: null, createdAt: 1, idempotencyKey: null } as const;
  return { id, body: await under.body(id), bodyType: 'application/json', ...alone, ...rest, ...changes };
}

/** A batch of which some items were made before its process was told to end; the next one has it, and runs one of them. */
export async function halfSplit(under: StoreUnderTest): Promise<{ batch: Job; item: Job; names: readonly string[] }> {
  const { store } = under;
  await store.submit(await draftFor(under, { operation: 'batch' }));
  const first = (await under.claim(5)) as Job;
  const names = Array.from({ length: 950 }, (_, i) => `item ${i}`);
  await Promise.all([store.split(first, names, 6), store.release(first)]);
  const [batch, item] = [(await under.claim(7)) as Job, (await under.claim(7)) as Job];
  return { batch, item, names };
}
