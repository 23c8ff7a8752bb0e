/**
 * Coarse prices without a linear program: projected subgradient ascent on L(λ), the step of each price divided by the
 * root of its summed squared slopes (Duchi et al. 2011). A slope is the load above capacity as a share of the capacity,
 * and counts no more than 1: one giant job may exceed a machine tenfold, and says no more by it than that the price is
 * too low.
 *
 * Guarantee: none but that the prices returned have the best L that was met. Cost: one pricing pass each time.
 */
import type { Pricing } from '../../kernels/pricing.ts';

export interface AscentOptions {
  /** Float64 [machines]; Infinity where unlimited. */
  readonly capacity: Float64Array;
  /** Float64 [machines]: no price goes above. */
  readonly ceiling: Float64Array;
  /** How far a price may go in the first pass. */
  readonly step: number;
  readonly passes: number;
}

/** Returns Float64 [machines]. */
export function ascendMachinePrices(
  pricing: Pricing,
  { capacity, ceiling, step, passes }: AscentOptions,
): Float64Array {
  const prices = new Float64Array(capacity.length);
  const squares = new Float64Array(capacity.length);
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
      const slope = slopeOf(load[s], capacity[s]);
      squares[s] += slope * slope;
      if (squares[s] === 0) continue;
      prices[s] = Math.min(ceiling[s], Math.max(0, prices[s] + (step * slope) / Math.sqrt(squares[s])));
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

function slopeOf(load: number, capacity: number): number {
  if (capacity === Number.POSITIVE_INFINITY) return 0;
  return load > 2 * capacity ? 1 : capacity > 0 ? load / capacity - 1 : 0;
}
