/** Runs jobs that were claimed, and writes down how they ended. */
import { setTimeout as delay } from 'node:timers/promises';
import { EgressoError } from '../../errors.ts';
import { JSON_TYPE } from '../media-type.ts';
import type { SolverPool } from '../pool.ts';
import { failure, type Run } from '../run.ts';
import type { Answer, TaskRequest } from '../task.ts';
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

interface Running {
  readonly cancel: AbortController;
  /** Undefined while its body is read. */
  run?: Run;
}

const RETRY_MS = 1000;
/** Of a job that can never be started. */
const FATAL: ReadonlySet<string> = new Set(['JOB_DATA_LOST', 'BODY_TOO_LARGE']);

export class JobExecutor {
  readonly #parts: ExecutorParts;
  readonly #running = new Map<string, Running>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #starting = 0;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  /** Jobs that have not ended. */
  get count(): number {
    return this.#tasks.size;
  }

  /** Those of them that the pool does not know yet. */
  get startingCount(): number {
    return this.#starting;
  }

  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Of the jobs that have not ended. */
  get ids(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Resolves when the job has ended, or was put back in line. Never rejects. */
  perform(job: Job): Promise<void> {
    this.#starting++;
    const task = this.#perform(job)
      .catch((error) => this.#parts.onFault(error))
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
    return task;
  }

  /** Asks a run to end with what it has. */
  cancel(id: string): void {
    this.#running.get(id)?.cancel.abort();
  }

  /** The plan of the best choice so far; null where the job does not run. */
  async bestPlan(id: string): Promise<Answer | null> {
    return (await this.#running.get(id)?.run?.bestPlan()) ?? null;
  }

  /** Puts what runs back in line. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { cancel } of this.#running.values()) cancel.abort();
    await Promise.all(this.#tasks);
  }

  async #perform(job: Job): Promise<void> {
    const { onChange } = this.#parts;
    onChange(job);
    const answer = await this.#run(job);
    const isBroken = this.#closing.signal.aborted && (!answer.ok || answer.summary?.stopped === 'cancelled');
    // Ended by our own close, not by its client: the next process goes on with it.
    if (isBroken && !(await this.#isCancelled(job))) return this.#release(job);
    const ended = await this.#untilDone(() => this.#finish(job, answer));
    if (ended !== null) onChange(ended);
  }

  async #release(job: Job): Promise<void> {
    await this.#parts.store.release(job);
    const released = await this.#parts.store.find(job.id);
    if (released !== null) this.#parts.onChange(released);
  }

  async #run(job: Job): Promise<Answer> {
    const running: Running = { cancel: new AbortController() };
    this.#running.set(job.id, running);
    let memory: Disposable | undefined;
    try {
      memory = this.#parts.gate?.enter(job);
      const body = await this.#untilDone(() => this.#parts.blobs.read(job.body), running.cancel.signal);
      // What was asked for before it stood in the list was not heard.
      if (this.#closing.signal.aborted || (await this.#isCancelled(job))) running.cancel.abort();
      const run = this.#start(job, body, running.cancel.signal);
      running.run = run;
      this.#starting--;
      return await run.answer;
    } catch (error) {
      this.#starting--;
      if (running.cancel.signal.aborted) return failure('INTERRUPTED', 'the job was cancelled before it was started');
      this.#parts.onFault(error);
      if (error instanceof EgressoError && FATAL.has(error.code)) return failure(error.code, error.message);
      return failure('INTERNAL', 'the job could not be started; the log has the reason');
    } finally {
      this.#running.delete(job.id);
      memory?.[Symbol.dispose]();
    }
  }

  #start(job: Job, body: SharedArrayBuffer, signal: AbortSignal): Run {
    const { pool, events } = this.#parts;
    const { id, bodyType, deadline } = job;
    return pool.run(
      { ...operationOf(job), body, bodyType, answerType: JSON_TYPE, ...(deadline !== null && { deadline }) },
      { signal, keepsBest: true, progress: (progress) => events.publish(id, 'progress', progress) },
    );
  }

  async #isCancelled({ id }: Job): Promise<boolean> {
    return (await this.#parts.store.find(id))?.cancelRequested === true;
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

  /** While the disk is full an answer is kept in memory, and no other job takes its place. `signal` ends the trying. */
  async #untilDone<T>(work: () => Promise<T>, signal = this.#closing.signal): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isStorageFault(error) || signal.aborted) throw error;
        this.#parts.onFault(error);
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }
}

function operationOf({ operation, item }: Job): Pick<TaskRequest, 'operation' | 'item'> {
  if (operation === 'batch') return { operation: 'split' };
  return item === null ? { operation: 'solve' } : { operation: 'vary', item };
}
