/** Builds the HTTP service on a pool of worker threads; `server.ts` listens. */
import Fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import type { KeySet } from '../http/access/key-set.ts';
import { answerClientError } from '../http/client-error.ts';
import { asEgressoError } from '../http/problem.ts';
import { guard } from './access/guard.ts';
import { Admission } from './admission/admission.ts';
import { JobAdmission } from './admission/job-admission.ts';
import { memoryBudget } from './admission/memory-budget.ts';
import { docsPage } from './docs-page.ts';
import { answerFaults } from './faults.ts';
import { BODY_LIMITS, type BodyLimits, Intake } from './intake.ts';
import { logJob } from './jobs/job-log.ts';
import { JobAccess, type JobOptions } from './jobs/open-jobs.ts';
import { JSON_TYPE, MEDIA_TYPES, MSGPACK_TYPE } from './media-type.ts';
import { trackMethods } from './methods.ts';
import { ServiceMetrics } from './metrics/service-metrics.ts';
import { describeApi, openapiRoute } from './openapi.ts';
import type { SolverPool } from './pool.ts';
import { answerHeads } from './request-heads.ts';
import { tellRequests } from './request-log.ts';
import { batchRoutes } from './routes/batches.ts';
import { explainRoute } from './routes/explain.ts';
import { gapRoute } from './routes/gap.ts';
import { healthRoutes } from './routes/health.ts';
import { jobRoutes } from './routes/jobs.ts';
import { metricsRoute } from './routes/metrics.ts';
import { policyRoute } from './routes/policy.ts';
import { solveRoute } from './routes/solve.ts';
import { validateRoute } from './routes/validate.ts';
import { sendProblem } from './send-problem.ts';

export interface AppOptions {
  /** Pino options, or false; by default requests are logged to stderr. Bodies are never logged. */
  readonly logger?: FastifyServerOptions['logger'];
  /** Who may send requests; without keys everybody who reaches the service. */
  readonly keys?: KeySet | undefined;
  /** Largest body, bytes. */
  readonly bodyLimit?: number | undefined;
  /** Largest body that is JSON, bytes. */
  readonly jsonBodyLimit?: number | undefined;
  /** Memory that all requests together may take, as estimated, bytes; by default most of what the machine has. */
  readonly memoryBytes?: number | undefined;
  /** Time for a whole request to arrive, ms; a solve may take longer. */
  readonly requestTimeoutMs?: number | undefined;
  /** Time for the header fields to arrive, ms. */
  readonly headersTimeoutMs?: number;
  /** Time that an idle connection is kept, ms. */
  readonly keepAliveTimeoutMs?: number;
  /** Time that requests in flight are given when the service closes, ms; then they are cancelled. */
  readonly closeGraceMs?: number;
  /** Where jobs are kept, and for how long; without it there are none. */
  readonly jobs?: JobOptions | undefined;
}

/** Time that the last answers are given to leave when the service closes. */
const LAST_BYTES_MS = 2000;

/** The app owns the pool from now on: closing one closes the other. */
export async function buildApp(pool: SolverPool, options: AppOptions = {}): Promise<FastifyInstance> {
  return (await buildService(pool, options)).app;
}

export interface Service {
  readonly app: FastifyInstance;
  readonly jobs: JobAccess;
}

/** As `buildApp`. */
export async function buildService(pool: SolverPool, options: AppOptions): Promise<Service> {
  const { requestTimeoutMs = 60_000, closeGraceMs = 10_000 } = options;
  const { headersTimeoutMs = Math.min(15_000, requestTimeoutMs) } = options;
  const app = Fastify({
    logger: options.logger ?? { level: 'info', stream: process.stderr },
    // One line a request, at its end, instead of two.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 60_000,
    // Of hooks too: closing takes as long as requests in flight are given.
    pluginTimeout: 0,
    // No `connectionTimeout`: it would cut off a client that waits for its plan.
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: 1000, requireHostHeader: false },
    // Its 503 is no problem document; the pool refuses requests when it closes.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) => sendProblem(reply, asEgressoError(error)),
    clientErrorHandler: (error, socket) => {
      const code = answerClientError(error, socket);
      if (code === null) return;
      app.log.info({ code }, 'refused before it was a request');
      metrics.rejected(code);
    },
  });

  // Bodies stay streams of bytes on this thread, and are validated where they are decoded: nothing is coerced or dropped.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...MEDIA_TYPES], (_request, body, done) => done(null, body));
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));

  answerFaults(app);
  answerHeads(app);
  guard(app, options.keys);
  await describeApi(app);
  await docsPage(app);
  const refuseOtherMethods = trackMethods(app);
  app.route(openapiRoute(app));
  const admission = admissionOf(pool, options);
  const intake = new Intake(admission, bodyLimitsOf(options));
  const metrics = new ServiceMetrics(pool, admission);
  tellRequests(app, metrics);
  const jobs = new JobAccess(pool, {
    onFault: (error) => app.log.error(error, 'jobs'),
    onChange(job) {
      logJob(app.log, job);
      metrics.jobChanged(job);
    },
    onItems: (state, count) => metrics.jobChanged({ operation: 'solve', state }, count),
    gate: new JobAdmission(admission, options.keys),
    ...options.jobs,
  });
  metrics.watchJobs(() => jobs.counts());
  app.route(solveRoute(pool, jobs, intake));
  for (const route of [...jobRoutes(jobs, pool, intake), ...batchRoutes(jobs, intake)]) app.route(route);
  app.route(gapRoute(pool, intake));
  app.route(validateRoute(pool, intake));
  app.route(policyRoute(pool, intake));
  app.route(explainRoute(pool, intake));
  for (const route of [...healthRoutes(pool), metricsRoute(metrics)]) app.route(route);
  refuseOtherMethods();

  app.addHook('preClose', async () => {
    // Jobs go on in the next process; requests in flight are given time. At once: from now on nothing is admitted.
    await Promise.all([jobs.stop(), pool.drain(closeGraceMs)]);
    // A connection that has sent no request yet, or never ends its request, would keep the server from closing.
    const timer = setTimeout(() => app.server.closeAllConnections(), LAST_BYTES_MS);
    app.server.once('close', () => clearTimeout(timer));
  });
  app.addHook('onClose', async () => {
    await jobs.close();
    await pool.close();
  });
  await jobs.whenReady();
  await app.ready();
  return { app, jobs };
}

function admissionOf(pool: SolverPool, { memoryBytes = memoryBudget(pool.threads) }: AppOptions): Admission {
  const { threads } = pool;
  return new Admission({ takePlace: () => pool.admit(), threads, memoryBytes });
}

function bodyLimitsOf(options: AppOptions): BodyLimits {
  const { bodyLimit = BODY_LIMITS[MSGPACK_TYPE], jsonBodyLimit = BODY_LIMITS[JSON_TYPE] } = options;
  return { [MSGPACK_TYPE]: bodyLimit, [JSON_TYPE]: Math.min(jsonBodyLimit, bodyLimit) };
}
