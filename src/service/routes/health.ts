import type { RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { EgressoError } from '../../errors.ts';
import type { SolverPool } from '../pool.ts';
import { problemAnswers } from './answers.ts';

const HealthSchema = Type.Object({ status: Type.String() }, { additionalProperties: false });

/** Live: the process answers. Ready: a thread has loaded the solver and the kernels. */
export function healthRoutes(pool: SolverPool): RouteOptions[] {
  return [
    {
      method: 'GET',
      url: '/health/live',
      logLevel: 'warn',
      config: { access: 'public' },
      schema: { summary: 'Is the process alive?', tags: ['operation'], response: { 200: HealthSchema } },
      handler: async () => ({ status: 'live' }),
    },
    {
      method: 'GET',
      url: '/health/ready',
      logLevel: 'warn',
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
