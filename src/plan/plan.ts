/** The plan as it leaves the project: names, not indices. One schema for types, HTTP and documents. */
import { type Static, Type } from 'typebox';

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()]);
const closed = { additionalProperties: false } as const;

export const AssignmentSchema = Type.Object(
  {
    neighbor: Type.String(),
    prefix: Type.String(),
    ingress: Type.String({ description: 'Point where the traffic of the pair enters.' }),
    egress: Type.String({ description: 'Point where it leaves.' }),
  },
  closed,
);

const SideSchema = Type.Object(
  {
    load: Type.Number({ description: 'In the unit of the model.' }),
    capacity: nullable(Type.Number({ description: 'Of the model, before the threshold; null where unlimited.' })),
    utilization: nullable(Type.Number({ description: 'load / capacity; null where the capacity is unlimited or 0.' })),
    shadowPrice: Type.Number({ description: 'Fall of the bound on the cost per unit of capacity added.' }),
  },
  closed,
);

export const PlanSchema = Type.Object(
  {
    status: Type.Enum(['optimal', 'feasible', 'overloaded']),
    stopped: Type.Enum(['done', 'gap', 'time', 'iterations', 'cancelled', 'failed']),
    variant: Type.Enum(['ses', 'mes']),
    method: Type.String(),
    unit: Type.String(),
    cost: Type.Number({ description: 'Σ volume × (distance + price + penalty).' }),
    objective: Type.Number({ description: 'Cost + change cost.' }),
    lowerBound: nullable(
      Type.Number({ description: 'No plan that fits has a lower objective; null where none fits.' }),
    ),
    gap: nullable(Type.Number({ description: '(objective − lowerBound) / objective; null when overloaded.' })),
    overload: Type.Object(
      {
        total: Type.Number({ description: 'Σ of load above threshold × capacity.' }),
        leastPossible: nullable(
          Type.Number({ description: 'Proven: every plan overloads by this much or more. 0: proven, amount unknown.' }),
        ),
        points: Type.Array(
          Type.Object(
            {
              point: Type.String(),
              side: Type.Enum(['ingress', 'egress']),
              amount: Type.Number({ description: 'Load above threshold × capacity.' }),
              moreCapacity: Type.Number({ description: 'Capacity that the side lacks for this plan to fit.' }),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
    assignments: Type.Array(AssignmentSchema),
    points: Type.Array(Type.Object({ id: Type.String(), ingress: SideSchema, egress: SideSchema }, closed)),
    changes: Type.Array(
      Type.Object(
        {
          neighbor: Type.String(),
          prefix: Type.String(),
          from: Type.Object({ ingress: Type.String(), egress: Type.String() }, closed),
          to: Type.Object({ ingress: Type.String(), egress: Type.String() }, closed),
          forced: Type.Optional(
            Type.Literal(true, {
              description: 'Its current choice is no longer allowed: maxChanges and changeCost do not count it.',
            }),
          ),
        },
        closed,
      ),
      { description: 'Pairs with a current choice that the plan moves.' },
    ),
    phases: Type.Array(
      Type.Object(
        {
          phase: Type.String(),
          iterations: Type.Integer(),
          objective: nullable(Type.Number()),
          overload: Type.Number(),
        },
        closed,
      ),
    ),
    seed: Type.Integer(),
    threshold: Type.Number(),
    changeCost: Type.Number(),
    maxChanges: nullable(Type.Integer({ description: 'Limit that was asked for; null: none.' })),
    modelHash: Type.String({ description: 'SHA-256 of the model that the plan is for.' }),
  },
  closed,
);

export type Assignment = Static<typeof AssignmentSchema>;
export type Plan = Static<typeof PlanSchema>;

/** As `maxChanges` and `changeCost` count them. */
export function changeCountOf({ changes }: Plan): number {
  return changes.filter(({ forced }) => forced !== true).length;
}
