/**
 * Price-directed linear relaxation of a block-structured program.
 *
 *   min  Σ_b cost(x_b)   subject to   Σ_b load_s(x_b) ≤ T_s for every resource s,   x_b ∈ conv(X_b)
 *
 * Only the resource rows couple the blocks. Under prices λ ≥ 0 every block is minimized alone, by an oracle, and
 *   L(λ) = Σ_b min_{x ∈ X_b} (cost(x) + λ·load(x)) − λ·T
 * is a lower bound (Lagrange). Columns found that way enter a restricted program, whose row duals are the next prices,
 * until the two values meet (Dantzig and Wolfe 1960). Prices are sought between the best seen and the newest
 * (Wentges 1997, the weights as by Pessoa et al. 2018), and each is boxed by the price of overflow on its resource, which rises where overflow is used (Marsten
 * et al. 1975). First prices come from a sample of the blocks, and there from dual ascent.
 *
 * Guarantee: `bound` is L of `prices`, evaluated over all columns. At the end `primal − bound` ≤ tolerance · |primal|,
 * unless a limit stopped the run or the solver failed. Cost: one oracle pass and one restricted program a round, some ten rounds.
 */

import { Interruption, type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { sampleBlocks } from './block-sample.ts';
import { type ColumnOracle, type ColumnSink, lagrangian } from './column-oracle.ts';
import { ColumnPool } from './column-pool.ts';
import { type Ascent, ascendDual } from './dual-ascent.ts';
import { scalesOf, solveRestricted, unsolved, valueUnder } from './restricted-program.ts';

export interface ColumnGenerationOptions {
  /** Float64 [resources], T_s; Infinity where unlimited. */
  readonly capacity: Float64Array;
  /** 1: least cost. 0: least overflow, whatever it costs; then the overflow price is 1. */
  readonly costWeight: 0 | 1;
  /** Overflow is bought at this price where nothing cheaper is left; no price goes above it. */
  readonly overflowPrice: number;
  /** Float64 [resources]; none: prices are sought first. */
  readonly startPrices?: Float64Array | undefined;
  /** The last restricted program is solved to a vertex: at most one block is split for each resource. */
  readonly vertex: boolean;
  readonly tolerance: number;
  readonly maxRounds: number;
  readonly control: RunControl;
  /** Told of `bound` after every pass. */
  readonly onBound?: (bound: number) => void;
}

export interface Relaxation {
  readonly primal: number;
  readonly bound: number;
  /** Float64 [resources], prices λ at which L equals `bound`. */
  readonly prices: Float64Array;
  /** The best prices, then those visited last: where columns near the optimum are found. */
  readonly trail: readonly Float64Array[];
  readonly pool: ColumnPool;
  /** Float64 [columns of the pool], share of each column in the last restricted program. */
  readonly share: Float64Array;
  /** Float64 [resources], overflow in the last restricted program. */
  readonly overflow: Float64Array;
  readonly rounds: number;
  readonly converged: boolean;
}

/** From this many blocks on, first prices come from a sample of a quarter of them, and of no more than this many. */
const SAMPLED_BLOCKS = 120;
const LARGEST_SAMPLE = 300;
const SAMPLE_ROUNDS = 30;
const SAMPLE_TOLERANCE = 1e-4;
/** Passes of ascent from nothing, and from the prices of a sample. */
const ASCENT_PASSES = 60;
const REFINING_PASSES = 40;
/** Price vectors around the best at which the first columns are found: a block needs several near the optimum. */
const TRAIL = 8;
/** Weight of the best prices against the newest, at first. */
const FIRST_SMOOTHING = 0.8;

/** Throws Interruption where it was stopped before every block had a column. */
export function generateColumns(oracle: ColumnOracle, options: ColumnGenerationOptions): Relaxation {
  const { capacity, costWeight, control, overflowPrice } = options;
  const pool = new ColumnPool(oracle.blockCount);
  oracle.seed?.(pool);
  let best = seekPrices(oracle, options, pool);
  const visited: Float64Array[] = [];
  const visit = (prices: Float64Array, sink: ColumnSink): void => {
    const minima = priceUnlessStopped(oracle, prices, costWeight, sink);
    if (minima === null) return;
    visited.push(prices);
    const bound = lagrangian(minima, prices, capacity);
    if (bound > best.bound) best = { bound, prices };
    options.onBound?.(best.bound);
  };
  visit(best.prices, (_, column) => pool.addIfNew(column));
  if (pool.ofBlock.some((columns) => columns.length === 0)) throw new Interruption();

  const box = firstBox(best.prices, overflowPrice);
  let master = unsolved(pool, best.prices);
  let isEnded = false;
  const solve = (how: { exact: boolean; vertex: boolean }): void => {
    const options = { capacity, costWeight, overflowPrice: box, control, ...how };
    const solved = attemptStage(control, () => solveRestricted(pool, master, options));
    isEnded = solved === null;
    master = solved ?? master;
  };
  let exact = false;
  let smoothing = FIRST_SMOOTHING;
  solve({ exact, vertex: false });
  for (let round = 1; ; round++) {
    const boxed = widenBox(box, master.overflow, overflowPrice);
    const meets = !boxed && master.primal - best.bound <= options.tolerance * Math.max(Math.abs(master.primal), 1e-300);
    const columnCount = pool.columns.length;
    if (!meets && !isEnded && round <= options.maxRounds && !stopRequested(control)) {
      const unit = scalesOf(pool, costWeight).cost;
      const addImproving: ColumnSink = (_, column) => {
        const dual = master.blockDual[column.block];
        const undercut = dual - 1e-10 * Math.max(unit, Math.abs(dual));
        if (valueUnder(column, master.prices, costWeight) < undercut) pool.addIfNew(column);
      };
      const load = new Float64Array(oracle.resourceCount);
      const center = best.prices;
      visit(between(center, master.prices, smoothing), (value, column) => {
        for (let at = 0; at < column.amounts.length; at++) load[column.resources[at]] += column.amounts[at];
        addImproving(value, column);
      });
      const rises = slope(load, capacity, center, master.prices) > 0;
      smoothing = rises ? Math.max(0, smoothing - 0.1) : smoothing + 0.1 * (1 - smoothing);
      // In between every improving column may be missed: the newest prices decide.
      if (pool.columns.length === columnCount) visit(master.prices, addImproving);
      const grown = pool.columns.length > columnCount;
      if (grown || boxed || !exact) {
        exact = !grown;
        solve({ exact, vertex: false });
        continue;
      }
    }
    const settled = meets || (!boxed && !isEnded && pool.columns.length === columnCount && !stopRequested(control));
    if (options.vertex && settled) solve({ exact: true, vertex: true });
    const share = new Float64Array(pool.columns.length);
    share.set(master.share);
    const { primal, overflow } = master;
    const trail = [best.prices, ...visited.slice(-TRAIL).reverse()];
    return { ...best, trail, primal, overflow, share, pool, rounds: round, converged: settled };
  }
}

/**
 * Good prices without a restricted program over all blocks: from a sample and dual ascent. Columns met near the best
 * prices enter the pool, where one is given.
 */
export function seekPrices(oracle: ColumnOracle, options: ColumnGenerationOptions, pool: ColumnPool | null): Ascent {
  const from = (prices: Float64Array): Ascent => ({ bound: Number.NEGATIVE_INFINITY, prices });
  if (options.startPrices !== undefined) return from(options.startPrices);
  // With every column in the pool the restricted program needs no prices.
  if (pool !== null && pool.columns.length > 0) return from(new Float64Array(oracle.resourceCount));
  const { overflowPrice } = options;
  if (oracle.blockCount < SAMPLED_BLOCKS) {
    return ascendDual(oracle, { ...options, step: overflowPrice / 8, passes: ASCENT_PASSES });
  }
  const sample = sampleBlocks(oracle, Math.min(LARGEST_SAMPLE, Math.ceil(oracle.blockCount / 4)));
  const coarse = {
    ...options,
    tolerance: SAMPLE_TOLERANCE,
    vertex: false,
    maxRounds: SAMPLE_ROUNDS,
    control: withShare(options.control, 0.4),
  };
  const { trail } = generateColumns(sample, coarse);
  const refining = { ...options, start: trail[0], step: overflowPrice / 200, passes: REFINING_PASSES };
  const refined = ascendDual(oracle, refining);
  if (pool === null) return refined;
  const add: ColumnSink = (_, column) => pool.addIfNew(column);
  for (const prices of trail) oracle.price(prices, options.costWeight, add);
  ascendDual(oracle, { ...options, start: refined.prices, step: overflowPrice / 1000, passes: TRAIL }, add);
  return refined;
}

/** The sum of the minima; null where the control did not let the pass end. */
function priceUnlessStopped(
  oracle: ColumnOracle,
  prices: Float64Array,
  costWeight: 0 | 1,
  sink: ColumnSink,
): number | null {
  try {
    return oracle.price(prices, costWeight, sink);
  } catch (error) {
    if (error instanceof Interruption) return null;
    throw error;
  }
}

/** weight · a + (1 − weight) · b. */
function between(a: Float64Array, b: Float64Array, weight: number): Float64Array {
  return a.map((price, s) => weight * price + (1 - weight) * b[s]);
}

/** Slope of L, where it has these loads, on the way from `center` to `prices` (Pessoa et al. 2018). */
function slope(load: Float64Array, capacity: Float64Array, center: Float64Array, prices: Float64Array): number {
  let total = 0;
  for (let s = 0; s < load.length; s++) {
    if (Number.isFinite(capacity[s])) total += (load[s] - capacity[s]) * (prices[s] - center[s]);
  }
  return total;
}

/** Prices may at first at most treble, or reach the mean of the positive ones where they are small. */
function firstBox(prices: Float64Array, overflowPrice: number): Float64Array {
  const positive = prices.filter((price) => price > 0);
  const mean = positive.reduce((sum, price) => sum + price, 0) / positive.length;
  if (positive.length === 0) return new Float64Array(prices.length).fill(overflowPrice);
  return prices.map((price) => Math.min(overflowPrice, 3 * price + mean));
}

/** Raises the price of overflow where it was used below its final price; tells whether it did. */
function widenBox(box: Float64Array, overflow: Float64Array, overflowPrice: number): boolean {
  let widened = false;
  for (let s = 0; s < box.length; s++) {
    if (overflow[s] <= 0 || box[s] >= overflowPrice) continue;
    box[s] = Math.min(overflowPrice, 4 * box[s]);
    widened = true;
  }
  return widened;
}
