/**
 * Runs the jobs that BullMQ gives to this process. BullMQ sees to it that a job is with one process at a time, as far as
 * that can be known; the attempt, a fencing token, that it ends once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Job as BullJob, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Answer } from '../../task.ts';
import type { Job } from '../job.ts';
import { type ExecutorParts, JobExecutor } from '../job-executor.ts';
import type { JobRunner } from '../job-runner.ts';
import { isStorageFault } from '../storage-fault.ts';
import { PREFIX, settled } from './connection.ts';
import { listenForControl } from './control-channel.ts';
import { QUEUE_NAME } from './outbox.ts';
import type { RedisJobStore } from './redis-job-store.ts';

export interface BullRunnerParts extends ExecutorParts {
  readonly store: RedisJobStore;
  readonly redis: Redis;
  readonly subscriber: Redis;
  /** Of its own; its copies end with it. */
  readonly patient: Redis;
  readonly now: () => number;
}

/** A process that does not renew its lock for so long has lost its jobs. Renewed twice in that time, off the solving threads. */
const LOCK_MS = 10_000;
const STALLED_INTERVAL_MS = 5000;
/** Our own count of losses is the cap. */
const NO_CAP = 1_000_000;
const RETRY_MS = 1000;
const LOOK_INTERVAL_MS = 1000;
const LAST_WORDS_MS = 2000;

export class BullRunner implements JobRunner {
  readonly #parts: BullRunnerParts;
  readonly #executor: JobExecutor;
  readonly #worker: Worker;
  readonly #timer: NodeJS.Timeout;
  /** Attempts that another process took over though this one lives. */
  readonly #superseded = new WeakSet<Job>();

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
    this.#timer = setInterval(() => void this.#lookAfter().catch(() => {}), LOOK_INTERVAL_MS);
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
    const { patient, onFault } = this.#parts;
    await settled(this.#worker, patient);
    const closed = this.#worker.close(patient.status !== 'ready').catch(onFault);
    await this.#executor.close();
    // Without Redis it would wait for ever to say how its jobs ended: their locks end by themselves.
    await Promise.race([closed, delay(LAST_WORDS_MS, undefined, { ref: false })]);
  }

  /**
   * What returns is forgotten by BullMQ; what throws WaitingError it leaves as it is. A job that is not in line then stays
   * locked until nobody renews its lock, and is given to another process.
   */
  async #process(bull: BullJob, token = ''): Promise<void> {
    const id = bull.id as string;
    // Its lock was lost for want of Redis, its run was not.
    await this.#executor.ended(id);
    await this.#untilThereIsRoom(id);
    const job = await this.#claim(id, token);
    if (job === null) return;
    const end = await this.#executor.perform(job);
    if (end === 'ended') return;
    if (end === 'released') await bull.moveToWait(token).catch(this.#parts.onFault);
    throw new WaitingError();
  }

  /** For the memory that a job takes. What would never fit begins, and fails with a reason. */
  async #untilThereIsRoom(id: string): Promise<void> {
    const { gate, store } = this.#parts;
    if (gate === undefined) return;
    while (!this.#executor.isClosing) {
      const job = await store.find(id).catch(this.#parts.onFault);
      if (job === null || (job && gate.verdict(job) === 'begin')) return;
      await delay(RETRY_MS);
    }
  }

  /** Null where there is nothing to run. */
  async #claim(id: string, token: string): Promise<Job | null> {
    for (;;) {
      try {
        const { job, ended } = await this.#parts.store.claim(id, token, this.#parts.now());
        if (ended !== null) this.#parts.onChange(ended);
        return job;
      } catch (error) {
        this.#parts.onFault(error);
        // Whether it was claimed nobody knows.
        if (this.#executor.isClosing || !isStorageFault(error)) throw new WaitingError();
        await delay(RETRY_MS);
      }
    }
  }

  /** What was asked for while there was no connection; and what another process was given meanwhile. */
  async #lookAfter(): Promise<void> {
    for (const own of this.#executor.jobs) {
      const job = await this.#parts.store.find(own.id);
      const isOurs = job?.state === 'running' && job.attempt === own.attempt;
      if (!isOurs || job.cancelRequested) this.#executor.cancel(own.id);
      if (isOurs || this.#superseded.has(own)) continue;
      this.#superseded.add(own);
      await this.#parts.store.survived(own);
    }
  }
}
