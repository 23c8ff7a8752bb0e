/**
 * Price-directed linear relaxation of a block-structured program.
 *
 *   min  Σ_b cost(x_b)   subject to   Σ_b load_s(x_b) ≤ T_s for every resource s,   x_b ∈ conv(X_b)
 *
 * Only the resource rows couple the blocks. Under prices λ ≥ 0 every block is minimized alone, by an oracle, and
 *   L(λ) = Σ_b min_{x ∈ X_b} (cost(x) + λ·load(x)) − λ·T
 * is a lower bound (Lagrange). Columns found that way enter a restricted program, whose row duals are the next prices,
 * until the two values meet (Dantzig and Wolfe 1960). Prices are sought halfway between the best seen and the newest
 * (Wentges 1997), and each is boxed by the price of overflow on its resource, which rises where overflow is used (Marsten
 * et al. 1975). First prices come from a sample of the blocks, and there from dual ascent.
 *
 * Guarantee: `bound` is L of `prices`, evaluated over all columns. At the end `primal − bound` ≤ tolerance · |primal|,
 * unless a limit stopped the run. Cost: one oracle pass and one restricted program a round, some ten rounds.
 */
import { ColumnPool } from './column-pool.ts';
import { type ColumnOracle, type ColumnSink, priceOfCapacity } from './column-oracle.ts';
import { type Ascent, ascendDual } from './dual-ascent.ts';
import { type Guess, type Restricted, solveRestricted, valueUnder } from './restricted-program.ts';
import { type RunControl, stopRequested } from './run-control.ts';
import { sampleBlocks } from './block-sample.ts';

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

const ASCENT_PASSES = 60;
/** From this many blocks on, first prices come from a sample of a quarter of them, and of no more than this many. */
const SAMPLED_BLOCKS = 120;
const LARGEST_SAMPLE = 300;
/** Price vectors of the sample that the whole program visits: one block needs several columns near the optimum. */
const TRAIL = 8;

export function generateColumns(oracle: ColumnOracle, options: ColumnGenerationOptions): Relaxation {
  const { capacity, costWeight, control, overflowPrice } = options;
  const pool = new ColumnPool(oracle.blockCount);
  oracle.seed?.(pool);
  const first = firstPrices(oracle, options, pool);
  let best: Ascent = { bound: Number.NEGATIVE_INFINITY, prices: first[0] };
  const visited: Float64Array[] = [];
  const visit = (prices: Float64Array, sink: ColumnSink): void => {
    visited.push(prices);
    const bound = oracle.price(prices, costWeight, sink) - priceOfCapacity(prices, capacity);
    if (bound > best.bound) best = { bound, prices };
  };
  for (const prices of first) visit(prices, (_, column) => pool.addIfNew(column));

  const box = firstBox(best.prices, overflowPrice, pool.columns.length);
  const solve = (guess: Guess, how: { exact: boolean; vertex: boolean }): Restricted =>
    solveRestricted(pool, guess, { capacity, costWeight, overflowPrice: box, control, ...how });
  let exact = false;
  let master = solve({ prices: best.prices, share: new Float64Array(0) }, { exact, vertex: false });
  for (let round = 1; ; round++) {
    const boxed = widenBox(box, master.overflow, overflowPrice);
    const meets = !boxed && master.primal - best.bound <= options.tolerance * Math.max(Math.abs(master.primal), 1e-300);
    const columnCount = pool.columns.length;
    if (!meets && round <= options.maxRounds && !stopRequested(control)) {
      const addImproving: ColumnSink = (_, column) => {
        const dual = master.blockDual[column.block];
        if (valueUnder(column, master.prices, costWeight) < dual - 1e-10 * Math.max(1, Math.abs(dual))) pool.addIfNew(column);
      };
      visit(master.prices.map((price, s) => 0.5 * price + 0.5 * best.prices[s]), addImproving);
      // Halfway every improving column may be missed: the newest prices decide.
      if (pool.columns.length === columnCount) visit(master.prices, addImproving);
      const grown = pool.columns.length > columnCount;
      if (grown || boxed || !exact) {
        exact = !grown;
        master = solve(master, { exact, vertex: false });
        continue;
      }
    }
    const settled = meets || (!boxed && pool.columns.length === columnCount && !stopRequested(control));
    if (options.vertex && settled) master = solve(master, { exact: true, vertex: true });
    const share = new Float64Array(pool.columns.length);
    share.set(master.share);
    const trail = [best.prices, ...visited.slice(-TRAIL).reverse()];
    return { ...best, trail, primal: master.primal, overflow: master.overflow, share, pool, rounds: round, converged: settled };
  }
}

/** Prices to visit before the first restricted program, the likeliest first. */
function firstPrices(
  oracle: ColumnOracle,
  options: ColumnGenerationOptions,
  pool: ColumnPool,
): readonly Float64Array[] {
  if (options.startPrices !== undefined) return [options.startPrices];
  // With every column in the pool the restricted program needs no prices.
  if (pool.columns.length > 0) return [new Float64Array(oracle.resourceCount)];
  if (oracle.blockCount < SAMPLED_BLOCKS) return [ascendDual(oracle, { ...options, passes: ASCENT_PASSES }).prices];
  const sample = sampleBlocks(oracle, Math.min(LARGEST_SAMPLE, Math.ceil(oracle.blockCount / 4)));
  return generateColumns(sample, { ...options, tolerance: 1e-4, vertex: false, maxRounds: 30 }).trail;
}

/** Prices may at first at most treble, or reach the mean of the positive ones where they are small. */
function firstBox(prices: Float64Array, overflowPrice: number, columnCount: number): Float64Array {
  const positive = prices.filter((price) => price > 0);
  const mean = positive.reduce((sum, price) => sum + price, 0) / positive.length;
  if (positive.length === 0 || columnCount === 0) return new Float64Array(prices.length).fill(overflowPrice);
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
