/**
 * Rounds of large neighborhood search: some prefixes that share points are taken out of the plan and choose anew, the heavier
 * ones first as a rule, under shadow prices of random strength, in the room that the others leave (ruin and recreate,
 * Schrimpf et al. 2000). What makes the plan worse by less than an allowance that falls to nothing stays too (threshold by
 * chance, as in annealing); every round starts from the best plan.
 *
 * Deterministic for a seed; ends after some rounds without gain, at the target, or when it is stopped. Guarantee: the
 * incumbent never gets worse. Cost of a try: a placement of each prefix taken out.
 */
import type { Problem } from '../../problem/problem.ts';
import { type Reinsertion, SEARCHING } from '../kernels/prefix-kernel.ts';
import type { PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import type { Incumbent } from '../run/incumbent.ts';
import { uniform } from '../run/random.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { drawByVolume, relatives } from './relatives.ts';

/** Tries of a round: so many for each prefix, within these bounds. */
const TRIES_EACH = 60;
const FEWEST_TRIES = 2_000;
const MOST_TRIES = 8_000;
/** Rounds without gain after which it ends; of those that take nothing worse, one. */
const PATIENCE = 2;
/** Searches in a row, each with another seed, without any gain after which nothing more is to be expected. */
export const SEARCHES_WITHOUT_GAIN = 20;
/** What a unit of overload counts, in prices that are dearer than any way. */
const OVERLOAD_WEIGHT = 4;
/** Allowance at the start of a round, in mean costs of a prefix, and by what it falls to the end. */
const WARM = 0.005;
const COOLING = 1e-3;

/** What a search makes of the tries of a round, which begins at the plan of the incumbent. */
export interface RoundTracker {
  /** Cost of the plan at hand. */
  readonly cost: number;
  /** The prefixes that are about to be taken out. */
  before(list: Int32Array): void;
  /** They have chosen anew, or are back: offers what is worth it. */
  after(list: Int32Array, tried: Reinsertion): void;
  end(): void;
}

export interface RoundOptions {
  /** Int32, the prefixes that may be taken out. */
  readonly list: Int32Array;
  /** Float64 [2n], shadow prices. */
  readonly prices: Float64Array;
  readonly seed: number;
  /** A price that is dearer than any way. */
  readonly dear: number;
  /** Objective, of a plan that fits, at which it ends. */
  readonly target: number;
  /** A round that gains less than this share of the objective is one without gain. */
  readonly leastGain: number;
  /** Takes what is worse by the allowance. */
  readonly isWarm: boolean;
  readonly control: RunControl;
  /** The kernel holds the plan of the incumbent. */
  readonly track: () => RoundTracker;
}

/** Returns the number of tries. */
export function searchInRounds(
  problem: Problem,
  planner: PrefixPlanner,
  incumbent: Incumbent,
  { list, prices, seed, dear, target, leastGain, isWarm, control, track }: RoundOptions,
): number {
  const random = uniform(seed);
  const draw = drawByVolume(list, planner.volume, random);
  const roundTries = Math.min(MOST_TRIES, Math.max(FEWEST_TRIES, TRIES_EACH * list.length));
  const isDone = (): boolean => {
    const { objective, overload } = incumbent.candidate.evaluation;
    return stopRequested(control) || (overload === 0 && objective <= target);
  };
  const patience = isWarm ? PATIENCE : 1;
  let tries = 0;
  for (let stalled = 0; stalled < patience && !isDone(); stalled++) {
    const before = incumbent.candidate.evaluation;
    planner.take(incumbent.candidate.choice);
    planner.kernel.setWeight(OVERLOAD_WEIGHT * dear);
    const tracker = track();
    for (let round = 0; round < roundTries && !isDone(); round++, tries++) {
      const some = relatives(problem, planner, random, draw);
      const strength = 0.5 + 0.7 * random();
      const own = prices.map((price) => price * strength * (0.85 + 0.3 * random()));
      const heat = isWarm ? (WARM * tracker.cost * COOLING ** (round / roundTries)) / planner.byVolume.length : 0;
      const allowance = -heat * Math.log(1 - random());
      tracker.before(some);
      tracker.after(some, planner.kernel.reinsert({ list: some, prices: own, nodeLimit: SEARCHING }, allowance));
    }
    tracker.end();
    const { objective, overload } = incumbent.candidate.evaluation;
    if (overload < before.overload || objective < before.objective * (1 - leastGain)) stalled = -1;
  }
  return tries;
}
