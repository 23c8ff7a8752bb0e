/** Opens the data directory of jobs: a database and files, all of them below it. */
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { EgressoError } from '../../errors.ts';
import type { SolverPool } from '../pool.ts';
import { makeDirectory } from './data-directory.ts';
import { FileBlobs } from './file-blobs.ts';
import type { Job, JobState } from './job.ts';
import { JobEvents } from './job-events.ts';
import type { JobGate } from './job-gate.ts';
import { JobService } from './job-service.ts';
import type { LiveCounts } from './job-store.ts';
import { LocalRunner } from './local-runner.ts';
import { openRedisJobs, openRedisWorker } from './redis/open-redis-jobs.ts';
import { SqliteJobStore } from './sqlite-job-store.ts';
import { openDatabase } from './sqlite-schema.ts';
import { isStorageFault, storageFault } from './storage-fault.ts';

export interface JobOptions {
  /** Jobs are in this Redis, and other processes run them (`egresso worker`); the data directory is not used then. */
  readonly redisUrl?: string | undefined;
  /** Made where there is none. One process uses it at a time. Without one, every job is refused. */
  readonly dataDirectory?: string;
  /** Time that a job is kept after its end, ms. */
  readonly retentionMs?: number | undefined;
  /** Jobs that may wait. */
  readonly queuedJobs?: number | undefined;
  /** Threads that jobs may have at one time; all by default. */
  readonly jobThreads?: number | undefined;
  /** Bytes of bodies and plans beyond which no job is accepted. */
  readonly diskBytes?: number | undefined;
  /** Bytes of the disk that bodies leave free: without them no job could end. */
  readonly reserveBytes?: number;
  /** Times that the process may die while it runs a job. */
  readonly losses?: number;
  /** Memory for jobs that run in this process. */
  readonly gate?: JobGate;
  /** Told of faults that are nobody's request. */
  readonly onFault?: (error: unknown) => void;
  /** Told of every job that is accepted, starts or ends. */
  readonly onChange?: (job: Job) => void;
  /** Told how many items came into a state with their batch. */
  readonly onItems?: (state: JobState, count: number) => void;
}

const DAY_MS = 86_400_000;
const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** Limits and who is told, with their defaults. */
function sharedOf({ retentionMs = 7 * DAY_MS, queuedJobs = 10_000, losses = 5, ...told }: JobOptions) {
  const { onFault = () => {}, onChange = () => {}, onItems = () => {} } = told;
  return { retentionMs, queuedJobs, losses, onFault, onChange, onItems };
}

/** Errors: SERVICE_UNAVAILABLE where another process uses the directory; STORAGE_UNAVAILABLE. */
export function openJobs(pool: SolverPool, options: JobOptions): JobService {
  const { dataDirectory, redisUrl, diskBytes = 10 * GIBIBYTE, reserveBytes = 64 * MEBIBYTE } = options;
  const shared = sharedOf(options);
  if (redisUrl !== undefined) return openRedisJobs({ url: redisUrl, ...shared });
  if (!dataDirectory) throw new EgressoError('STORAGE_UNAVAILABLE', 'the service has no data directory');
  let database: DatabaseSync | undefined;
  try {
    makeDirectory(dataDirectory);
    database = openDatabase(join(dataDirectory, 'jobs.sqlite'));
    const store = new SqliteJobStore(database, { ...shared, diskBytes }, Date.now());
    const blobs = new FileBlobs(join(dataDirectory, 'blobs'), reserveBytes, (hash) => store.needs(hash));
    const events = new JobEvents(Date.now);
    const { gate, jobThreads = pool.threads } = options;
    const parts = { store, blobs, pool, events, onFault: shared.onFault, now: Date.now, ...(gate && { gate }) };
    const runner = (onChange: (job: Job) => void) => new LocalRunner({ ...parts, jobThreads, onChange });
    return new JobService({ ...shared, store, blobs, events, runner });
  } catch (error) {
    database?.close();
    throw storageFault(error);
  }
}

/** A process that runs jobs of others. */
export function openWorker(pool: SolverPool, url: string, options: JobOptions): JobService {
  const { gate } = options;
  return openRedisWorker(pool, { url, ...sharedOf(options), ...(gate && { gate }) });
}

const RETRY_MS = 5000;

/** Jobs as soon as their directory can be used: a disk that is full or read-only at the start may be mended. */
export class JobAccess {
  readonly #open: () => JobService;
  #jobs: JobService | undefined;
  #fault: EgressoError | undefined;
  #retryAt = 0;
  #isStopped = false;

  /** Errors: SERVICE_UNAVAILABLE where another process uses the directory. */
  constructor(pool: SolverPool, options: JobOptions) {
    this.#open = () => openJobs(pool, options);
    if (options.dataDirectory === undefined && options.redisUrl === undefined) return;
    try {
      this.#tryToOpen();
    } catch (error) {
      if (!isStorageFault(error)) throw error;
      options.onFault?.(error);
    }
  }

  /** Errors: STORAGE_UNAVAILABLE; SERVICE_UNAVAILABLE once it was stopped. */
  get(): JobService {
    if (this.#isStopped) throw new EgressoError('SERVICE_UNAVAILABLE', 'the service is closing');
    if (this.#jobs !== undefined) return this.#jobs;
    if (this.#fault !== undefined && performance.now() < this.#retryAt) throw this.#fault;
    return this.#tryToOpen();
  }

  /** Why jobs are refused now; null where they are not. */
  get fault(): EgressoError | null {
    return this.#jobs === undefined ? (this.#fault ?? null) : null;
  }

  /** Resolves when what can be opened is. */
  async whenReady(): Promise<void> {
    await this.#jobs?.whenReady;
  }

  /** Null where there are no jobs now. Errors: STORAGE_UNAVAILABLE. */
  async counts(): Promise<LiveCounts | null> {
    return (await this.#jobs?.counts()) ?? null;
  }

  /** Takes no more requests; those that have begun go on until `close`. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#jobs?.stop();
  }

  async close(): Promise<void> {
    await this.#jobs?.close();
  }

  #tryToOpen(): JobService {
    try {
      this.#jobs = this.#open();
      return this.#jobs;
    } catch (error) {
      if (!(error instanceof EgressoError)) throw error;
      this.#fault = error;
      this.#retryAt = performance.now() + RETRY_MS;
      throw error;
    }
  }
}
