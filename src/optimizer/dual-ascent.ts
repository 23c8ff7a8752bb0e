/**
 * First prices for a block-structured program: projected subgradient ascent on L(λ) (see column-generation).
 *
 * Each pass prices all blocks and raises the price of a resource with its relative overload, lowers it with its relative
 * slack. The step shrinks when the bound stalls. No guarantee but that `bound` is L(prices); cost: one oracle pass each.
 */
import { type ColumnOracle, priceOfCapacity } from './column-oracle.ts';
import { type RunControl, stopRequested } from './run-control.ts';

export interface AscentOptions {
  readonly capacity: Float64Array;
  readonly costWeight: 0 | 1;
  readonly overflowPrice: number;
  readonly passes: number;
  readonly control: RunControl;
}

export interface Ascent {
  readonly bound: number;
  readonly prices: Float64Array;
}

export function ascendDual(oracle: ColumnOracle, options: AscentOptions): Ascent {
  const { capacity, costWeight, overflowPrice } = options;
  let prices: Float64Array = new Float64Array(oracle.resourceCount);
  let best: Ascent = { bound: Number.NEGATIVE_INFINITY, prices };
  const load = new Float64Array(oracle.resourceCount);
  let step = 0;
  let sinceBest = 0;
  for (let pass = 0; pass < options.passes && !stopRequested(options.control); pass++) {
    load.fill(0);
    let cost = 0;
    const minima = oracle.price(prices, costWeight, (_, column) => {
      cost += column.cost;
      for (let at = 0; at < column.resources.length; at++) load[column.resources[at]] += column.amounts[at];
    });
    const bound = minima - priceOfCapacity(prices, capacity);
    // A mean cost per unit of load is the natural size of a price.
    if (pass === 0) step = costWeight === 0 ? 0.5 : Math.abs(cost) / Math.max(sumOf(load), 1e-300) || 1;
    if (bound > best.bound) {
      best = { bound, prices };
      sinceBest = 0;
      step *= 1.3;
    } else if (++sinceBest >= 4) {
      step /= 2;
      sinceBest = 0;
      prices = best.prices;
    }
    prices = prices.map((price, s) => {
      if (!Number.isFinite(capacity[s])) return 0;
      const violation = (load[s] - capacity[s]) / Math.max(capacity[s], load[s], 1e-300);
      return Math.min(overflowPrice, Math.max(0, price + step * violation));
    });
  }
  return best;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
