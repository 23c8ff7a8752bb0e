import type { RouteOptions } from 'fastify';
import { Type } from 'typebox';
import type { ServiceMetrics } from '../metrics/service-metrics.ts';
import { problemAnswers } from './answers.ts';

export function metricsRoute(metrics: ServiceMetrics): RouteOptions {
  return {
    method: 'GET',
    url: '/metrics',
    logLevel: 'warn',
    config: { access: 'admin' },
    schema: {
      summary: 'Tells the metrics of the service in the text format of Prometheus.',
      tags: ['operation'],
      response: {
        200: { description: 'The metrics.', content: { 'text/plain': { schema: Type.String() } } },
        ...problemAnswers(401, 403, 429, 500),
      },
    },
    async handler(_request, reply) {
      const text = await metrics.text();
      return reply.type(metrics.contentType).send(Buffer.from(text));
    },
  };
}
