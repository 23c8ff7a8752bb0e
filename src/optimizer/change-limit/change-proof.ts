/** What the limit on changes proves of a plan, from prices and from what the plan itself overloads (see change-bound). */
import { overloadOf } from '../../problem/capacity.ts';
import { hasIntegralObjective, roundedUp } from '../../problem/integral-bound.ts';
import { OVERFLOW_TOLERANCE } from '../../problem/overflow-price.ts';
import { sideCapacity } from '../../problem/sides.ts';
import { type Known, type Proven, unrefuted } from '../run/known.ts';
import { changeBound } from './change-bound.ts';
import type { LimitedPlan } from './limited-plan.ts';

/** Relative: an overload as near as this to what is proven is the least. */
const CLOSED = 1e-8;

/**
 * The best plan, and what the claims that it does not refute prove with what the limit proves: by the prices, Float64 [2n], by
 * none, and by the sides that the plan overloads. Tells the control where no plan fits.
 */
export function provenWithin(plan: LimitedPlan, prices: Float64Array, claims: readonly Proven[]): Known {
  const { problem, limit, candidate, control } = plan;
  const claimed = unrefuted(candidate, claims);
  const sides = overloadedSides(plan);
  const overload = sides === null ? 0 : changeBound(problem, { limit, prices: sides, costWeight: 0 });
  const leastOverload = Math.max(claimed.leastOverload, overload);
  const isOverloaded = overload > OVERFLOW_TOLERANCE * problem.totalVolume;
  if (claimed.lowerBound === null || isOverloaded) {
    control.provenOverloaded?.();
    return { candidate, prices, lowerBound: null, leastOverload, provenOverloaded: true };
  }
  const bounds = [noPrices(plan), prices].map((at) => changeBound(problem, { limit, prices: at, costWeight: 1 }));
  const bound = Math.max(claimed.lowerBound, ...bounds);
  return { ...claimed, candidate, prices, lowerBound: hasIntegralObjective(problem) ? roundedUp(bound) : bound };
}

/** Float64 [2n], 1 where the plan overloads; null where it fits. */
function overloadedSides({ problem, candidate }: LimitedPlan): Float64Array | null {
  const { ingressLoad, egressLoad, overload } = candidate.evaluation;
  if (overload === 0) return null;
  const load = [...ingressLoad, ...egressLoad];
  return sideCapacity(problem).map((capacity, side) => Number(overloadOf(load[side], capacity) > 0));
}

/** Float64 [2n], zeros. */
export function noPrices({ problem }: LimitedPlan): Float64Array {
  return new Float64Array(2 * problem.pointCount);
}

/** The plan is as good as the target asks; or overloads no more than every plan does, and costs no more than any may. */
export function isSettled(plan: LimitedPlan, known: Proven): boolean {
  if (known.lowerBound !== null) return plan.isWithinTarget(known.lowerBound);
  if (!overloadsLeast(plan, known)) return false;
  const { problem, limit, candidate } = plan;
  // At no price the bound is one of all plans, overloaded ones too.
  const least = changeBound(problem, { limit, prices: noPrices(plan), costWeight: 1 });
  return candidate.evaluation.objective * (1 - CLOSED) <= least;
}

/** The plan overloads, and by no more than every plan does. */
export function overloadsLeast({ candidate }: LimitedPlan, { leastOverload }: Proven): boolean {
  const { overload } = candidate.evaluation;
  return overload > 0 && overload * (1 - CLOSED) <= leastOverload;
}
