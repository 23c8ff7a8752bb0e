/**
 * Lower bound on the whole problem, both sides of capacity priced at once.
 *
 *   L(λ, μ) = Σ_k min over the choices of prefix k of (cost + λ·ingress loads + μ·egress loads) − λ·C − μ·K
 *
 * a choice being one egress with the best ingresses (SES), or an egress set with the best ingresses for it (MES). At the
 * best prices that is the optimum over convex combinations of whole prefix choices, at least that of the linear relaxation
 * of (1)–(8) with aggregated (5). It is sought by column generation over groups of prefixes (see group-oracle), from
 * prices and plans that a few fillings give. Stopped early it is L at the best prices seen, a true bound. Where the
 * relaxation cannot keep the capacities, the first phase (zero cost, overflow at price 1) proves by how much.
 *
 * Guarantee: no plan that fits is below `lowerBound`, wherever it was stopped; null only where it is proven that none fits.
 * Cost: a pass of prefix-kernel and a restricted program for each round, some tens of them.
 */

import { DEARER, DEARER_ATTEMPTS, OVERFLOW_TOLERANCE } from '../../problem/overflow-price.ts';
import type { Problem } from '../../problem/problem.ts';
import { sideRoom } from '../../problem/sides.ts';
import {
  type ColumnGenerationOptions,
  generateColumns,
  type Relaxation,
} from '../column-generation/column-generation.ts';
import { lagrangian } from '../column-generation/column-oracle.ts';
import { THOROUGH } from '../kernels/prefix-kernel.ts';
import type { Incumbent } from '../run/incumbent.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { type BoundStart, firstPlans, knownPlans } from './first-plans.ts';
import { GroupOracle } from './group-oracle.ts';
import type { PrefixPlanner } from './prefix-plan.ts';
import type { SideOverload } from './side-overload.ts';

/** Of the time: for how much every plan overloads, where the sides have proven that every plan does. */
const OVERLOAD_SHARE = 0.5;
/** Relative: an overload as near as this to what is proven is the least. */
const CLOSED = 1e-8;

export interface Bound {
  /** Lower bound on the objective of every plan that fits; null where none fits. */
  readonly lowerBound: number | null;
  /** Float64 [2n], shadow prices: ingress sides, then egress sides; objective per unit of capacity. */
  readonly prices: Float64Array;
  /** Least total overflow of any plan, proven; 0 where the relaxation fits. */
  readonly leastOverload: number;
  readonly rounds: number;
  readonly converged: boolean;
  /** The relaxation at real cost, and the oracle whose blocks its columns are. */
  readonly relaxation: Relaxation;
  readonly oracle: GroupOracle;
  /** The best plan met on the way. */
  readonly incumbent: Incumbent;
  /** What the sides prove by themselves, where that was asked. */
  readonly sides: SideOverload;
}

export interface BoundOptions {
  /** Relative distance between the two values of the relaxation at which it ends. */
  readonly tolerance: number;
  readonly maxRounds: number;
  readonly control: RunControl;
  /** Sought where left out. */
  readonly start?: BoundStart;
  /** Float64 [2n] ≥ 0: where the start is sought from; those of a problem that is much the same. */
  readonly startPrices?: Float64Array | null;
}

export function lowerBound(problem: Problem, planner: PrefixPlanner, options: BoundOptions): Bound {
  const { control, start, startPrices } = options;
  const room = sideRoom(problem);
  const known =
    start === undefined ? firstPlans(problem, planner, control, startPrices) : knownPlans(problem, start, control);
  const { incumbent, plans, sides } = known;
  const onBound = (bound: number): void => {
    if (Number.isFinite(bound)) control.report({ phase: 'bound', incumbent: null, bound });
  };
  const oracleIn = (limits: Float64Array | null): GroupOracle =>
    new GroupOracle(problem, planner.kernel, {
      room: limits,
      nodeLimit: THOROUGH,
      plans,
      prefixes: planner.byVolume,
    });
  const fit = fitsOneByOne(problem, planner, room, control);
  const fitsNowhere = fit === false;
  // What is too large by itself is left out only where the others are known to be something.
  const pruned = fit === true ? room : null;
  const oracle = oracleIn(pruned);
  const tolerated = OVERFLOW_TOLERANCE * problem.totalVolume;
  const { overload } = incumbent.candidate.evaluation;
  let least = sides.amount;
  const settings = (costWeight: 0 | 1, overflowPrice: number, startPrices: Float64Array): ColumnGenerationOptions => ({
    capacity: room,
    costWeight,
    overflowPrice,
    startPrices,
    vertex: false,
    tolerance: options.tolerance,
    maxRounds: options.maxRounds,
    control,
    ...(costWeight === 1 && least <= tolerated && { onBound }),
  });
  const raiseLeast = (startPrices: Float64Array, share: number): void => {
    const own = { ...settings(0, 1, startPrices), control: withShare(control, share) };
    least = Math.max(least, generateColumns(oracleIn(null), own).bound);
  };
  const isOpen = overload * (1 - CLOSED) > least;
  const isShort = least > tolerated;
  // Where nothing fits, by how much counts before what it costs.
  if (isShort && isOpen) raiseLeast(sides.prices, OVERLOAD_SHARE);
  let dear = planner.dear;
  let priced = generateColumns(oracle, settings(1, dear, known.prices));
  let overflow = sumOf(priced.overflow);
  if (!isShort && (fitsNowhere || (overflow > tolerated && isOpen))) {
    const highest = priced.prices.reduce((most, price) => Math.max(most, price), 0) || 1;
    const near = priced.prices.map((price) => price / highest);
    raiseLeast(near, 1);
  }
  const proven = fitsNowhere || least > tolerated;
  // Relief may take a chain of moves, dearer than any one of them.
  for (let attempt = 0; !proven && overflow > tolerated && attempt < DEARER_ATTEMPTS; attempt++) {
    if (stopRequested(control)) break;
    dear *= DEARER;
    const dearer = generateColumns(oracle, settings(1, dear, priced.prices));
    if (dearer.bound >= priced.bound) priced = dearer;
    overflow = sumOf(dearer.overflow);
  }
  const { prices, rounds, converged } = priced;
  // Stopped before the first pass had ended.
  const bound = Number.isFinite(priced.bound) ? priced.bound : boundAt(prices, problem, planner, pruned, control);
  const account = { prices, rounds, converged, relaxation: priced, oracle, incumbent, sides };
  if (!proven) return { ...account, lowerBound: bound, leastOverload: 0 };
  control.provenOverloaded?.();
  return { ...account, lowerBound: null, leastOverload: Math.max(0, least) };
}

/** L at prices [2n], whatever the time; 0, as no plan costs less, where it is cancelled. */
function boundAt(
  prices: Float64Array,
  problem: Problem,
  { kernel }: PrefixPlanner,
  room: Float64Array | null,
  control: RunControl,
): number {
  const search = { prices, costWeight: 1, room, nodeLimit: THOROUGH, patient: 'clock' } as const;
  const found = attemptStage(control, () => kernel.pass(search));
  return found === null ? 0 : lagrangian(found.minima, prices, sideRoom(problem));
}

function sumOf(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Has every prefix a choice in which nothing is too large for a point by itself? Null where it was cancelled before it knew. */
function fitsOneByOne(
  problem: Problem,
  { kernel, byVolume, volume }: PrefixPlanner,
  room: Float64Array,
  control: RunControl,
): boolean | null {
  const large = byVolume.filter((k) => volume[k] > leastRoom(problem, k, room));
  if (large.length === 0) return true;
  const prices = new Float64Array(2 * problem.pointCount);
  const search = { prices, costWeight: 1, room, nodeLimit: THOROUGH, patient: 'clock' } as const;
  const found = attemptStage(control, () => kernel.pass(search, large));
  return found === null ? null : Number.isFinite(found.minima);
}

/** Of the sides that a prefix may use. */
function leastRoom(problem: Problem, k: number, room: Float64Array): number {
  const { pointCount, pairStart, pairNeighbor, ingressStart, ingressPoint, egressStart, egressPoint } = problem;
  let least = Number.POSITIVE_INFINITY;
  for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) {
    least = Math.min(least, room[pointCount + egressPoint[slot]]);
  }
  for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
    const h = pairNeighbor[pair];
    for (let at = ingressStart[h]; at < ingressStart[h + 1]; at++) least = Math.min(least, room[ingressPoint[at]]);
  }
  return least;
}
