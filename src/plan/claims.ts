/**
 * What a run claims of all plans, against the plan that it leaves: nothing leaves that its own plan refutes.
 *
 * A plan that fits below the bound, or where it is said that none fits, or that overloads less than every plan must, makes
 * the claim false, whatever proved it. It is dropped for one that holds always: costs are ≥ 0.
 */
import type { Optimum } from '../optimizer/portfolio/outcome.ts';
import type { Phase } from '../optimizer/run/incumbent.ts';
import { refutes } from '../problem/relative-gap.ts';
import type { CheckResult } from './check.ts';

export interface Claims {
  /** Null where it is proven that no plan fits. */
  readonly lowerBound: number | null;
  /** Null where it is not. */
  readonly leastOverload: number | null;
  /** For the account of the run: claims that were dropped. */
  readonly dropped: readonly Phase[];
}

export function claimsOf(
  { lowerBound, leastOverload, provenOverloaded }: Optimum,
  { cost, changeCost, overload }: CheckResult,
): Claims {
  const objective = cost + changeCost;
  const drop = (phase: string): Phase[] => [{ phase, iterations: 1, objective: lowerBound, overload: leastOverload }];
  if (provenOverloaded) {
    if (overload === 0) return { lowerBound: 0, leastOverload: null, dropped: drop('refuted overload') };
    const isRefuted = refutes(overload, leastOverload);
    const least = isRefuted ? 0 : Math.min(leastOverload, overload);
    return { lowerBound: null, leastOverload: least, dropped: isRefuted ? drop('refuted overload') : [] };
  }
  const bound = lowerBound ?? 0;
  if (overload > 0) return { lowerBound: bound, leastOverload: null, dropped: [] };
  if (refutes(objective, bound)) return { lowerBound: 0, leastOverload: null, dropped: drop('refuted bound') };
  return { lowerBound: Math.min(bound, objective), leastOverload: null, dropped: [] };
}
