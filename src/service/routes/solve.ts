import type { FastifyRequest, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { EgressoError } from '../../errors.ts';
import { SolveOptionsSchema } from '../../model/options.ts';
import { ModelSchema } from '../../model/schema.ts';
import { PlanSchema } from '../../plan/plan.ts';
import { SOLVE_EXAMPLES } from '../examples.ts';
import type { Intake } from '../intake.ts';
import { JobSchema } from '../jobs/job-view.ts';
import type { JobAccess } from '../jobs/open-jobs.ts';
import { JOB_SUBMISSION, OrderQuerySchema, PreferHeadersSchema, submission } from '../jobs/submission.ts';
import type { SolverPool } from '../pool.ts';
import { solverRoute } from '../solver-route.ts';
import { inBothTypes, inJson, problemAnswers, solverAnswers } from './answers.ts';
import { parseQuery } from './query.ts';

/** What /v1/solve and /v1/validate take. */
export const SolveBodySchema = Type.Object(
  { model: ModelSchema, options: Type.Optional(Type.Partial(SolveOptionsSchema)) },
  { additionalProperties: false },
);

/** `Prefer: respond-async` (RFC 7240) makes a job of it. */
export function solveRoute(pool: SolverPool, jobs: JobAccess, intake: Intake): RouteOptions {
  const now = solverRoute(pool, 'solve', intake);
  const later = submission(jobs, { ...JOB_SUBMISSION, intake });
  return {
    method: 'POST',
    url: '/v1/solve',
    schema: {
      summary: 'Chooses ingress and egress of all traffic of a model.',
      description: 'Answers 200 with the plan, whatever its status: overloaded and stopped runs are results.',
      tags: ['solver'],
      querystring: OrderQuerySchema,
      headers: PreferHeadersSchema,
      body: inBothTypes('A model and options.', SolveBodySchema, SOLVE_EXAMPLES),
      response: {
        ...solverAnswers('The plan.', PlanSchema),
        202: inJson('The job that `Prefer: respond-async` made.', JobSchema),
        ...problemAnswers(422),
      },
    },
    async onRequest(request, reply) {
      if (prefersLater(request)) return later.onRequest(request, reply);
      const [name] = Object.keys(parseQuery(OrderQuerySchema, request.query));
      if (name !== undefined) throw new EgressoError('REQUEST_INVALID', `${name} is for jobs: Prefer: respond-async`);
      return now.onRequest(request, reply);
    },
    handler(request, reply) {
      if (!prefersLater(request)) return now.handler(request, reply);
      reply.header('preference-applied', 'respond-async');
      return later.handler(request, reply);
    },
  };
}

function prefersLater({ headers }: FastifyRequest): boolean {
  const preferences = [headers.prefer ?? []].flat().join(',').toLowerCase().split(',');
  return preferences.some((preference) => preference.split(';')[0].trim() === 'respond-async');
}
