import type { FastifyBaseLogger, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { EgressoError } from '../../errors.ts';
import type { SolverPool } from '../pool.ts';
import { problemAnswers } from './answers.ts';

const HealthSchema = Type.Object({ status: Type.String() }, { additionalProperties: false });

/** Live: the process answers. Ready: a thread has loaded the solver and the kernels. */
export function healthRoutes(pool: SolverPool): RouteOptions[] {
  let quiet: FastifyBaseLogger | undefined;
  // One for all requests: to make a logger with a level of its own takes longer than the rest of the answer.
  const childLoggerFactory = (logger: FastifyBaseLogger): FastifyBaseLogger => {
    quiet ??= logger.child({}, { level: 'warn' });
    return quiet;
  };
  return [
    {
      method: 'GET',
      url: '/health/live',
      childLoggerFactory,
      config: { access: 'public' },
      schema: { summary: 'Is the process alive?', tags: ['operation'], response: { 200: HealthSchema } },
      handler: async () => ({ status: 'live' }),
    },
    {
      method: 'GET',
      url: '/health/ready',
      childLoggerFactory,
      config: { access: 'public' },
      schema: {
        summary: 'Can the service take requests?',
        tags: ['operation'],
        response: { 200: HealthSchema, ...problemAnswers(503) },
      },
      async handler() {
        if (!pool.isReady) throw new EgressoError('SERVICE_UNAVAILABLE', 'no worker thread has loaded the solver');
        return { status: 'ready' };
      },
    },
  ];
}
