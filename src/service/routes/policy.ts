import type { RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { ModelSchema } from '../../model/schema.ts';
import { PlanSchema } from '../../plan/plan.ts';
import { PolicyOptionsSchema } from '../../policy/options.ts';
import { PolicyResultSchema } from '../../policy/report.ts';
import { POLICY_EXAMPLES } from '../examples.ts';
import type { Intake } from '../intake.ts';
import type { SolverPool } from '../pool.ts';
import { solverRoute } from '../solver-route.ts';
import { inBothTypes, solverAnswers } from './answers.ts';

const PolicyBodySchema = Type.Object(
  { model: ModelSchema, plan: PlanSchema, options: Type.Optional(Type.Partial(PolicyOptionsSchema)) },
  { additionalProperties: false },
);

export function policyRoute(pool: SolverPool, intake: Intake): RouteOptions {
  return {
    method: 'POST',
    url: '/v1/policy',
    schema: {
      summary: 'Turns a plan into BGP policy, after proving that BGP then does what the plan says.',
      description:
        'Answers 200 also where the plan is refuted: the result then names pairs and steps, and has no text.',
      tags: ['solver'],
      body: inBothTypes('A model, its plan, and options.', PolicyBodySchema, POLICY_EXAMPLES),
      response: solverAnswers('The policy of every router, and the proof.', PolicyResultSchema),
    },
    ...solverRoute(pool, 'policy', intake),
  };
}
