/**
 * Method `joint`: plans from the relaxation in which both sides of capacity are priced at once (see bound).
 *
 * The heaviest prefixes get whole choices (heavy-dive), the others fill what is left under the prices of the relaxation
 * (prefix-plan), and large neighborhood search goes on from the best (reinsertion). Anytime: the best plan so far is
 * always at hand. Guarantee: never worse than the plan it starts from. Cost: some ten small linear programs, then
 * placements.
 */
import type { Problem } from '../problem/problem.ts';
import type { Candidate, Incumbent } from './alternation.ts';
import type { Bound } from './bound.ts';
import { diveHeavy } from './heavy-dive.ts';
import { meanPrice, type PrefixPlanner } from './prefix-plan.ts';
import { reinsert } from './reinsertion.ts';
import { type RunControl, stopRequested, withShare } from './run-control.ts';
import { sideLimit } from './sides.ts';

/** A prefix of at least this share of the volume, among the heaviest, gets its choice from the dive. */
const HEAVY_SHARE = 0.002;
/** With few prefixes prices that stay are best, with many those that follow. */
const FILLINGS = [
  { stiffness: 1, follows: false },
  { stiffness: 0.3, follows: false },
  { stiffness: 0.1, follows: true },
];
const FIRST_WEIGHT = 4;
/** What a unit of overload counts in the search, in prices that are dearer than any way. */
const SEARCH_WEIGHT = 4;

export interface JointOptions {
  readonly seed: number;
  readonly gapTarget: number;
  readonly control: RunControl;
  /** Told of every stage. */
  readonly note: (phase: string, iterations: number, candidate: Candidate) => void;
}

/** Improves the incumbent. */
export function improveJointly(
  problem: Problem,
  planner: PrefixPlanner,
  bound: Bound,
  incumbent: Incumbent,
  { seed, gapTarget, control, note }: JointOptions,
): void {
  const target = bound.lowerBound === null ? Number.NEGATIVE_INFINITY : targetOf(bound.lowerBound, gapTarget);
  const isDone = (): boolean => {
    const { objective, overload } = incumbent.candidate.evaluation;
    return stopRequested(control) || (overload === 0 && objective <= target);
  };
  if (isDone()) return;
  const { volume, byVolume, dear } = planner;
  const count = byVolume.filter((k) => volume[k] >= HEAVY_SHARE * problem.totalVolume).length;
  const limit = sideLimit(problem);
  const fixed = diveHeavy(problem, bound.oracle, bound.relaxation, {
    count,
    limit,
    overflowPrice: dear,
    control: withShare(control, 0.5),
  });
  const price = meanPrice(bound.prices) || dear / 20;
  for (const filling of FILLINGS) {
    if (isDone()) break;
    planner.fill({ ...filling, prices: bound.prices, fixed });
    planner.repair(FIRST_WEIGHT * price);
    incumbent.offer(planner.kernel.plan());
  }
  note('joint', FILLINGS.length, incumbent.candidate);
  if (isDone()) return;
  const tries = reinsert(problem, planner, incumbent, {
    prices: bound.prices,
    seed,
    weight: SEARCH_WEIGHT * dear,
    target,
    control,
  });
  note('reinsertion', tries, incumbent.candidate);
}

/** The objective that is within the gap target of a bound. */
export function targetOf(lowerBound: number, gapTarget: number): number {
  return gapTarget >= 1 ? Number.POSITIVE_INFINITY : lowerBound / (1 - gapTarget);
}
