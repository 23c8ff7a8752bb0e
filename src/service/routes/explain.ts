import type { RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { ModelSchema } from '../../model/schema.ts';
import { ExplainOptionsSchema, ExplanationSchema } from '../../plan/explanation.ts';
import { PlanSchema } from '../../plan/plan.ts';
import { EXPLAIN_EXAMPLES } from '../examples.ts';
import type { Intake } from '../intake.ts';
import type { SolverPool } from '../pool.ts';
import { solverRoute } from '../solver-route.ts';
import { inBothTypes, solverAnswers } from './answers.ts';

const { prefix, ...others } = ExplainOptionsSchema.properties;
const closed = { additionalProperties: false } as const;

const ExplainBodySchema = Type.Object(
  {
    model: ModelSchema,
    plan: PlanSchema,
    options: Type.Intersect([Type.Object({ prefix }), Type.Partial(Type.Object(others))], {
      unevaluatedProperties: false,
    }),
  },
  closed,
);

export function explainRoute(pool: SolverPool, intake: Intake): RouteOptions {
  return {
    method: 'POST',
    url: '/v1/explain',
    schema: {
      summary: 'Explains where a plan has a prefix, and what other ways would cost.',
      description:
        'Every way of every pair of the prefix, the rule that refuses it, and the model solved with it forced.',
      tags: ['solver'],
      body: inBothTypes('A model, its plan, and options with a prefix.', ExplainBodySchema, EXPLAIN_EXAMPLES),
      response: solverAnswers('The explanation.', ExplanationSchema),
    },
    ...solverRoute(pool, 'explain', intake),
  };
}
