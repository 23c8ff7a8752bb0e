/** A plan in a few numbers, made where the plan is made: the main thread reads no plans. */
import { type Static, Type } from 'typebox';
import { type Plan, PlanSchema } from '../plan/plan.ts';

const { status, stopped, cost, objective, lowerBound, gap } = PlanSchema.properties;

export const PlanSummarySchema = Type.Object(
  {
    status,
    stopped,
    cost,
    objective,
    lowerBound,
    gap,
    overload: Type.Number({ description: 'Σ of load above threshold × capacity.' }),
    changes: Type.Integer({ description: 'Pairs with a current choice that the plan moves.' }),
  },
  { additionalProperties: false },
);

export type PlanSummary = Static<typeof PlanSummarySchema>;

export function summaryOf({ status, stopped, cost, objective, lowerBound, gap, overload, changes }: Plan): PlanSummary {
  return { status, stopped, cost, objective, lowerBound, gap, overload: overload.total, changes: changes.length };
}
