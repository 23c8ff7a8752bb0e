/** A plan in a few numbers, made where the plan is made: the main thread reads no plans. */
import { type Static, Type } from 'typebox';
import { changeCountOf, type Plan, PlanSchema } from '../plan/plan.ts';

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
    changes: Type.Integer({
      description: 'Pairs that the plan moves away from a current choice which is still allowed.',
    }),
  },
  { additionalProperties: false },
);

export type PlanSummary = Static<typeof PlanSummarySchema>;

export function summaryOf(plan: Plan): PlanSummary {
  const { status, stopped, cost, objective, lowerBound, gap, overload } = plan;
  return { status, stopped, cost, objective, lowerBound, gap, overload: overload.total, changes: changeCountOf(plan) };
}
