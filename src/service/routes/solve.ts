import type { RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { SolveOptionsSchema } from '../../model/options.ts';
import { ModelSchema } from '../../model/schema.ts';
import { PlanSchema } from '../../plan/plan.ts';
import type { SolverPool } from '../pool.ts';
import { solverRoute } from '../solver-route.ts';
import { inBothTypes, solverAnswers } from './answers.ts';

/** What /v1/solve and /v1/validate take. */
export const SolveBodySchema = Type.Object(
  { model: ModelSchema, options: Type.Optional(Type.Partial(SolveOptionsSchema)) },
  { additionalProperties: false },
);

export function solveRoute(pool: SolverPool, bodyLimit: number): RouteOptions {
  return {
    method: 'POST',
    url: '/v1/solve',
    schema: {
      summary: 'Chooses ingress and egress of all traffic of a model.',
      description: 'Answers 200 with the plan, whatever its status: overloaded and stopped runs are results.',
      tags: ['solver'],
      body: inBothTypes('A model and options.', SolveBodySchema),
      response: solverAnswers('The plan.', PlanSchema),
    },
    ...solverRoute(pool, 'solve', bodyLimit),
  };
}
