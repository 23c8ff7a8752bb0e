import type { RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { GapResultSchema } from '../../gap.ts';
import { GapOptionsSchema } from '../../model/options.ts';
import { GAP_EXAMPLES } from '../examples.ts';
import type { Intake } from '../intake.ts';
import type { SolverPool } from '../pool.ts';
import { solverRoute } from '../solver-route.ts';
import { inBothTypes, solverAnswers } from './answers.ts';

const GapBodySchema = Type.Object(
  {
    costs: Type.Array(Type.Array(Type.Number()), { description: '[machine][job]' }),
    weights: Type.Array(Type.Array(Type.Number({ minimum: 0 })), { description: '[machine][job]' }),
    capacities: Type.Array(Type.Number({ minimum: 0 }), { description: '[machine]' }),
    forbidden: Type.Optional(
      Type.Array(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 2, maxItems: 2 }), {
        description: 'Pairs [machine, job] that must not be used.',
      }),
    ),
    options: Type.Optional(Type.Partial(GapOptionsSchema)),
  },
  { additionalProperties: false },
);

export function gapRoute(pool: SolverPool, intake: Intake): RouteOptions {
  return {
    method: 'POST',
    url: '/v1/gap',
    schema: {
      summary: 'Assigns jobs to machines at least cost: the generalized assignment problem.',
      description: 'Answers 200 with the assignment, whatever its status. Machines and jobs count from 0.',
      tags: ['solver'],
      body: inBothTypes('An instance and options.', GapBodySchema, GAP_EXAMPLES),
      response: solverAnswers('The assignment.', GapResultSchema),
    },
    ...solverRoute(pool, 'gap', intake),
  };
}
