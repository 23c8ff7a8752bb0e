/** The answer of POST /v1/validate, as the OpenAPI document describes it. */
import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;
const capacity = Type.Union([Type.Number(), Type.Null()], { description: 'Null where a point is unlimited.' });

export const SummarySchema = Type.Object(
  {
    name: Type.Union([Type.String(), Type.Null()]),
    unit: Type.String({ description: 'Of volumes and capacities.' }),
    routers: Type.Integer(),
    points: Type.Integer({ description: 'Routers without interfaces, and interfaces.' }),
    neighbors: Type.Integer(),
    prefixes: Type.Integer(),
    pairs: Type.Integer({ description: '(neighbor, prefix) pairs in `traffic`.' }),
    advertisements: Type.Integer(),
    sessions: Type.Integer(),
    totalVolume: Type.Number(),
    totalIngressCapacity: capacity,
    totalEgressCapacity: capacity,
    modelHash: Type.String({ description: 'SHA-256 of the model, as in a plan.' }),
  },
  closed,
);

export const ValidationSchema = Type.Object(
  {
    valid: Type.Boolean(),
    errors: Type.Array(Type.Object({ pointer: Type.String(), message: Type.String() }, closed), {
      description: 'The faults, the first 1,000 of them.',
    }),
    errorCount: Type.Integer({ description: 'How many faults there are, listed or not.' }),
    summary: Type.Union([SummarySchema, Type.Null()], { description: 'What a valid model holds; null otherwise.' }),
  },
  closed,
);
