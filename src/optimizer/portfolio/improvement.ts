/**
 * Plans from the bound, for `joint` and `auto`: from the prices of the relaxation, from the current choice where there is
 * one, and in `auto`, with a clock, by searching on.
 *
 * Guarantee: never worse than what the bound met on its way; without a clock never worse for a current choice.
 * Cost: a share of the time where the integer program follows, nothing where that is solved sooner than searched, else all of it.
 */
import { closeToCurrent } from '../change-limit/fewest-changes.ts';
import { improveFrom, improveJointly, MANY_PREFIXES, targetOf } from '../joint/joint.ts';
import type { Bound } from '../lagrangian/bound.ts';
import { branchOnHeavy } from '../lagrangian/heavy-branching.ts';
import type { PrefixPlanner } from '../lagrangian/prefix-plan.ts';
import { type Candidate, Incumbent } from '../run/incumbent.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import type { Account } from './account.ts';
import { isDirect, worthExact } from './refinement.ts';
import { searchOn } from './search-on.ts';

/** Of the time that is left where the integer program is small: for `joint`. */
const JOINT_SHARE = 0.3;
/** With no more pairs annealing does better than reinsertion. */
const FEW_PAIRS = 300;
const FEW_PAIRS_JOINT_SHARE = 0.1;
/** Of the time that is left where branching follows. */
const JOINT_SHARE_OF_MANY = 0.7;
/** And for plans that start from the current choice. */
const WARM_SHARE = 0.2;
/** Of the relaxations of branching: relative distance of their two values, and rounds. */
const BRANCHING_TOLERANCE = 2e-5;
const BRANCHING_ROUNDS = 60;

/** The best plan, and the bound, which may have risen. */
export interface Improved {
  readonly candidate: Candidate;
  readonly lowerBound: number | null;
}

export function improve(account: Account, planner: PrefixPlanner, bound: Bound, first: Candidate | null): Improved {
  const { problem } = account;
  const { seed, gapTarget } = account.options;
  const { incumbent } = bound;
  if (!account.improves) return { candidate: first ?? incumbent.candidate, lowerBound: bound.lowerBound };
  if (first !== null) incumbent.offer(first.choice);
  const isSmall = worthExact(account, incumbent.candidate, bound.lowerBound);
  const jointShare = problem.pairCount <= FEW_PAIRS ? FEW_PAIRS_JOINT_SHARE : JOINT_SHARE;
  const largeShare = isBranched(account) ? JOINT_SHARE_OF_MANY : 1;
  const control = withShare(account.control, isSmall ? jointShare : largeShare);
  const note = account.note.bind(account);
  const warm = fromCurrent(account, planner, bound, withShare(control, WARM_SHARE));
  if (!isSmall || !isDirect(account)) {
    attemptStage(control, () => improveJointly(problem, planner, bound, incumbent, { seed, gapTarget, control, note }));
  }
  // After all others, whose way it does not change: with a current choice the plan is never worse than without.
  if (warm !== null) incumbent.offer(warm.choice);
  const lowerBound = isSmall ? bound.lowerBound : goOn(account, planner, bound, incumbent);
  return { candidate: incumbent.candidate, lowerBound };
}

/** `auto` has not ended before its target or its time. Returns the bound. */
function goOn(account: Account, planner: PrefixPlanner, bound: Bound, incumbent: Incumbent): number | null {
  const { problem, control } = account;
  const { method, variant, seed, gapTarget } = account.options;
  const { prices } = bound;
  const hasClock = Number.isFinite(control.remainingMs());
  if (method !== 'auto' || !hasClock || bound.lowerBound === null || stopRequested(control)) return bound.lowerBound;
  const lowerBound = Math.max(bound.lowerBound, branched(account, planner, bound, incumbent.candidate));
  const target = targetOf(lowerBound, gapTarget);
  const rounds = searchOn(problem, planner, incumbent, { variant, seed, prices, target, control });
  if (rounds > 0) account.note('search', rounds, incumbent.candidate);
  return lowerBound;
}

/** Heavy prefixes are held whole for the bound: light ones are so many that little else is left to gain. */
function isBranched({ problem, options }: Account): boolean {
  return options.method === 'auto' && options.variant === 'ses' && problem.prefixCount > MANY_PREFIXES;
}

/** The bound with heavy prefixes held whole, where that is asked and the plan fits; 0 elsewhere. */
function branched(account: Account, { dear }: PrefixPlanner, bound: Bound, { evaluation }: Candidate): number {
  const { problem, control } = account;
  const { gapTarget } = account.options;
  if (!isBranched(account) || evaluation.overload > 0) return 0;
  const options = { tolerance: BRANCHING_TOLERANCE, maxRounds: BRANCHING_ROUNDS, dear, control };
  const enough = evaluation.objective * (1 - gapTarget);
  const { lowerBound, relaxed } = branchOnHeavy(problem, bound, { ...options, enough });
  const raised = account.rounded(lowerBound);
  account.phases.push({ phase: 'branching', iterations: relaxed, objective: raised, overload: 0 });
  return raised;
}

/** The current choice, where there is one, completed and improved. */
function fromCurrent(account: Account, planner: PrefixPlanner, bound: Bound, control: RunControl): Candidate | null {
  const { problem } = account;
  const { variant, seed, gapTarget } = account.options;
  if (!problem.currentIngress.some((point) => point >= 0)) return null;
  const warm = Incumbent.of(problem, closeToCurrent(problem, variant, control), control);
  attemptStage(control, () => improveFrom(problem, planner, bound, warm, { seed, gapTarget, control }));
  account.note('current', 1, warm.candidate);
  return warm.candidate;
}
