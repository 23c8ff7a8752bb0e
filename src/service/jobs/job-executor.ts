/** Runs jobs that were claimed, and writes down how they ended. */
import { setTimeout as delay } from 'node:timers/promises';
import { EgressoError } from '../../errors.ts';
import { JSON_TYPE } from '../media-type.ts';
import type { SolverPool } from '../pool.ts';
import { failure, type Run } from '../run.ts';
import type { Answer, TaskRequest } from '../task.ts';
import { now as threadNow } from '../task-state.ts';
import type { Job, Outcome } from './job.ts';
import type { JobEvents } from './job-events.ts';
import type { JobGate } from './job-gate.ts';
import type { BlobStore, JobStore } from './job-store.ts';
import { isStorageFault } from './storage-fault.ts';

export interface ExecutorParts {
  readonly store: JobStore;
  readonly blobs: BlobStore;
  readonly pool: SolverPool;
  readonly events: JobEvents;
  /** Told of faults that are nobody's request: the job is tried again, or its answer is kept until it can be written. */
  readonly onFault: (error: unknown) => void;
  readonly now: () => number;
  /** Without one, every job has the memory that it takes. */
  readonly gate?: JobGate;
  /** Told of every job that has started, or ended. */
  readonly onChange: (job: Job) => void;
}

/** Its end is written down; or it is back in line; or neither could be done, and its record says that it runs. */
export type AttemptEnd = 'ended' | 'released' | 'unknown';

interface Attempt {
  readonly job: Job;
  readonly cancel: AbortController;
  /** The pool does not know it yet. */
  isStarting: boolean;
  /** Undefined while its body is read, and while its end is written. */
  run?: Run | undefined;
  /** Never rejects. */
  readonly end: Promise<AttemptEnd>;
}

const RETRY_MS = 1000;
/** Time that the store is given to come back when the process closes. */
const LAST_TRIES_MS = 3000;
/** Of a job that can never be started. */
const FATAL: ReadonlySet<string> = new Set(['JOB_DATA_LOST', 'BODY_TOO_LARGE']);

export class JobExecutor {
  readonly #parts: ExecutorParts;
  /** By the ids of their jobs. */
  readonly #attempts = new Map<string, Attempt>();
  readonly #closing = new AbortController();
  #last: { readonly hash: string; readonly body: WeakRef<SharedArrayBuffer> } | undefined;
  #giveUpAt = Number.POSITIVE_INFINITY;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** Jobs that have not ended. */
  get count(): number {
    return this.#attempts.size;
  }

  /** Those of them that the pool does not know yet. */
  get startingCount(): number {
    return [...this.#attempts.values()].filter(({ isStarting }) => isStarting).length;
  }

  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Those that have not ended, as they were claimed. */
  get jobs(): readonly Job[] {
    return [...this.#attempts.values()].map(({ job }) => job);
  }

  /** Resolves when the job has ended, or was put back in line. Never rejects. A job is performed once at a time. */
  perform(job: Job): Promise<AttemptEnd> {
    const { promise: end, resolve } = Promise.withResolvers<AttemptEnd>();
    const attempt: Attempt = { job, cancel: new AbortController(), isStarting: true, end };
    this.#attempts.set(job.id, attempt);
    this.#perform(attempt)
      .catch((error): AttemptEnd => {
        this.#parts.onFault(error);
        return 'unknown';
      })
      .then((how) => {
        this.#attempts.delete(job.id);
        resolve(how);
      });
    return end;
  }

  /** Resolves when no attempt of this job is here. */
  async ended(id: string): Promise<void> {
    await this.#attempts.get(id)?.end;
  }

  /** Asks a run to end with what it has. */
  cancel(id: string): void {
    this.#attempts.get(id)?.cancel.abort();
  }

  /** The plan of the best choice so far; null where the job does not run. */
  async bestPlan(id: string): Promise<Answer | null> {
    return (await this.#attempts.get(id)?.run?.bestPlan()) ?? null;
  }

  /** Puts what runs back in line. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#giveUpAt = Math.min(this.#giveUpAt, performance.now() + LAST_TRIES_MS);
    const attempts = [...this.#attempts.values()];
    for (const { cancel } of attempts) cancel.abort();
    await Promise.all(attempts.map(({ end }) => end));
  }

  async #perform(attempt: Attempt): Promise<AttemptEnd> {
    const { job } = attempt;
    const { onChange, onFault } = this.#parts;
    onChange(job);
    const answer = await this.#run(attempt);
    const isBroken = this.#closing.signal.aborted && (!answer.ok || answer.summary?.stopped === 'cancelled');
    // Ended by our own close, not by its client: the next process goes on with it.
    if (isBroken && !(await this.#isCancelled(job))) return this.#release(job);
    const ended = await this.#untilDone(() => this.#finish(job, answer)).catch((error) => {
      if (isStorageFault(error)) throw error;
      onFault(error);
      return this.#untilDone(() => this.#finish(job, failure('INTERNAL', 'its end could not be kept; see the log')));
    });
    if (ended !== null) onChange(ended);
    return 'ended';
  }

  async #release(job: Job): Promise<AttemptEnd> {
    const { store, onChange, onFault } = this.#parts;
    await this.#untilDone(() => store.release(job));
    const released = await store.find(job.id).catch(onFault);
    if (released) onChange(released);
    return 'released';
  }

  /** Errors: STORAGE_UNAVAILABLE when the process closes, which says nothing of the job. */
  async #run(attempt: Attempt): Promise<Answer> {
    const { job, cancel } = attempt;
    const { gate, blobs, onFault } = this.#parts;
    let memory: Disposable | undefined;
    try {
      memory = gate?.enter(job);
      const body = this.#bodyOfLast(job) ?? (await this.#untilDone(() => blobs.read(job.body), cancel.signal));
      this.#last = { hash: job.body.hash, body: new WeakRef(body) };
      // What was asked for before it stood in the list was not heard.
      if (this.#closing.signal.aborted || (await this.#isCancelled(job))) cancel.abort();
      attempt.run = this.#start(job, body, cancel.signal);
      attempt.isStarting = false;
      return await attempt.run.answer;
    } catch (error) {
      if (cancel.signal.aborted) return failure('INTERRUPTED', 'the job was cancelled before it was started');
      if (isStorageFault(error)) throw error;
      onFault(error);
      if (error instanceof EgressoError && FATAL.has(error.code)) return failure(error.code, error.message);
      return failure('INTERNAL', 'the job could not be started; the log has the reason');
    } finally {
      attempt.isStarting = false;
      attempt.run = undefined;
      memory?.[Symbol.dispose]();
    }
  }

  /** All items of a batch have the same; memory that is needed otherwise is given up. */
  #bodyOfLast({ body }: Job): SharedArrayBuffer | undefined {
    return this.#last?.hash === body.hash ? this.#last.body.deref() : undefined;
  }

  #start(job: Job, body: SharedArrayBuffer, signal: AbortSignal): Run {
    const { pool, events, now } = this.#parts;
    const { id, bodyType } = job;
    const deadline = job.deadline === null ? undefined : threadNow() + job.deadline - now();
    return pool.run(
      { ...operationOf(job), body, bodyType, answerType: JSON_TYPE, ...(deadline !== undefined && { deadline }) },
      { signal, keepsBest: true, progress: (progress) => events.publish(id, 'progress', progress) },
    );
  }

  async #isCancelled({ id }: Job): Promise<boolean> {
    return (await this.#untilDone(() => this.#parts.store.find(id)))?.cancelRequested === true;
  }

  async #finish(job: Job, answer: Answer): Promise<Job | null> {
    const { store, blobs, now, onFault } = this.#parts;
    const end = { endedAt: now(), plan: null, summary: null, fault: null } satisfies Outcome;
    if (!answer.ok) {
      const { code, message, errors, errorCount, stack } = answer;
      if (stack !== undefined) onFault(Object.assign(new Error(`job ${job.id}: ${code}: ${message}`), { stack }));
      return store.finish(job, { ...end, fault: { code, message, errors, errorCount } });
    }
    if (answer.names !== undefined) return store.split(job, answer.names, end.endedAt);
    const { hash, size, ...held } = await blobs.write('plan', [new Uint8Array(answer.body)]);
    try {
      return await store.finish(job, { ...end, plan: { hash, size }, summary: answer.summary ?? null });
    } finally {
      held[Symbol.dispose]();
      await blobs.discard(hash);
    }
  }

  /**
   * While the disk is full an answer is kept in memory, and no other job takes its place. `signal` ends the trying; without
   * one it goes on for some seconds when the process closes.
   */
  async #untilDone<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const isOver = signal?.aborted ?? performance.now() > this.#giveUpAt;
        if (!isStorageFault(error) || isOver) throw error;
        this.#parts.onFault(error);
        await delay(RETRY_MS, undefined, { ...(signal && { signal }) }).catch(() => {});
      }
    }
  }
}

function operationOf({ operation, item, body }: Job): Pick<TaskRequest, 'operation' | 'item' | 'batch'> {
  if (operation === 'batch') return { operation: 'split' };
  return item === null ? { operation: 'solve' } : { operation: 'vary', item, batch: body.hash };
}
