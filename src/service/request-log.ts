/** Every request leaves a line in the log and a sample in the metrics, also where its client goes away before the answer. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServiceMetrics } from './metrics/service-metrics.ts';

/** As nginx calls it. Nobody was there to be told. */
const CLIENT_GONE = 499;

export function tellRequests(app: FastifyInstance, metrics: ServiceMetrics): void {
  const told = new WeakSet<FastifyRequest>();
  const tell = (request: FastifyRequest, statusCode: number, elapsedMs: number): void => {
    if (told.has(request)) return;
    told.add(request);
    const { log, method, url, caller, problemCode, routeOptions } = request;
    log.info({ method, url, caller: caller?.id || undefined, statusCode, code: problemCode, elapsedMs }, 'request');
    metrics.answered(method, routeOptions.url ?? 'unknown', statusCode, elapsedMs);
    if (problemCode !== undefined) metrics.rejected(problemCode);
  };
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => {
      tell(request, reply.raw.headersSent ? reply.statusCode : CLIENT_GONE, reply.elapsedTime);
    });
    done();
  });
  app.addHook('onResponse', (request, { statusCode, elapsedTime }, done) => {
    tell(request, statusCode, elapsedTime);
    done();
  });
}
