/** A plan that comes back: from a file, or in a request. */
import Value from 'typebox/value';
import { EgressoError, type Fault } from '../errors.ts';
import { type Plan, PlanSchema } from './plan.ts';

/** Errors: PLAN_INVALID for a document of another shape. */
export function parsePlan(document: unknown): Plan {
  // A list of a million assignments is checked where it is read, each of them by name.
  const isLong = typeof document === 'object' && document !== null && 'assignments' in document;
  const head = isLong && Array.isArray(document.assignments) ? { ...document, assignments: [] } : document;
  const faults: Fault[] = Value.Errors(PlanSchema, head).map(({ instancePath, message }) => ({
    pointer: instancePath,
    message,
  }));
  if (faults.length > 0) {
    throw new EgressoError(
      'PLAN_INVALID',
      `the plan has a fault at "${faults[0].pointer}": ${faults[0].message}`,
      faults,
    );
  }
  return document as Plan;
}

/** Errors: PLAN_INVALID for a plan of another model. */
export function checkModelHash({ modelHash }: Plan, expected: string): void {
  if (modelHash === expected) return;
  const message = `is ${JSON.stringify(modelHash)}, but the model has ${expected}`;
  throw new EgressoError('PLAN_INVALID', `the plan is for another model: its modelHash ${message}`, [
    { pointer: '/modelHash', message },
  ]);
}
