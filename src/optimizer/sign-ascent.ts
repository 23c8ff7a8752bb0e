/**
 * Coarse prices without a linear program: ascent on L(λ) by the signs of its slope alone (Rprop, Riedmiller and Braun
 * 1993). Each price has its own step, longer after two slopes of one sign, shorter after a turn; how large a slope
 * is, which one giant job decides, plays no part.
 *
 * Guarantee: none but that the prices returned have the best L that was met. Cost: one pricing pass each time.
 */
import type { Pricing } from './pricing.ts';

const LONGER = 1.2;
const SHORTER = 0.5;

export interface SignAscentOptions {
  /** Float64 [machines]; Infinity where unlimited. */
  readonly capacity: Float64Array;
  /** Float64 [machines]: no price goes above. */
  readonly ceiling: Float64Array;
  /** First step of every price. */
  readonly step: number;
  readonly passes: number;
}

/** Returns Float64 [machines]. */
export function ascendBySigns(pricing: Pricing, { capacity, ceiling, step, passes }: SignAscentOptions): Float64Array {
  const prices = new Float64Array(capacity.length);
  const steps = new Float64Array(capacity.length).fill(step);
  const signs = new Int8Array(capacity.length);
  let best = prices.slice();
  let bestBound = Number.NEGATIVE_INFINITY;
  for (let pass = 0; pass < passes; pass++) {
    const { total, load } = pricing.runLeads(prices);
    const bound = boundOf(total, prices, capacity);
    if (bound > bestBound) {
      bestBound = bound;
      best = prices.slice();
    }
    for (let s = 0; s < prices.length; s++) {
      let sign = Math.sign(load[s] - capacity[s]);
      // At its end a price waits, and its step too.
      if ((sign < 0 && prices[s] === 0) || (sign > 0 && prices[s] === ceiling[s])) sign = 0;
      if (sign * signs[s] > 0) steps[s] *= LONGER;
      else if (sign * signs[s] < 0) steps[s] *= SHORTER;
      signs[s] = sign;
      prices[s] = Math.min(ceiling[s], Math.max(0, prices[s] + sign * steps[s]));
    }
  }
  return best;
}

/** L(λ) from the sum of the minima. */
export function boundOf(minima: number, prices: Float64Array, capacity: Float64Array): number {
  let bound = minima;
  for (let s = 0; s < prices.length; s++) if (prices[s] > 0) bound -= prices[s] * capacity[s];
  return bound;
}
