import { Command } from 'commander';
import { EgressoError } from '../errors.ts';
import { count, megabytes, port, seconds } from './arguments.ts';
import { type Session, write } from './session.ts';

/** Of an end in order. */
const END_LIMIT_MS = 12_000;

interface WorkerFlags {
  readonly redis?: string;
  readonly threads?: number;
  readonly memory?: number;
  readonly metricsHost: string;
  readonly metricsPort?: number;
  readonly maxTimeLimit?: number;
}

export function workerCommand(session: Session): Command {
  return new Command('worker')
    .description('Run the jobs that services with the same Redis have accepted, until it is interrupted.')
    .option('--redis <url>', 'where jobs are; EGRESSO_REDIS_URL says it too')
    .option('--threads <count>', 'jobs that run at one time (default: one less than there are cores)', count)
    .option('--memory <megabytes>', 'for all jobs together (default: most of the machine)', megabytes)
    .option('--metrics-port <port>', 'port that answers /metrics and /health/ready; 0 takes any free one', port)
    .option('--metrics-host <host>', 'address of that port', '127.0.0.1')
    .option('--max-time-limit <seconds>', 'longest time limit that a job may ask for (default: 600)', seconds)
    .action((flags: WorkerFlags) => work(flags, session));
}

async function work(flags: WorkerFlags, session: Session): Promise<void> {
  const { redis = process.env.EGRESSO_REDIS_URL, threads, memory, metricsHost, metricsPort } = flags;
  if (!redis) throw new EgressoError('USAGE', 'a worker needs a Redis: set --redis or EGRESSO_REDIS_URL');
  const interrupted = Promise.withResolvers<void>();
  const listening = session.onInterrupt(() => interrupted.resolve());
  try {
    const { startWorker } = await import('../service/worker-process.ts');
    const worker = await startWorker({
      ...{ redisUrl: redis, threads, memoryBytes: memory, maxTimeLimitMs: flags.maxTimeLimit },
      metrics: metricsPort === undefined ? undefined : { host: metricsHost, port: metricsPort },
    });
    const metrics = worker.metricsUrl === null ? '' : `  metrics    ${worker.metricsUrl}/metrics\n`;
    await write(session.stdout, `egresso worker runs ${worker.threads} jobs at one time\n${metrics}`);
    await interrupted.promise;
    endInTime();
    await worker.close();
  } finally {
    listening[Symbol.dispose]();
  }
}

/** Whatever still waits for a Redis that is away: nothing is lost with it, as another worker takes up what ran. */
function endInTime(): void {
  setTimeout(() => {
    process.stderr.write('egresso: not all was closed in time; what ran is taken up by another worker\n', () =>
      process.exit(0),
    );
  }, END_LIMIT_MS).unref();
}
