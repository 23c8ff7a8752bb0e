/**
 * Large neighborhood search: some prefixes that share points are taken out of the plan and choose anew, the heavier ones
 * first as a rule, under shadow prices of random strength, in the room that the others leave (ruin and recreate,
 * Schrimpf et al. 2000). What makes the plan worse by less than an allowance that falls to nothing stays too (threshold by
 * chance, as in annealing); every round starts from the best plan.
 *
 * Deterministic for a seed; ends after some rounds without gain, at the target, or when it is stopped. Guarantee: the
 * incumbent never gets worse. Cost of a try: a placement of each prefix taken out.
 */
import type { Problem } from '../../problem/problem.ts';
import { SEARCHING } from '../kernels/prefix-kernel.ts';
import type { PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import type { Incumbent } from '../run/incumbent.ts';
import { uniform } from '../run/random.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { drawByVolume, relatives } from './relatives.ts';

/** Tries of a round: so many for each prefix, within these bounds. */
const TRIES_EACH = 60;
const FEWEST_TRIES = 2_000;
const MOST_TRIES = 8_000;
/** Rounds without gain after which it ends. */
const PATIENCE = 2;
/** Allowance at the start of a round, in mean costs of a prefix, and by what it falls to the end. */
const WARM = 0.005;
const COOLING = 1e-3;
/** A round that gains less than this share of the objective is one without gain. */
const LEAST_GAIN = 2e-4;
/** Beyond this many pairs the plan is not copied whenever it is the best: then nothing worse is taken. */
const COPIED_PAIRS = 50_000;

export interface ReinsertionOptions {
  /** Float64 [2n], shadow prices. */
  readonly prices: Float64Array;
  readonly seed: number;
  /** What a unit of overload counts. */
  readonly weight: number;
  /** Objective at which it ends. */
  readonly target: number;
  readonly control: RunControl;
}

/** From the plan of the incumbent; offers it what is better, and returns the number of tries. */
export function reinsert(
  problem: Problem,
  planner: PrefixPlanner,
  incumbent: Incumbent,
  options: ReinsertionOptions,
): number {
  const { prices, control } = options;
  const random = uniform(options.seed);
  const draw = drawByVolume(planner.byVolume, planner.volume, random);
  const isWarm = problem.pairCount <= COPIED_PAIRS;
  const roundTries = Math.min(MOST_TRIES, Math.max(FEWEST_TRIES, TRIES_EACH * planner.byVolume.length));
  const isDone = () => stopRequested(control) || incumbent.candidate.evaluation.objective <= options.target;
  let tries = 0;
  for (let stalled = 0; stalled < PATIENCE && !isDone(); stalled++) {
    planner.take(incumbent.candidate.choice);
    planner.kernel.setWeight(options.weight);
    const before = incumbent.candidate.evaluation.objective;
    let objective = before;
    let least = before;
    for (let round = 0; round < roundTries && !isDone(); round++, tries++) {
      const list = relatives(problem, planner, random, draw);
      const strength = 0.5 + 0.7 * random();
      const own = prices.map((price) => price * strength * (0.85 + 0.3 * random()));
      const heat = isWarm ? (WARM * objective * COOLING ** (round / roundTries)) / planner.byVolume.length : 0;
      const allowance = -heat * Math.log(1 - random());
      const { costDelta, overload } = planner.kernel.reinsert({ list, prices: own, nodeLimit: SEARCHING }, allowance);
      objective += costDelta;
      if (!isWarm || overload > 0 || objective >= least * (1 - 1e-9)) continue;
      least = objective;
      incumbent.offer(planner.kernel.plan());
      control.report({ phase: 'reinsertion', incumbent: incumbent.candidate.evaluation.objective, bound: null });
    }
    incumbent.offer(planner.kernel.plan());
    if (incumbent.candidate.evaluation.objective < before * (1 - LEAST_GAIN)) stalled = -1;
    if (!isWarm && stalled >= 0) break;
  }
  return tries;
}
