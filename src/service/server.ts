/** Starts the service: threads first, then the port. */
import { availableParallelism } from 'node:os';
import type { FastifyInstance } from 'fastify';
import { EgressoError } from '../errors.ts';
import { isLoopback } from '../http/access/loopback.ts';
import { checkThreads } from './admission/memory-budget.ts';
import { type AppOptions, buildService } from './app.ts';
import { SolverPool } from './pool.ts';

export interface ServerOptions extends AppOptions {
  /** Only this machine can reach the default, 127.0.0.1; another address needs keys. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** Worker threads; one core is left to HTTP by default. */
  readonly threads?: number;
  /** Requests that may wait beyond those that run; more are answered with 503. */
  readonly queueLimit?: number;
  /** The longest time limit that a request or a job may ask for, ms; ten minutes by default. */
  readonly maxTimeLimitMs?: number | undefined;
}

export interface RunningServer {
  /** Where it listens, such as http://127.0.0.1:8080. */
  readonly url: string;
  /** Why jobs are refused at the start; null where they are not. */
  readonly jobsFault: EgressoError | null;
  /** Takes no more requests, ends those in flight, and resolves when everything is closed. */
  close(): Promise<void>;
}

/** Errors: USAGE where others could reach it without a key, or there is no memory for so many threads; SERVICE_UNAVAILABLE where the port cannot be had or no worker thread starts. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8080, queueLimit = 16 } = options;
  const { threads = Math.max(1, availableParallelism() - 1) } = options;
  checkThreads(threads);
  if (options.keys === undefined && !(await isLoopback(host))) throw open(host);
  let app: FastifyInstance | undefined;
  const pool = new SolverPool({
    threads,
    queueLimit,
    maxTimeLimitMs: options.maxTimeLimitMs,
    onThreadError: (error) => app?.log.error(error),
  });
  try {
    await pool.whenReady();
    const service = await buildService(pool, options);
    app = service.app;
    const url = await app.listen({ host, port });
    return { url, jobsFault: service.jobs.fault, close: () => service.app.close() };
  } catch (error) {
    await (app?.close() ?? pool.close());
    if (error instanceof EgressoError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new EgressoError('SERVICE_UNAVAILABLE', `the service cannot listen on ${host} port ${port}: ${reason}`);
  }
}

function open(host: string): EgressoError {
  const message = `without keys the service listens on this machine only, not on ${JSON.stringify(host)}: set EGRESSO_KEYS or --keys`;
  return new EgressoError('USAGE', message);
}
