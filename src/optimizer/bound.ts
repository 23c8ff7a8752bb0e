/**
 * Lower bound on the whole problem, both sides of capacity priced at once (see prefix-oracle for L).
 *
 * At convergence it is the optimum of the relaxation over convex combinations of whole prefix choices, at least that of
 * the linear relaxation of (1)–(8). Stopped early it is still L at the best prices seen, a true bound. Where the
 * relaxation cannot keep the capacities, the first phase (zero cost, overflow at price 1) proves by how much.
 */
import { largestLoad } from '../problem/capacity.ts';
import type { Problem } from '../problem/problem.ts';
import { type ColumnGenerationOptions, generateColumns, type Relaxation, seekPrices } from './column-generation.ts';
import { DEARER, DEARER_ATTEMPTS } from './gap-relaxation.ts';
import { PrefixOracle } from './prefix-oracle.ts';
import { overflowPriceOf } from './proximity-relaxation.ts';
import { type RunControl, stopRequested } from './run-control.ts';

const OVERFLOW_TOLERANCE = 1e-7;

export interface Bound {
  /** Lower bound on the objective of every plan that fits; null where none fits. */
  readonly lowerBound: number | null;
  /** Float64 [2n], shadow prices: ingress sides, then egress sides; objective per unit of capacity. */
  readonly prices: Float64Array;
  /** Least total overload of any plan, proven; 0 where the relaxation fits. */
  readonly leastOverload: number;
  readonly rounds: number;
  readonly converged: boolean;
  /** The relaxation at real cost, and the oracle whose blocks its columns are. */
  readonly relaxation: Relaxation | null;
  readonly oracle: PrefixOracle;
}

export interface BoundOptions {
  /** Prices from a sample and ascent alone: near the best bound, in a fraction of the time, and no proof of overload. */
  readonly quick: boolean;
  readonly variant: 'ses' | 'mes';
  /** Relative distance between the two values of the relaxation at which it ends. */
  readonly tolerance: number;
  readonly control: RunControl;
}

export function lowerBound(problem: Problem, options: BoundOptions): Bound {
  const pruned = new PrefixOracle(problem, { variant: options.variant, fixedIngress: null, prune: true });
  const whole = new PrefixOracle(problem, { variant: options.variant, fixedIngress: null, prune: false });
  const oracle = fitsOneByOne(problem, pruned) ? pruned : whole;
  const settings = (costWeight: 0 | 1, overflowPrice: number): ColumnGenerationOptions => ({
    capacity: whole.capacity().map(largestLoad),
    costWeight,
    overflowPrice,
    vertex: false,
    tolerance: options.tolerance,
    maxRounds: 100,
    control: options.control,
  });
  const real = settings(1, overflowPriceOf(problem));
  if (options.quick) {
    const { bound, prices } = seekPrices(oracle, real, null);
    const account = { rounds: 0, converged: false, relaxation: null, oracle };
    return { ...account, lowerBound: bound, prices, leastOverload: 0 };
  }
  const tolerated = OVERFLOW_TOLERANCE * problem.totalVolume;
  let priced = generateColumns(oracle, real);
  let overflow = sumOf(priced.overflow);
  const fitsNowhere = oracle === whole;
  const least = overflow > tolerated || fitsNowhere ? generateColumns(whole, settings(0, 1)).bound : 0;
  const proven = fitsNowhere || least > tolerated;
  // Relief may take a chain of moves, dearer than any one of them.
  let dear = real.overflowPrice;
  for (let attempt = 0; !proven && overflow > tolerated && attempt < DEARER_ATTEMPTS; attempt++) {
    if (stopRequested(options.control)) break;
    dear *= DEARER;
    const dearer = generateColumns(oracle, { ...real, overflowPrice: dear });
    if (dearer.bound >= priced.bound) priced = dearer;
    overflow = sumOf(dearer.overflow);
  }
  const { prices, rounds, converged } = priced;
  const account = { prices, rounds, converged, relaxation: priced, oracle };
  if (proven) return { ...account, lowerBound: null, leastOverload: Math.max(0, least) };
  return { ...account, lowerBound: priced.bound, leastOverload: 0 };
}

function sumOf(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Has every prefix a choice in which nothing is too large for a point by itself? */
function fitsOneByOne(problem: Problem, pruned: PrefixOracle): boolean {
  const free = new Float64Array(2 * problem.pointCount);
  return Number.isFinite(pruned.cheapest(free, 1).minima);
}
