/** A process that runs the jobs of a Redis, and takes no requests but of those who watch it. */
import { availableParallelism } from 'node:os';
import { type Logger, pino } from 'pino';
import { Admission } from './admission/admission.ts';
import { JobAdmission } from './admission/job-admission.ts';
import { checkThreads, memoryBudget } from './admission/memory-budget.ts';
import { logJob } from './jobs/job-log.ts';
import { openWorker } from './jobs/open-jobs.ts';
import { type MetricsServer, serveMetrics, type WatchPlace } from './metrics/metrics-server.ts';
import { SolverMetrics } from './metrics/solver-metrics.ts';
import { SolverPool } from './pool.ts';

export interface WorkerOptions {
  /** Such as redis://127.0.0.1:6379. */
  readonly redisUrl: string;
  /** Jobs that run at one time; one core is left to the queue by default. */
  readonly threads?: number | undefined;
  /** Memory that the jobs together may take, as estimated, bytes; by default most of what the machine has. */
  readonly memoryBytes?: number | undefined;
  /** Where metrics are told; nowhere by default. */
  readonly metrics?: WatchPlace | undefined;
  /** The longest time limit that a job may ask for, ms; ten minutes by default. */
  readonly maxTimeLimitMs?: number | undefined;
  readonly logger?: Logger;
}

export interface RunningWorker {
  readonly threads: number;
  /** Where metrics are told, such as http://127.0.0.1:9464; null where they are not. */
  readonly metricsUrl: string | null;
  /** Puts what runs back in line, and resolves when everything is closed. */
  close(): Promise<void>;
}

/** Errors: USAGE where there is no memory for so many threads; SERVICE_UNAVAILABLE where no thread starts, or the port of the metrics cannot be had. */
export async function startWorker({ redisUrl, ...options }: WorkerOptions): Promise<RunningWorker> {
  const { threads = Math.max(1, availableParallelism() - 1), logger = pino({}, process.stderr) } = options;
  checkThreads(threads);
  const { memoryBytes = memoryBudget(threads) } = options;
  const onFault = (error: unknown): void => logger.error(error, 'jobs');
  const { maxTimeLimitMs } = options;
  const pool = new SolverPool({ threads, queueLimit: 0, maxTimeLimitMs, onThreadError: onFault });
  const admission = new Admission({ takePlace: () => pool.admit(), threads, memoryBytes });
  const metrics = new SolverMetrics(pool, admission);
  let server: MetricsServer | undefined;
  try {
    await pool.whenReady();
    const jobs = openWorker(pool, redisUrl, {
      onFault,
      gate: new JobAdmission(admission, undefined),
      onChange(job) {
        logJob(logger, job);
        metrics.jobChanged(job);
      },
      onItems: (state, count) => metrics.jobChanged({ operation: 'solve', state }, count),
    });
    const isReady = async (): Promise<boolean> => {
      const counts = await jobs.counts().catch(() => null);
      return pool.isReady && counts !== null;
    };
    try {
      if (options.metrics !== undefined) server = await serveMetrics(metrics, isReady, options.metrics);
    } catch (error) {
      await jobs.close();
      throw error;
    }
    await jobs.whenReady;
    return {
      threads,
      metricsUrl: server?.url ?? null,
      async close() {
        await jobs.close();
        await Promise.all([pool.close(), server?.close()]);
      },
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}
