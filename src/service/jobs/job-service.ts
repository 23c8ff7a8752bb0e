/** Jobs as the routes see them: accepted, looked at, cancelled, forgotten. */
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { EgressoError } from '../../errors.ts';
import { BusyError } from '../admission/busy-error.ts';
import type { Answer, RunProgress } from '../task.ts';
import { hasEnded, type Job, type JobDraft, type JobState, type StoredBytes } from './job.ts';
import { JobCancels } from './job-cancels.ts';
import type { JobEvents } from './job-events.ts';
import type { JobRunner } from './job-runner.ts';
import type { BlobStore, HeldBytes, ItemCounts, JobQuery, JobStore, LiveCounts, Submission } from './job-store.ts';

export interface JobServiceOptions {
  readonly store: JobStore;
  readonly blobs: BlobStore;
  /** Fed by the service and its runner. */
  readonly events: JobEvents;
  readonly runner: (onChange: (job: Job) => void) => JobRunner;
  /** Time that a job is kept after its end, ms. */
  readonly retentionMs: number;
  readonly onFault: (error: unknown) => void;
  /** Resolves when the store can be reached; it is waited for a while. */
  readonly reachable?: Promise<unknown>;
  /** After runner and store. */
  readonly onClose?: () => Promise<void>;
  /** Told of every job that is accepted, starts or ends. */
  readonly onChange: (job: Job) => void;
  /** Told how many items came into a state with their batch. */
  readonly onItems: (state: JobState, count: number) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** What a client says of a job, besides its body. */
export type JobOrder = Omit<JobDraft, 'body' | 'createdAt' | 'batch' | 'item' | 'name'>;

/** Not an item of a batch. */
const ALONE = { batch: null, item: null, name: null } as const;

const REACHABLE_MS = 5000;
/** Of deadlines, and of cancels that could not be written. */
const LOOK_INTERVAL_MS = 250;
const SWEEP_INTERVAL_MS = 30_000;
/** Weight of the newest job in the mean of how long they run. */
const NEWEST = 0.2;
const LONGEST_RETRY_SECONDS = 60;

export class JobService {
  readonly events: JobEvents;
  /** Also where the store was not reached in time: it may be later. */
  readonly whenReady: Promise<void>;
  readonly #options: JobServiceOptions;
  readonly #now: () => number;
  readonly #runner: JobRunner;
  readonly #cancels: JobCancels;
  readonly #timers: NodeJS.Timeout[];
  readonly #closing = new AbortController();
  #stopped: Promise<void> | undefined;
  #arrivingBytes = 0;
  #meanRunMs = 0;

  constructor(options: JobServiceOptions) {
    const { events, runner, now = Date.now } = options;
    this.#options = options;
    this.#now = now;
    this.events = events;
    this.#runner = runner((job) => this.#changed(job));
    const { store, onItems } = options;
    this.#cancels = new JobCancels({
      ...{ store, runner: this.#runner, now, onItems },
      onCancel: (job) => (hasEnded(job) ? this.#changed(job) : events.publish(job.id, 'state', job)),
    });
    this.#timers = [
      setInterval(() => this.#attempt(() => this.#cancels.retry()), LOOK_INTERVAL_MS),
      setInterval(() => this.#attempt(() => this.#failOverdue()), LOOK_INTERVAL_MS),
      setInterval(() => this.#attempt(() => this.#sweep()), SWEEP_INTERVAL_MS),
    ];
    const tooLong = delay(REACHABLE_MS, undefined, { ref: false });
    this.whenReady = Promise.race([options.reachable, options.reachable && tooLong]).then(() =>
      this.#attempt(() => this.#sweep()),
    );
  }

  /** Aborts when the service closes: whoever listens has to leave. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Whether the job would be accepted if its body were here. Errors: of `JobStore.expect`. */
  async expect(order: JobOrder, bodyBytes: number): Promise<void> {
    await this.#orComeAgain(this.#options.store.expect(order, this.#arrivingBytes + bodyBytes));
  }

  /** Durable when it resolves. Errors: of `JobStore.submit`, and of `body`. */
  submit(order: JobOrder, body: AsyncIterable<Uint8Array>): Promise<Submission> {
    return this.#orComeAgain(this.#submit(order, body));
  }

  async #submit(order: JobOrder, body: AsyncIterable<Uint8Array>): Promise<Submission> {
    const { store, blobs } = this.#options;
    const { hash, size, ...held } = await this.#write(body);
    try {
      const submission = await store.submit({ ...order, ...ALONE, body: { hash, size }, createdAt: this.#now() });
      if (submission.isNew) this.#changed(submission.job);
      return submission;
    } finally {
      held[Symbol.dispose]();
      await blobs.discard(hash);
      this.#runner.wake();
    }
  }

  /** What is arriving counts for those who come meanwhile. */
  async #write(body: AsyncIterable<Uint8Array>): Promise<HeldBytes> {
    let arrived = 0;
    const count = (bytes: number): void => {
      arrived += bytes;
      this.#arrivingBytes += bytes;
    };
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of body) {
        count(chunk.byteLength);
        yield chunk;
      }
    }
    return this.#options.blobs.write('body', counted()).finally(() => count(-arrived));
  }

  /** A line that is full moves as soon as a job has ended. */
  async #orComeAgain<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof EgressoError) || error.code !== 'SERVICE_BUSY') throw error;
      const seconds = Math.ceil(this.#meanRunMs / 1000);
      throw new BusyError(error.code, error.message, Math.min(LONGEST_RETRY_SECONDS, Math.max(1, seconds)));
    }
  }

  find(id: string): Promise<Job | null> {
    return this.#options.store.find(id);
  }

  list(query: JobQuery): Promise<Job[]> {
    return this.#options.store.list(query);
  }

  queuePlace(id: string): Promise<number | null> {
    return this.#options.store.queuePlace(id);
  }

  /** How far a running job has come; null where it has not told. */
  progress(id: string): RunProgress | null {
    return this.events.progress(id)?.data ?? null;
  }

  /** As `JobCancels.cancel`. */
  cancel(id: string): Promise<Job | null> {
    return this.#cancels.cancel(id);
  }

  counts(): Promise<LiveCounts> {
    return this.#options.store.counts();
  }

  itemCounts(batch: string): Promise<ItemCounts> {
    return this.#options.store.itemCounts(batch);
  }

  endedItems(batch: string, after: number, limit: number): Promise<Job[]> {
    return this.#options.store.endedItems(batch, after, limit);
  }

  plan(plan: StoredBytes): Promise<Readable> {
    return this.#options.blobs.stream(plan);
  }

  readPlan(plan: StoredBytes): Promise<SharedArrayBuffer> {
    return this.#options.blobs.read(plan);
  }

  bestPlan(id: string): Promise<Answer | null> {
    return this.#runner.bestPlan(id);
  }

  /** Runs no more, and puts back in line what runs. Requests that have begun may still read and write. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#closing.abort();
    this.#stopped ??= this.#runner.close();
    await this.#stopped;
  }

  /** After the last request. */
  async close(): Promise<void> {
    await this.stop();
    await this.#options.store.close();
    await this.#options.onClose?.();
  }

  #changed(job: Job): void {
    this.events.publish(job.id, 'state', job);
    if (job.itemCount !== null && !hasEnded(job)) {
      // Of a batch that was split it was told before that it runs.
      this.#options.onItems('queued', job.itemCount);
      return;
    }
    this.#options.onChange(job);
    if (!hasEnded(job)) return;
    const { startedAt, endedAt, operation } = job;
    if (operation === 'solve' && startedAt !== null && endedAt !== null) {
      this.#meanRunMs += NEWEST * (endedAt - startedAt - this.#meanRunMs);
    }
    if (job.batch !== null) this.#attempt(() => this.#itemEnded(job));
    // One that has failed before all its items were made.
    if (operation === 'batch') this.#attempt(() => this.#cancels.endItems(job.id));
    this.#attempt(() => this.#options.blobs.discard(job.body.hash));
  }

  /** A batch ends with its last item. */
  async #itemEnded({ batch: id, endedSeq }: Job): Promise<void> {
    const batch = await this.find(id as string);
    if (batch === null) return;
    if (hasEnded(batch) && endedSeq === batch.itemCount) this.#changed(batch);
    else this.events.publish(batch.id, 'state', batch);
  }

  async #failOverdue(): Promise<void> {
    for (;;) {
      const failed = await this.#options.store.failOverdue(this.#now());
      for (const job of failed) this.#changed(job);
      if (failed.length === 0) return;
    }
  }

  async #sweep(): Promise<void> {
    const { store, blobs, retentionMs } = this.#options;
    for (;;) {
      const { count, hashes } = await store.removeEnded(this.#now() - retentionMs);
      for (const hash of hashes) await blobs.discard(hash);
      if (count === 0) return;
    }
  }

  /** What fails is tried again at its next turn. */
  #attempt(work: () => Promise<void>): void {
    work().catch(this.#options.onFault);
  }
}
