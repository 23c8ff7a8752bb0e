/**
 * Changes under a price: the limit on how many pairs may leave their current choice, taken into the objective.
 *
 *   L(ν) = least (cost + ν · changes) of any plan that fits;   L(ν) − ν · limit bounds every plan within the limit.
 *
 * The price is one for each pair, the cost of a change one for each unit of volume, so the priced problem is an ordinary
 * one with changeUnit_p = changeUnit_p + ν / volume_p, and every method works on it. A pair that is small against the price
 * would have an endless one; it is cut off where nothing can be worth the change, which only lowers L.
 */
import type { Choice } from '../../problem/choice.ts';
import { overflowPriceOf } from '../../problem/overflow-price.ts';
import { isCurrent, type Problem } from '../../problem/problem.ts';

/** Pairs that leave a current choice which is still allowed. O(pairs). */
export function countChanges(problem: Problem, choice: Choice): number {
  let count = 0;
  for (let pair = 0; pair < problem.pairCount; pair++) count += Number(isChange(problem, pair, choice));
  return count;
}

/** Does the pair leave a current choice which is still allowed? */
export function isChange(problem: Problem, pair: number, { ingress, slot }: Choice): boolean {
  return problem.currentIngress[pair] >= 0 && !isCurrent(problem, pair, ingress[pair], slot[pair]);
}

/** Float64 [pairs], owned by the caller: cost of a change per unit of volume at ν ≥ 0. */
export function changeUnitsAt(problem: Problem, price: number, most = overflowPriceOf(problem)): Float64Array {
  const { currentIngress, pairVolume } = problem;
  return problem.changeUnit.map((unit, pair) =>
    currentIngress[pair] < 0 || price === 0 ? unit : unit + Math.min(most, price / pairVolume[pair]),
  );
}

/** The problem in which a change costs ν ≥ 0 besides; shares all other arrays. */
export function withChangePrice(problem: Problem, price: number): Problem {
  return { ...problem, changeUnit: changeUnitsAt(problem, price) };
}
