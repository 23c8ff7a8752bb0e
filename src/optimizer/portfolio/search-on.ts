/**
 * What `auto` does with time that is left while the gap is open: parts of the integer program around the plan, and
 * reinsertion with another seed, by turns, until the target is reached or the time is over.
 *
 * Guarantee: the incumbent never gets worse. Cost: all of the time.
 */
import type { Problem } from '../../problem/problem.ts';
import type { PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import { reinsert } from '../local-search/reinsertion.ts';
import { SEARCHES_WITHOUT_GAIN } from '../local-search/rounds.ts';
import { searchExactly } from '../matheuristic/exact-neighborhood.ts';
import type { Incumbent } from '../run/incumbent.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';

/** Of the time left: for parts of the integer program, each time. */
const EXACT_SHARE = 0.4;

export interface SearchOnOptions {
  readonly variant: 'ses' | 'mes';
  readonly seed: number;
  /** Float64 [2n], shadow prices. */
  readonly prices: Float64Array;
  readonly target: number;
  readonly control: RunControl;
}

/** Improves the incumbent; returns the number of rounds. */
export function searchOn(
  problem: Problem,
  planner: PrefixPlanner,
  incumbent: Incumbent,
  { variant, seed, prices, target, control }: SearchOnOptions,
): number {
  const isDone = (): boolean => {
    const { objective, overload } = incumbent.candidate.evaluation;
    return stopRequested(control) || (overload === 0 && objective <= target);
  };
  let round = 0;
  for (let stalled = 0; stalled < SEARCHES_WITHOUT_GAIN && !isDone(); stalled++) {
    const before = incumbent.candidate;
    round++;
    const own = { seed: seed + round, target };
    const part = withShare(control, EXACT_SHARE);
    attemptStage(control, () => searchExactly(problem, incumbent, { ...own, variant, control: part }));
    if (!isDone()) reinsert(problem, planner, incumbent, { ...own, prices, control });
    if (incumbent.candidate !== before) stalled = -1;
  }
  return round;
}
