/** A plan that comes back: from a file, or in a request. */
import Value from 'typebox/value';
import { EgressoError, type Fault, MAX_LISTED_FAULTS } from '../errors.ts';
import { type Plan, PlanSchema } from './plan.ts';

/** Errors: PLAN_INVALID for a document of another shape. */
export function parsePlan(document: unknown): Plan {
  // A list of a million assignments takes the schema seconds.
  const isLong = typeof document === 'object' && document !== null && 'assignments' in document;
  const head = isLong && Array.isArray(document.assignments) ? { ...document, assignments: [] } : document;
  const faults: Fault[] = Value.Errors(PlanSchema, head).map(({ instancePath, message }) => ({
    pointer: instancePath,
    message,
  }));
  if (faults.length === 0) faults.push(...assignmentFaults((document as Plan).assignments));
  if (faults.length > 0) {
    throw new EgressoError(
      'PLAN_INVALID',
      `the plan has a fault at "${faults[0].pointer}": ${faults[0].message}`,
      faults,
    );
  }
  return document as Plan;
}

const MEMBERS = ['neighbor', 'prefix', 'ingress', 'egress'] as const;

function assignmentFaults(assignments: readonly unknown[]): Fault[] {
  const faults: Fault[] = [];
  for (let at = 0; at < assignments.length && faults.length < MAX_LISTED_FAULTS; at++) {
    const one = assignments[at];
    const isWhole =
      typeof one === 'object' &&
      one !== null &&
      MEMBERS.every((member) => typeof (one as Record<string, unknown>)[member] === 'string');
    if (!isWhole) faults.push({ pointer: `/assignments/${at}`, message: `must have the ids ${MEMBERS.join(', ')}` });
  }
  return faults;
}

/** Errors: PLAN_INVALID for a plan of another model. */
export function checkModelHash({ modelHash }: Plan, expected: string): void {
  if (modelHash === expected) return;
  const message = `is ${JSON.stringify(modelHash)}, but the model has ${expected}`;
  throw new EgressoError('PLAN_INVALID', `the plan is for another model: its modelHash ${message}`, [
    { pointer: '/modelHash', message },
  ]);
}
