/** What the limit on changes proves of a plan, from prices and from what the plan itself overloads (see change-bound). */
import { overloadOf } from '../../problem/capacity.ts';
import { hasIntegralObjective, roundedUp } from '../../problem/integral-bound.ts';
import { OVERFLOW_TOLERANCE } from '../../problem/overflow-price.ts';
import { sideCapacity } from '../../problem/sides.ts';
import type { Known } from '../run/known.ts';
import { changeBound } from './change-bound.ts';
import type { LimitedPlan } from './limited-plan.ts';

/** Relative: an overload as near as this to what is proven is the least. */
const CLOSED = 1e-8;

/** Costs are ≥ 0: before anything is computed. */
export function nothingProven({ problem, candidate }: LimitedPlan): Known {
  const prices = new Float64Array(2 * problem.pointCount);
  return { candidate, lowerBound: 0, leastOverload: 0, provenOverloaded: false, prices };
}

/** What is known, with what its prices, no prices, and the overloaded sides of the best plan prove. */
export function provenWithin({ problem, limit, candidate }: LimitedPlan, known: Known): Known {
  const prices = overloadedSides();
  const overload = prices === null ? 0 : changeBound(problem, { limit, prices, costWeight: 0 });
  const leastOverload = Math.max(known.leastOverload, overload);
  const isOverloaded = overload > OVERFLOW_TOLERANCE * problem.totalVolume;
  if (known.lowerBound === null || isOverloaded) {
    return { ...known, candidate, leastOverload, lowerBound: null, provenOverloaded: true };
  }
  const free = new Float64Array(2 * problem.pointCount);
  const bounds = [free, known.prices].map((at) => changeBound(problem, { limit, prices: at, costWeight: 1 }));
  const bound = Math.max(known.lowerBound, ...bounds);
  const lowerBound = hasIntegralObjective(problem) ? roundedUp(bound) : bound;
  return { ...known, candidate, lowerBound };

  /** Float64 [2n], 1 where the plan overloads; null where it fits. */
  function overloadedSides(): Float64Array | null {
    const { ingressLoad, egressLoad, overload: total } = candidate.evaluation;
    if (total === 0) return null;
    const load = [...ingressLoad, ...egressLoad];
    return sideCapacity(problem).map((capacity, side) => Number(overloadOf(load[side], capacity) > 0));
  }
}

/** The plan is as good as the target asks; or overloads no more than every plan does, and costs no more than any may. */
export function isSettled(plan: LimitedPlan, { lowerBound, leastOverload }: Known): boolean {
  if (lowerBound !== null) return plan.isDone(lowerBound);
  const { problem, limit, candidate } = plan;
  const { overload, objective } = candidate.evaluation;
  if (overload === 0 || overload * (1 - CLOSED) > leastOverload) return false;
  // At no price the bound is one of all plans, overloaded ones too.
  const prices = new Float64Array(2 * problem.pointCount);
  return objective * (1 - CLOSED) <= changeBound(problem, { limit, prices, costWeight: 1 });
}
