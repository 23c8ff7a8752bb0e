/**
 * Large neighborhood search: some prefixes that share points are taken out of the plan and choose anew, the heavier ones
 * first as a rule, under shadow prices of random strength, in the room that the others leave (ruin and recreate,
 * Schrimpf et al. 2000). What makes the plan no worse stays.
 *
 * Deterministic for a seed; ends after some tries without gain, at the target, or when it is stopped. Guarantee:
 * never worse than the start. Cost of a try: a placement of each prefix taken out.
 */
import type { Problem } from '../problem/problem.ts';
import { SEARCHING } from './prefix-kernel.ts';
import type { PrefixPlanner } from './prefix-plan.ts';
import { uniform } from './random.ts';
import { type RunControl, stopRequested } from './run-control.ts';

const STALLED = 4_000;
const STALLED_EACH = 50;
const LARGEST = 24;
/** Share of the prefixes taken out that need not share a point with the first. */
const STRANGERS = 0.1;
const DRAWS_EACH = 12;

export interface ReinsertionOptions {
  /** Float64 [2n], shadow prices. */
  readonly prices: Float64Array;
  readonly seed: number;
  /** What a unit of overload counts. */
  readonly weight: number;
  /** The objective at hand, and that at which to end. */
  readonly objective: number;
  readonly target: number;
  readonly control: RunControl;
}

/** Works on the plan of the planner, which it leaves improved; returns the number of tries. */
export function reinsert(problem: Problem, planner: PrefixPlanner, options: ReinsertionOptions): number {
  const { prices, weight, control } = options;
  const random = uniform(options.seed);
  const draw = weightedDraw(planner, random);
  planner.kernel.setWeight(weight);
  let objective = options.objective;
  const patience = Math.min(STALLED, STALLED_EACH * planner.byVolume.length);
  let tries = 0;
  for (let stalled = 0; stalled < patience && objective > options.target && !stopRequested(control); tries++) {
    const list = relatives(problem, planner, random, draw);
    const strength = 0.5 + 0.7 * random();
    const own = prices.map((price) => price * strength * (0.85 + 0.3 * random()));
    const { costDelta } = planner.kernel.reinsert({ list, prices: own, nodeLimit: SEARCHING }, 0);
    objective += costDelta;
    stalled = costDelta < -1e-6 * Math.abs(objective) ? 0 : stalled + 1;
  }
  return tries;
}

/** Prefixes that use points of one of them, in the order in which they choose. */
function relatives(
  problem: Problem,
  { kernel, volume }: PrefixPlanner,
  random: () => number,
  draw: () => number,
): Int32Array {
  const { pairStart, pointCount, egressPoint } = problem;
  const plan = kernel.plan();
  const size = 2 + Math.floor(random() * (LARGEST - 1));
  const first = draw();
  const sides = new Set<number>();
  for (let pair = pairStart[first]; pair < pairStart[first + 1]; pair++) {
    if (random() < 0.5) sides.add(plan.ingress[pair]);
    if (random() < 0.5) sides.add(pointCount + egressPoint[plan.slot[pair]]);
  }
  const sharesSide = (k: number): boolean => {
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      if (sides.has(plan.ingress[pair]) || sides.has(pointCount + egressPoint[plan.slot[pair]])) return true;
    }
    return false;
  };
  const chosen = new Set([first]);
  for (let drawn = 0; drawn < DRAWS_EACH * size && chosen.size < size; drawn++) {
    const k = draw();
    if (!chosen.has(k) && (random() < STRANGERS || sharesSide(k))) chosen.add(k);
  }
  const urgency = new Map(Array.from(chosen, (k) => [k, volume[k] * (0.3 + 0.7 * random())]));
  return Int32Array.from(chosen).sort((a, b) => (urgency.get(b) as number) - (urgency.get(a) as number) || a - b);
}

/** Draws prefixes by the root of their volume: the heavy ones decide, the light ones fill. */
function weightedDraw({ byVolume, volume }: PrefixPlanner, random: () => number): () => number {
  const sums = new Float64Array(byVolume.length);
  let total = 0;
  byVolume.forEach((k, at) => {
    total += Math.sqrt(volume[k]) + Number.MIN_VALUE;
    sums[at] = total;
  });
  return () => {
    const wanted = random() * total;
    let [low, high] = [0, byVolume.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return byVolume[low];
  };
}
