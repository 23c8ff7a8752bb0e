/** A process that runs the jobs of a Redis, and takes no requests. */
import { availableParallelism } from 'node:os';
import { type Logger, pino } from 'pino';
import { openWorker } from './jobs/open-jobs.ts';
import { SolverPool } from './pool.ts';

export interface WorkerOptions {
  /** Such as redis://127.0.0.1:6379. */
  readonly redisUrl: string;
  /** Jobs that run at one time; one core is left to the queue by default. */
  readonly threads?: number | undefined;
  /** The longest time limit that a job may ask for, ms; ten minutes by default. */
  readonly maxTimeLimitMs?: number | undefined;
  readonly logger?: Logger;
}

export interface RunningWorker {
  readonly threads: number;
  /** Puts what runs back in line, and resolves when everything is closed. */
  close(): Promise<void>;
}

/** Errors: SERVICE_UNAVAILABLE where no thread starts. */
export async function startWorker({ redisUrl, ...options }: WorkerOptions): Promise<RunningWorker> {
  const { threads = Math.max(1, availableParallelism() - 1), logger = pino({}, process.stderr) } = options;
  const onFault = (error: unknown): void => logger.error(error, 'jobs');
  const pool = new SolverPool({
    threads,
    queueLimit: 0,
    maxTimeLimitMs: options.maxTimeLimitMs,
    onThreadError: onFault,
  });
  try {
    await pool.whenReady();
  } catch (error) {
    await pool.close();
    throw error;
  }
  const jobs = openWorker(pool, redisUrl, { onFault });
  await jobs.whenReady;
  return {
    threads,
    async close() {
      await jobs.close();
      await pool.close();
    },
  };
}
