import { resolve } from 'node:path';
import { Command } from 'commander';
import { count, hours, megabytes, port, seconds } from './arguments.ts';
import { readKeys } from './key-file.ts';
import { serveReport } from './serve-report.ts';
import { type Session, write } from './session.ts';

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly keys?: string;
  readonly threads?: number;
  readonly queue: number;
  readonly bodyLimit?: number;
  readonly memory?: number;
  readonly requestTimeout?: number;
  readonly maxTimeLimit?: number;
  readonly jobQueue?: number;
  readonly jobThreads?: number;
  readonly retention?: number;
  readonly diskQuota?: number;
  readonly data: string;
  readonly redis?: string;
}

export function serveCommand(session: Session): Command {
  return new Command('serve')
    .description('Run the HTTP service until it is interrupted.')
    .option('--host <host>', 'address to listen on; others than this machine need keys', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes any free one', port, 8080)
    .option('--redis <url>', 'jobs are in this Redis, and run by workers; EGRESSO_REDIS_URL says it too')
    .option('--keys <file>', 'bearer keys, a JSON list; or the list itself in EGRESSO_KEYS')
    .option('--threads <count>', 'worker threads (default: one less than there are cores)', count)
    .option('--queue <count>', 'requests that may wait for a thread', count, 16)
    .option('--body-limit <megabytes>', 'largest body (default: 512 MiB; of JSON 16 MiB)', megabytes)
    .option('--memory <megabytes>', 'for all requests together (default: most of the machine)', megabytes)
    .option('--request-timeout <seconds>', 'for a request to arrive (default: 60)', seconds)
    .option('--max-time-limit <seconds>', 'longest time limit that may be asked for (default: 600)', seconds)
    .option('--job-queue <count>', 'jobs that may wait (default: 10000)', count)
    .option('--job-threads <count>', 'threads that jobs may have at one time (default: all)', count)
    .option('--retention <hours>', 'how long an ended job is kept (default: 168)', hours)
    .option('--disk-quota <megabytes>', 'of jobs and plans; beyond it no job is accepted (default: 10 GiB)', megabytes)
    .option('--data <dir>', 'where jobs are kept; EGRESSO_DATA says it too', process.env.EGRESSO_DATA ?? 'egresso-data')
    .action((flags: ServeFlags) => serve(flags, session));
}

async function serve(flags: ServeFlags, session: Session): Promise<void> {
  const interrupted = Promise.withResolvers<void>();
  // From the start: an interrupt while the threads load ends in an orderly way too.
  const listening = session.onInterrupt(() => interrupted.resolve());
  try {
    // Loaded here: no other command needs the HTTP stack.
    const { startServer } = await import('../service/server.ts');
    const redisUrl = flags.redis ?? (process.env.EGRESSO_REDIS_URL || undefined);
    const keys = await readKeys(flags.keys, process.env.EGRESSO_KEYS);
    const server = await startServer({
      host: flags.host,
      port: flags.port,
      jobs: {
        dataDirectory: flags.data,
        redisUrl,
        queuedJobs: flags.jobQueue,
        jobThreads: flags.jobThreads,
        retentionMs: flags.retention,
        diskBytes: flags.diskQuota,
      },
      keys,
      ...(flags.threads !== undefined && { threads: flags.threads }),
      queueLimit: flags.queue,
      bodyLimit: flags.bodyLimit,
      memoryBytes: flags.memory,
      requestTimeoutMs: flags.requestTimeout,
      maxTimeLimitMs: flags.maxTimeLimit,
    });
    const places = {
      url: server.url,
      jobs: redisUrl ?? resolve(flags.data),
      hasKeys: keys !== undefined,
      jobsFault: server.jobsFault?.message,
    };
    await write(session.stdout, serveReport(places));
    await interrupted.promise;
    await server.close();
  } finally {
    listening[Symbol.dispose]();
  }
}
