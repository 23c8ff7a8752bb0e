/** Why a plan has pairs where it has them, in names. One schema for types, HTTP and documents. */
import { type Static, Type } from 'typebox';
import { VERDICTS } from './alternatives.ts';

const closed = { additionalProperties: false } as const;
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);

export const ExplainOptionsSchema = Type.Object(
  {
    prefix: Type.String({ description: 'Id of the prefix.' }),
    neighbor: Type.Optional(Type.String({ description: 'Id of the neighbor; default: all that send to the prefix.' })),
    solve: Type.Boolean({ default: true, description: 'Solve the model again with each alternative forced.' }),
    maxSolves: Type.Integer({
      default: 24,
      minimum: 0,
      maximum: 10_000,
      description: 'Alternatives that are solved, the cheapest of each neighbor first.',
    }),
    timeLimitMs: Type.Number({ default: 5000, minimum: 0, description: 'For each of them, ms.' }),
  },
  closed,
);

const ForcedSchema = Type.Object(
  {
    status: Type.Enum(['optimal', 'feasible', 'overloaded', 'impossible'], {
      description: 'Of the plan found with the way forced; impossible: no choice of egress allows it.',
    }),
    objective: nullable(Type.Number({ description: 'Cost and change cost of that plan.' })),
    difference: nullable(
      Type.Number({
        description:
          'Its objective minus that of the plan explained: what forcing the way costs; null where it overloads.',
      }),
    ),
    gap: nullable(Type.Number({ description: 'Of that plan.' })),
    overload: nullable(Type.Number({ description: 'Of that plan.' })),
  },
  closed,
);

const AlternativeSchema = Type.Object(
  {
    ingress: Type.String(),
    egress: Type.String(),
    difference: nullable(
      Type.Number({
        description: 'Cost of the plan with this way and all else as it is, minus its cost; null: no way.',
      }),
    ),
    verdict: Type.Enum([...VERDICTS]),
    obstacle: nullable(Type.String({ description: 'The point that is full, closer, or on the same router.' })),
    forced: nullable(ForcedSchema),
  },
  closed,
);

const BindingSchema = Type.Object(
  {
    point: Type.String(),
    side: Type.Enum(['ingress', 'egress']),
    load: Type.Number(),
    capacity: nullable(Type.Number()),
    shadowPrice: Type.Number({ description: 'Fall of the bound on the cost per unit of capacity added.' }),
  },
  closed,
);

export const ExplanationSchema = Type.Object(
  {
    modelHash: Type.String(),
    variant: Type.Enum(['ses', 'mes']),
    prefix: Type.String(),
    egressSet: Type.Array(Type.String(), { description: 'Points where the prefix leaves.' }),
    binding: Type.Array(BindingSchema, {
      description: 'Points that the prefix could use and that are full or have a shadow price.',
    }),
    pairs: Type.Array(
      Type.Object(
        {
          neighbor: Type.String(),
          volume: Type.Number(),
          ingress: Type.String(),
          egress: Type.String(),
          cost: Type.Number({ description: 'volume × (distance + price + penalty).' }),
          alternatives: Type.Array(AlternativeSchema, {
            description: 'Every way, the chosen one first, then by cost.',
          }),
        },
        closed,
      ),
    ),
  },
  closed,
);

export type ExplainOptions = Static<typeof ExplainOptionsSchema>;
export type Explanation = Static<typeof ExplanationSchema>;
export type Forced = Static<typeof ForcedSchema>;
