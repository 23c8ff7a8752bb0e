/**
 * Lower bound on the whole problem, both sides of capacity priced at once (see prefix-oracle for L).
 *
 * At convergence it is the optimum of the relaxation over convex combinations of whole prefix choices, at least that of
 * the linear relaxation of (1)–(8). Stopped early it is still L at the best prices seen, a true bound. Where the
 * relaxation cannot keep the capacities, the first phase (zero cost, overflow at price 1) proves by how much.
 */
import { largestLoad } from '../problem/capacity.ts';
import type { Problem } from '../problem/problem.ts';
import { type ColumnGenerationOptions, generateColumns, type Relaxation } from './column-generation.ts';
import { PrefixOracle } from './prefix-oracle.ts';
import { overflowPriceOf } from './proximity-relaxation.ts';
import type { RunControl } from './run-control.ts';

/** Share by which a bound is lowered for the rounding of its sum; far below the gap that "optimal" allows. */
const SUMMATION_SLACK = 1e-12;
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
  readonly relaxation: Relaxation;
  readonly oracle: PrefixOracle;
}

export interface BoundOptions {
  readonly variant: 'ses' | 'mes';
  /** Relative distance between the two values of the relaxation at which it ends. */
  readonly tolerance: number;
  readonly control: RunControl;
}

export function lowerBound(problem: Problem, options: BoundOptions): Bound {
  const pruned = new PrefixOracle(problem, { variant: options.variant, fixedIngress: null, prune: true });
  const whole = new PrefixOracle(problem, { variant: options.variant, fixedIngress: null, prune: false });
  const oracle = fitsOneByOne(problem, pruned) ? pruned : whole;
  const solve = (source: PrefixOracle, costWeight: 0 | 1, overflowPrice: number): Relaxation => {
    const settings: ColumnGenerationOptions = {
      capacity: source.capacity().map(largestLoad),
      costWeight,
      overflowPrice,
      vertex: false,
      tolerance: options.tolerance,
      maxRounds: 100,
      control: options.control,
    };
    return generateColumns(source, settings);
  };
  const priced = solve(oracle, 1, overflowPriceOf(problem));
  const overflow = priced.overflow.reduce((total, value) => total + value, 0);
  const tolerated = OVERFLOW_TOLERANCE * problem.totalVolume;
  const least = overflow > tolerated || oracle === whole ? solve(whole, 0, 1).bound : 0;
  const { prices, rounds, converged } = priced;
  const account = { prices, rounds, converged, relaxation: priced, oracle };
  if (least > tolerated) return { ...account, lowerBound: null, leastOverload: least };
  return { ...account, lowerBound: lowered(priced.bound), leastOverload: 0 };
}

/** Has every prefix a choice in which nothing is too large for a point by itself? */
function fitsOneByOne(problem: Problem, pruned: PrefixOracle): boolean {
  const free = new Float64Array(2 * problem.pointCount);
  return pruned.prefixOf.every((k) => Number.isFinite(pruned.minimize(k, free, 1).bound));
}

function lowered(bound: number): number {
  return bound - Math.abs(bound) * SUMMATION_SLACK;
}
