/**
 * Large neighborhood search in rounds (see rounds), at real cost. Guarantee: the incumbent never gets worse. Cost of a try:
 * a placement of each prefix taken out.
 */
import type { Problem } from '../../problem/problem.ts';
import type { PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import type { Incumbent } from '../run/incumbent.ts';
import { type RoundOptions, type RoundTracker, searchInRounds } from './rounds.ts';

const LEAST_GAIN = 2e-4;
/** Beyond this many pairs the plan is not copied whenever it is the best: then nothing worse is taken. */
const COPIED_PAIRS = 50_000;

export type ReinsertionOptions = Pick<RoundOptions, 'prices' | 'seed' | 'target' | 'control'>;

/** From the plan of the incumbent; offers it what is better, and returns the number of tries. */
export function reinsert(
  problem: Problem,
  planner: PrefixPlanner,
  incumbent: Incumbent,
  options: ReinsertionOptions,
): number {
  const { control } = options;
  const isWarm = problem.pairCount <= COPIED_PAIRS;
  const offer = (): void => {
    incumbent.offer(planner.kernel.plan());
    control.report({ phase: 'reinsertion', incumbent: incumbent.candidate.evaluation.objective, bound: null });
  };
  const track = (): RoundTracker => {
    let cost = incumbent.candidate.evaluation.objective;
    let least = cost;
    return {
      get cost() {
        return cost;
      },
      before() {},
      after(_, { costDelta, overload }) {
        cost += costDelta;
        if (!isWarm || overload > 0 || cost >= least * (1 - 1e-9)) return;
        least = cost;
        offer();
      },
      end() {
        incumbent.offer(planner.kernel.plan());
      },
    };
  };
  const { byVolume, dear } = planner;
  const own = { ...options, list: byVolume, dear, leastGain: LEAST_GAIN, isWarm, track };
  return searchInRounds(problem, planner, incumbent, own);
}
