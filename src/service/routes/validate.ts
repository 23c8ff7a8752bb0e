import type { RouteOptions } from 'fastify';
import { VALIDATE_EXAMPLES } from '../examples.ts';
import type { Intake } from '../intake.ts';
import type { SolverPool } from '../pool.ts';
import { solverRoute } from '../solver-route.ts';
import { ValidationSchema } from '../validation.ts';
import { inBothTypes, solverAnswers } from './answers.ts';
import { SolveBodySchema } from './solve.ts';

export function validateRoute(pool: SolverPool, intake: Intake): RouteOptions {
  return {
    method: 'POST',
    url: '/v1/validate',
    schema: {
      summary: 'Lists the faults of a model, and of options where they are given.',
      description: 'Answers 200 for every body that is well-formed JSON or msgpack, 400 for what is neither.',
      tags: ['solver'],
      body: inBothTypes('A model, and options if any.', SolveBodySchema, VALIDATE_EXAMPLES),
      response: solverAnswers('Whether the model is valid, and its faults.', ValidationSchema),
    },
    ...solverRoute(pool, 'validate', intake),
  };
}
