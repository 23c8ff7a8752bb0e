/** The answer of POST /v1/validate. */
import { type Static, Type } from 'typebox';
import type { NetworkModel } from '../model/network-model.ts';

const closed = { additionalProperties: false } as const;

export const SummarySchema = Type.Object(
  {
    name: Type.Union([Type.String(), Type.Null()]),
    unit: Type.String(),
    routers: Type.Integer(),
    points: Type.Integer({ description: 'Routers without interfaces, and interfaces.' }),
    neighbors: Type.Integer(),
    prefixes: Type.Integer(),
    pairs: Type.Integer({ description: '(neighbor, prefix) pairs with an entry in `traffic`.' }),
    advertisements: Type.Integer(),
    sessions: Type.Integer(),
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

export type Validation = Static<typeof ValidationSchema>;
export type Summary = Static<typeof SummarySchema>;

export function summaryOf(model: NetworkModel): Summary {
  return {
    name: model.name,
    unit: model.unit,
    routers: model.routers.length,
    points: model.points.length,
    neighbors: model.neighbors.length,
    prefixes: model.prefixes.count,
    pairs: model.traffic.count,
    advertisements: model.advertisements.count,
    sessions: model.sessions.length,
    modelHash: model.hash,
  };
}
