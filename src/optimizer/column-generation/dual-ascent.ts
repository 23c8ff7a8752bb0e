/**
 * First prices for a block-structured program: projected subgradient ascent on L(λ) (see column-generation), the step of
 * each resource divided by the root of its summed squared subgradients (Duchi et al. 2011), so that a busy and an idle
 * point each move at their own pace. No guarantee but that `bound` is L(prices). Cost: one oracle pass each time.
 */

import { type RunControl, stopRequested } from '../run/run-control.ts';
import { type ColumnOracle, type ColumnSink, lagrangian } from './column-oracle.ts';

export interface AscentOptions {
  readonly capacity: Float64Array;
  readonly costWeight: 0 | 1;
  /** No price goes above it. */
  readonly overflowPrice: number;
  readonly passes: number;
  /** Float64 [resources], where to start; zero where it is left out. */
  readonly start?: Float64Array;
  /** How far one price may go in the first pass. */
  readonly step: number;
  readonly control: RunControl;
}

export interface Ascent {
  readonly bound: number;
  /** Float64 [resources]. */
  readonly prices: Float64Array;
}

/** `sink` sees the cheapest columns of every pass. */
export function ascendDual(oracle: ColumnOracle, options: AscentOptions, sink: ColumnSink = () => {}): Ascent {
  const { capacity, costWeight, overflowPrice, step } = options;
  const prices = options.start?.slice() ?? new Float64Array(oracle.resourceCount);
  const squares = new Float64Array(oracle.resourceCount);
  const load = new Float64Array(oracle.resourceCount);
  let best: Ascent = { bound: Number.NEGATIVE_INFINITY, prices: prices.slice() };
  // One pass at least: a bound is always returned.
  for (let pass = 0; pass === 0 || (pass < options.passes && !stopRequested(options.control)); pass++) {
    load.fill(0);
    const minima = oracle.price(prices, costWeight, (value, column) => {
      for (let at = 0; at < column.resources.length; at++) load[column.resources[at]] += column.amounts[at];
      sink(value, column);
    });
    const bound = lagrangian(minima, prices, capacity);
    if (bound > best.bound) best = { bound, prices: prices.slice() };
    for (let s = 0; s < prices.length; s++) {
      if (!Number.isFinite(capacity[s])) continue;
      const violation = load[s] - capacity[s];
      squares[s] += violation * violation;
      if (squares[s] === 0) continue;
      prices[s] = Math.min(overflowPrice, Math.max(0, prices[s] + (step * violation) / Math.sqrt(squares[s])));
    }
  }
  return best;
}
