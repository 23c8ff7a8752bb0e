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
import { volumeByPrefix } from '../../problem/prefix-volume.ts';
import { isCurrent, type Problem } from '../../problem/problem.ts';
import { PrefixKernel, SEARCHING } from '../kernels/prefix-kernel.ts';
import type { RunControl } from '../run/run-control.ts';

/** Of all volume: what a pair without any is taken for where changes are counted. */
const LEAST_SHARE = 1e-9;

/** Pairs that leave a current choice which is still allowed. O(pairs). */
export function countChanges(problem: Problem, { ingress, slot }: Choice): number {
  const { pairCount, currentIngress } = problem;
  let count = 0;
  for (let pair = 0; pair < pairCount; pair++) {
    if (currentIngress[pair] >= 0 && !isCurrent(problem, pair, ingress[pair], slot[pair])) count++;
  }
  return count;
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

export interface FewestChanges {
  /** Rules other than capacity hold; owned by the caller. */
  readonly choice: Choice;
  readonly count: number;
}

/** The choice that leaves as few current choices as the rules other than capacity allow, and of those a cheap one. */
export function fewestChanges(problem: Problem, variant: 'ses' | 'mes', control: RunControl): FewestChanges {
  // What carries nothing counts too.
  const least = (problem.totalVolume || 1) * LEAST_SHARE;
  const counted = { ...problem, pairVolume: problem.pairVolume.map((volume) => volume || least) };
  const dear = overflowPriceOf(counted);
  const largest = volumeByPrefix(counted).reduce((most, volume) => Math.max(most, volume), 0);
  // Dearer than anything that the other pairs of the prefix could gain.
  const changeUnit = changeUnitsAt(counted, 4 * dear * largest, Number.POSITIVE_INFINITY);
  const kernel = new PrefixKernel({ ...counted, changeUnit }, { variant, fixedIngress: null }, control);
  const prices = new Float64Array(2 * problem.pointCount);
  const found = kernel.pass({ prices, costWeight: 1, room: null, nodeLimit: SEARCHING, patient: 'always' }).choice;
  const choice = { ingress: found.ingress.slice(), slot: found.slot.slice() };
  return { choice, count: countChanges(problem, choice) };
}
