/** Builds the HTTP service on a pool of worker threads; `server.ts` listens. */
import Fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import { answerClientError, answerFaults } from './faults.ts';
import { JobAccess, type JobOptions } from './jobs/open-jobs.ts';
import { MEDIA_TYPES } from './media-type.ts';
import { trackMethods } from './methods.ts';
import { describeApi } from './openapi.ts';
import type { SolverPool } from './pool.ts';
import { asEgressoError } from './problem.ts';
import { batchRoutes } from './routes/batches.ts';
import { gapRoute } from './routes/gap.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { solveRoute } from './routes/solve.ts';
import { validateRoute } from './routes/validate.ts';
import { sendProblem } from './send-problem.ts';

export interface AppOptions {
  /** Pino options, or false; by default requests are logged to stderr. Bodies are never logged. */
  readonly logger?: FastifyServerOptions['logger'];
  /** Largest body, bytes. */
  readonly bodyLimit?: number;
  /** Time for a whole request to arrive, ms; a solve may take longer. */
  readonly requestTimeoutMs?: number;
  /** Time for the header fields to arrive, ms. */
  readonly headersTimeoutMs?: number;
  /** Time that an idle connection is kept, ms. */
  readonly keepAliveTimeoutMs?: number;
  /** Time that requests in flight are given when the service closes, ms; then they are cancelled. */
  readonly closeGraceMs?: number;
  /** Where jobs are kept, and for how long; without it there are none. */
  readonly jobs?: JobOptions | undefined;
}

const MEBIBYTE = 2 ** 20;
/** Time that the last answers are given to leave when the service closes. */
const LAST_BYTES_MS = 2000;

/** The app owns the pool from now on: closing one closes the other. */
export async function buildApp(pool: SolverPool, options: AppOptions = {}): Promise<FastifyInstance> {
  const { headersTimeoutMs = 15_000, closeGraceMs = 10_000, bodyLimit = 64 * MEBIBYTE } = options;
  const app = Fastify({
    logger: options.logger ?? { level: 'info', stream: process.stderr },
    // One line a request, at its end, instead of two.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestTimeout: options.requestTimeoutMs ?? 60_000,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 60_000,
    // No `connectionTimeout`: it would cut off a client that waits for its plan.
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: 1000 },
    // Its 503 is no problem document; the pool refuses requests when it closes.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => sendProblem(reply, asEgressoError(error)),
    clientErrorHandler: answerClientError,
  });

  // Bodies stay streams of bytes on this thread, and are validated where they are decoded: nothing is coerced or dropped.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...MEDIA_TYPES], (_request, body, done) => done(null, body));
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));

  answerFaults(app);
  const refuseOtherMethods = trackMethods(app);
  await describeApi(app);
  const jobs = new JobAccess(pool, { onFault: (error) => app.log.error(error, 'jobs'), ...options.jobs });
  app.route(solveRoute(pool, jobs, bodyLimit));
  for (const route of [...jobRoutes(jobs, pool, bodyLimit), ...batchRoutes(jobs, bodyLimit)]) app.route(route);
  app.route(gapRoute(pool, bodyLimit));
  app.route(validateRoute(pool, bodyLimit));
  for (const route of healthRoutes(pool)) app.route(route);
  refuseOtherMethods();

  app.addHook('onResponse', async ({ log, method, url }, { statusCode, elapsedTime }) => {
    log.info({ method, url, statusCode, elapsedMs: elapsedTime }, 'request');
  });
  app.addHook('preClose', async () => {
    // Jobs go on in the next process; requests in flight are given time.
    await jobs.close();
    await pool.drain(closeGraceMs);
    // A connection that has sent no request yet, or never ends its request, would keep the server from closing.
    const timer = setTimeout(() => app.server.closeAllConnections(), LAST_BYTES_MS);
    app.server.once('close', () => clearTimeout(timer));
  });
  app.addHook('onClose', () => pool.close());
  await jobs.whenReady();
  await app.ready();
  return app;
}
