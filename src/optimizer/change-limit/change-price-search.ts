/**
 * The price of a change at given shadow prices: where about as many pairs change as are allowed.
 *
 * Guarantee: none is needed, L(ν) bounds at every price (see change-price). Cost: a pass of prefix-kernel a step, eleven.
 */

import { overflowPriceOf } from '../../problem/overflow-price.ts';
import type { Problem } from '../../problem/problem.ts';
import { SEARCHING } from '../kernels/prefix-kernel.ts';
import type { PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import { changeUnitsAt, countChanges } from './change-price.ts';

/** Halvings of the exponent: from a range of twelve orders of magnitude to some two percent. */
const STEPS = 11;
const LEAST_SHARE = 1e-12;

export interface ChangePriceOptions {
  readonly limit: number;
  /** Float64 [2n], shadow prices. */
  readonly prices: Float64Array;
}

/**
 * The least price, up to its accuracy, at which no more than the limit change: L at fixed shadow prices is concave in ν, and
 * highest there. Sets the units of the planner's kernel to it; cost: a pass for each step. Throws Interruption.
 *
 * @param planner over the problem with a price of changes that is not 0.
 */
export function changePriceAt(problem: Problem, planner: PrefixPlanner, { limit, prices }: ChangePriceOptions): number {
  const changesAt = (price: number): number => {
    planner.kernel.setChangeUnits(changeUnitsAt(problem, price));
    const { choice } = planner.kernel.pass({ prices, costWeight: 1, room: null, nodeLimit: SEARCHING });
    return countChanges(problem, choice);
  };
  const largest = problem.pairVolume.reduce((most, volume) => Math.max(most, volume), 0);
  let high = Math.log(overflowPriceOf(problem) * (largest || 1));
  let low = high + Math.log(LEAST_SHARE);
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (changesAt(Math.exp(middle)) > limit) low = middle;
    else high = middle;
  }
  const price = Math.exp(high);
  planner.kernel.setChangeUnits(changeUnitsAt(problem, price));
  return price;
}
