/**
 * Runs the jobs that BullMQ gives to this process. BullMQ sees to it that a job is with one process at a time, as far as
 * that can be known; the attempt, a fencing token, that it ends once.
 */
import { type Job as BullJob, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Answer } from '../../task.ts';
import type { Job } from '../job.ts';
import { type ExecutorParts, JobExecutor } from '../job-executor.ts';
import type { JobRunner } from '../job-runner.ts';
import { PREFIX } from './connection.ts';
import { listenForControl } from './control-channel.ts';
import { QUEUE_NAME } from './outbox.ts';
import type { RedisJobStore } from './redis-job-store.ts';

export interface BullRunnerParts extends ExecutorParts {
  readonly store: RedisJobStore;
  readonly redis: Redis;
  readonly subscriber: Redis;
  /** Of its own. */
  readonly patient: Redis;
  readonly now: () => number;
}

/** A process that does not renew its lock for so long has lost its jobs. Renewed twice in that time, off the solving threads. */
const LOCK_MS = 10_000;
const STALLED_INTERVAL_MS = 5000;
/** Our own count of losses is the cap. */
const NO_CAP = 1_000_000;
const RETRY_MS = 1000;
const CANCEL_POLL_MS = 1000;

export class BullRunner implements JobRunner {
  readonly #parts: BullRunnerParts;
  readonly #executor: JobExecutor;
  readonly #worker: Worker;
  readonly #timer: NodeJS.Timeout;

  constructor(parts: BullRunnerParts) {
    this.#parts = parts;
    this.#executor = new JobExecutor(parts);
    listenForControl(parts.redis, parts.subscriber, this);
    this.#worker = new Worker(QUEUE_NAME, (job, token) => this.#process(job, token), {
      connection: parts.patient,
      prefix: PREFIX,
      concurrency: parts.pool.threads,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_INTERVAL_MS,
      maxStalledCount: NO_CAP,
    });
    this.#worker.on('error', parts.onFault);
    this.#timer = setInterval(() => void this.#cancelMarked().catch(() => {}), CANCEL_POLL_MS);
  }

  wake(): void {}

  cancel(id: string): void {
    this.#executor.cancel(id);
  }

  bestPlan(id: string): Promise<Answer | null> {
    return this.#executor.bestPlan(id);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const closed = this.#worker.close();
    await this.#executor.close();
    await closed;
  }

  /** Throws nothing but what BullMQ asks for: a job that fails there is given to nobody any more. */
  async #process(bull: BullJob, token?: string): Promise<void> {
    const job = await this.#claim(bull.id as string);
    if (job === null) return;
    await this.#executor.perform(job);
    if (this.#executor.isClosing) await this.#giveBack(bull, token);
  }

  async #claim(id: string): Promise<Job | null> {
    for (;;) {
      try {
        const { job, ended } = await this.#parts.store.claim(id, this.#parts.now());
        if (ended !== null) this.#parts.onChange(ended);
        return job;
      } catch (error) {
        this.#parts.onFault(error);
        if (this.#executor.isClosing) return null;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** To the queue, where its job is in line again. */
  async #giveBack(bull: BullJob, token?: string): Promise<void> {
    const job = await this.#parts.store.find(bull.id as string).catch(() => null);
    if (job?.state !== 'queued') return;
    await bull.moveToWait(token);
    throw new WaitingError();
  }

  /** What was asked for while there was no connection. */
  async #cancelMarked(): Promise<void> {
    for (const id of this.#executor.ids) {
      const job = await this.#parts.store.find(id);
      if (job?.cancelRequested) this.#executor.cancel(id);
    }
  }
}
