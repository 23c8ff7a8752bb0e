/** The generalized assignment problem on its own: an instance in, an assignment with its bound out. */
import { type Static, Type } from 'typebox';
import { EgressoError, type Fault } from './errors.ts';
import { judge, solveGap } from './optimizer/gap/gap.ts';
import { type GapControl, improveGap } from './optimizer/gap/gap-improvement.ts';
import { loadSolver } from './optimizer/milp/highs.ts';
import { UNLIMITED } from './optimizer/run/run-control.ts';
import { watched } from './optimizer/run/watched-control.ts';
import type { GapInstance } from './problem/gap-instance.ts';

export const GapResultSchema = Type.Object(
  {
    status: Type.Enum(['optimal', 'feasible', 'overloaded']),
    cost: Type.Number(),
    lowerBound: Type.Union([Type.Number(), Type.Null()], {
      description: 'No assignment that fits costs less; null where it is proven that none fits.',
    }),
    gap: Type.Union([Type.Number(), Type.Null()], {
      description: '(cost − lowerBound) / |cost|; null when overloaded.',
    }),
    overload: Type.Object(
      {
        total: Type.Number({ description: 'Σ of load above capacity.' }),
        leastPossible: Type.Union([Type.Number(), Type.Null()], {
          description: 'Proven: every assignment overloads by this much or more; null where nothing is proven.',
        }),
      },
      { additionalProperties: false },
    ),
    assignment: Type.Array(Type.Integer(), { description: 'Machine of each job, from 0.' }),
  },
  { additionalProperties: false },
);

export type GapResult = Static<typeof GapResultSchema>;

const OPTIMAL_GAP = 1e-9;

/**
 * Relaxation, rounding and GREEDY; then shifts and ejections; then branch and bound over the arcs that their reduced cost
 * does not rule out, where those are few.
 *
 * Errors: GAP_INVALID, SOLVER_FAILED where there is no assignment yet. Overload is a result.
 */
export async function assign(instance: GapInstance, control: GapControl = UNLIMITED): Promise<GapResult> {
  refuseJobsWithoutMachine(instance);
  await loadSolver();
  const own: GapControl = { ...watched(control), met: (assignment) => control.met?.(assignment) };
  own.report({ phase: 'relaxation', incumbent: null, bound: null });
  const first = solveGap(instance, own);
  if (first.proof !== null) return resultOf(instance, first.assignment, null, first.proof.amount);
  const improved = improveGap(instance, first, own);
  return resultOf(instance, improved.assignment, improved.lowerBound, null);
}

/** Relative: a reported bound may be that of a solver, which holds within its tolerance only. */
const REPORTED_BOUND_TOLERANCE = 1e-6;

/**
 * The result of a run that goes on, or that was ended from outside, as of its best assignment so far, Int32 [jobs] of arcs.
 *
 * @param bound the best that was reported; null where none was.
 */
export function assignmentOfRemains(instance: GapInstance, assignment: Int32Array, bound: number | null): GapResult {
  const lowered = bound === null ? -largestCost(instance) : bound - Math.abs(bound) * REPORTED_BOUND_TOLERANCE;
  return resultOf(instance, assignment, lowered, null);
}

/** Σ over the jobs of the most that one costs, in size: no assignment costs less than its negative. */
function largestCost({ jobCount, start, cost }: GapInstance): number {
  let total = 0;
  for (let job = 0; job < jobCount; job++) {
    total += cost.subarray(start[job], start[job + 1]).reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  }
  return total;
}

function resultOf(
  instance: GapInstance,
  assignment: Int32Array,
  lowerBound: number | null,
  leastPossible: number | null,
): GapResult {
  const { cost, overload } = judge(instance, assignment);
  const bound = lowerBound === null ? null : overload > 0 ? lowerBound : Math.min(lowerBound, cost);
  const gap = overload > 0 || bound === null ? null : relativeGap(cost, bound);
  return {
    status: overload > 0 ? 'overloaded' : gap !== null && gap <= OPTIMAL_GAP ? 'optimal' : 'feasible',
    cost,
    lowerBound: bound,
    gap,
    overload: { total: overload, leastPossible },
    assignment: Array.from(assignment, (arc) => instance.machine[arc]),
  };
}

function refuseJobsWithoutMachine({ jobCount, start }: GapInstance): void {
  const faults: Fault[] = [];
  for (let job = 0; job < jobCount; job++) {
    if (start[job] < start[job + 1]) continue;
    faults.push({ pointer: '/forbidden', message: `job ${job} is forbidden on every machine` });
  }
  if (faults.length > 0) throw new EgressoError('GAP_INVALID', faults[0].message, faults);
}

function relativeGap(cost: number, bound: number): number {
  return cost === 0 ? 0 : Math.max(0, cost - bound) / Math.abs(cost);
}
