/** The one side of column generation: who minimizes the blocks under prices. */
import { CompensatedSum } from '../../problem/sum.ts';
import type { Column, ColumnPool } from './column-pool.ts';

/** Called once for every block with its cheapest column; `value` is cost + λ·load. The column is the sink's. */
export type ColumnSink = (value: number, column: Column) => void;

export interface ColumnOracle {
  readonly blockCount: number;
  readonly resourceCount: number;
  /** Float64 [blocks], size of each block: what it can load at most. */
  readonly blockWeight: Float64Array;
  /**
   * Minimizes blocks under prices [resources] ≥ 0, their cost taken `costWeight` (0 or 1) times, and returns the sum of
   * the minima, each a valid lower bound of its block: it may lie below the value of the column where a block was not
   * minimized to the end. `blocks` names those wanted, ascending; all where it is left out.
   */
  price(prices: Float64Array, costWeight: 0 | 1, sink: ColumnSink, blocks?: Int32Array): number;
  /** Puts all columns into the pool where they are few; then there is nothing to price. */
  seed?(pool: ColumnPool): void;
}

/** Share of its terms by which L(λ) is lowered for the rounding of its sums, which are compensated. */
const SUMMATION_SLACK = 1e-13;

/** L(λ) from the sum of the minima: a bound also after rounding. */
export function lagrangian(minima: number, prices: Float64Array, capacity: Float64Array): number {
  const paid = new CompensatedSum();
  let size = Math.abs(minima);
  for (let s = 0; s < prices.length; s++) {
    // An unlimited one never has a price.
    if (prices[s] <= 0) continue;
    paid.add(prices[s] * capacity[s]);
    size += Math.abs(prices[s] * capacity[s]);
  }
  return minima - paid.value - SUMMATION_SLACK * size;
}
