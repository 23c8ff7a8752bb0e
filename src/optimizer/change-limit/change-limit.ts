/**
 * The best plan in which at most `maxChanges` pairs leave their current choice, with a bound of its own.
 *
 * First without the limit; where that plan is not within it, changes get a price (see priced-changes); where the integer
 * program is small it has the limit as a row (exact-program), after the prices, and where it is a small generalized assignment
 * before them, with a share of the clock. A claim that the plan refutes is not believed (see run/known).
 *
 * Guarantee: the limit holds; the bound is that of every plan within it. Cost: that of `joint`, some four times.
 */
import { EgressoError } from '../../errors.ts';
import type { Problem } from '../../problem/problem.ts';
import { solveExact, solveLeastOverload } from '../exact/exact.ts';
import { exactSize } from '../exact/exact-program.ts';
import type { Candidate } from '../run/incumbent.ts';
import type { Known } from '../run/known.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { countChanges } from './change-price.ts';
import { isSettled, noPrices, overloadsLeast, provenWithin } from './change-proof.ts';
import { type FewestChanges, fewestChanges } from './fewest-changes.ts';
import { type ChangeLimitOptions, LimitedPlan } from './limited-plan.ts';
import { PricedChanges } from './priced-changes.ts';

/** Of the time: without the limit. */
const UNLIMITED_SHARE = 0.35;
/** Of what is left: for the integer program where the limit does not seem to bind. */
const EXACT_SHARE = 0.5;
/** And where it does and the program is soon solved: before changes have a price, which takes longer. */
const FIRST_EXACT_SHARE = 0.3;
const SOON_SOLVED_COLUMNS = 3_000;

export interface ChangeLimitHooks {
  /** The same without a limit on changes. */
  readonly unlimited: (control: RunControl) => Known;
  /** Is the integer program worth its time? */
  readonly worthExact: (candidate: Candidate, lowerBound: number | null) => boolean;
  /** Told of every stage. */
  readonly note: (phase: string, iterations: number, candidate: Candidate) => void;
  readonly control: RunControl;
}

/** Throws OPTIONS_INVALID where the rules alone need more changes, or no choice with as few was found. */
export function optimizeWithin(problem: Problem, options: ChangeLimitOptions, hooks: ChangeLimitHooks): Known {
  const { maxChanges, method, variant } = options;
  const { control, note } = hooks;
  const fewest = fewestChanges(problem, variant, maxChanges, control);
  if (fewest.count > maxChanges) refuse(fewest, maxChanges);
  const plan = new LimitedPlan(problem, options, fewest.choice, control);
  note('fewest changes', 1, plan.candidate);
  const first = provenWithin(plan, noPrices(plan), []);
  if (isSettled(plan, first) || control.cancelled()) return first;
  if (method === 'exact') return stopRequested(control) ? first : exactly(plan, hooks, first);
  // Whatever the time: its first filling may overload less, and prices come from nowhere else.
  const unlimited = hooks.unlimited(withShare(plan.quiet, UNLIMITED_SHARE));
  plan.offer(unlimited.candidate.choice);
  const within = provenWithin(plan, unlimited.prices, [first, unlimited]);
  if (isSettled(plan, within) || stopRequested(control)) return within;
  const isBinding = countChanges(problem, unlimited.candidate.choice) > maxChanges;
  return isBinding ? atPrices(plan, hooks, within) : withoutLimit(plan, hooks, within);
}

/**
 * Changes get a price. Where the integer program is small, it follows, with what was found; where it is soon solved, it goes
 * before too. Else the search goes on.
 */
function atPrices(plan: LimitedPlan, hooks: ChangeLimitHooks, unlimited: Known): Known {
  const isAuto = plan.options.method === 'auto';
  const isWorthIt = isAuto && hooks.worthExact(plan.candidate, unlimited.lowerBound);
  const first = isWorthIt && isSoonSolved(plan) ? exactlyAtFirst(plan, hooks, unlimited) : unlimited;
  if (isSettled(plan, first) || stopRequested(hooks.control)) return first;
  const changes = new PricedChanges(plan, hooks.note);
  const sought = changes.seek(first);
  const known = provenWithin(plan, sought.prices, [first, sought]);
  if (!isAuto || isSettled(plan, known) || stopRequested(hooks.control)) return known;
  if (hooks.worthExact(plan.candidate, known.lowerBound)) return exactly(plan, hooks, known);
  changes.searchOn(known);
  return provenWithin(plan, known.prices, [first, sought]);
}

/** In a share of the time, where there is an end to it. */
function exactlyAtFirst(plan: LimitedPlan, hooks: ChangeLimitHooks, known: Known): Known {
  const control = withShare(hooks.control, FIRST_EXACT_SHARE);
  return Number.isFinite(control.remainingMs()) ? exactly(plan, { ...hooks, control }, known) : known;
}

/** A small generalized assignment: no two pairs have to leave alike. Most of those in `bench/relief.ts` end in a tenth of a second. */
function isSoonSolved({ problem, options }: LimitedPlan): boolean {
  const { pairCount, pairPrefix } = problem;
  return new Set(pairPrefix).size === pairCount && exactSize(problem, options.variant).columns <= SOON_SOLVED_COLUMNS;
}

/** The limit does not bind: with it as a row, then once more without it, in all of the time that is left. */
function withoutLimit(plan: LimitedPlan, hooks: ChangeLimitHooks, first: Known): Known {
  const { control, unlimited, worthExact } = hooks;
  const hasClock = Number.isFinite(control.remainingMs());
  if (plan.options.method !== 'auto' || !hasClock) return first;
  const isSmall = worthExact(plan.candidate, first.lowerBound);
  const known = isSmall ? exactly(plan, hooks, first, EXACT_SHARE) : first;
  if (known.lowerBound === null || isSettled(plan, known) || stopRequested(control)) return known;
  const second = unlimited(plan.quiet);
  plan.offer(second.candidate.choice);
  return provenWithin(plan, second.prices, [first, known, second]);
}

/** By the integer program with the limit as a row, in a share of the time; where no plan fits, the least overload in all of it. */
function exactly(plan: LimitedPlan, { control, note }: ChangeLimitHooks, known: Known, share = 1): Known {
  const { problem, limit, options, incumbent } = plan;
  const shared = { variant: options.variant, seed: options.seed, maxChanges: limit };
  if (known.lowerBound !== null) {
    const own = { ...shared, gapTarget: plan.gapTarget, start: plan.candidate, control: withShare(control, share) };
    const exact = attemptStage(control, () => solveExact(problem, own));
    if (exact === null) return known;
    if (exact.candidate !== null) incumbent.offer(exact.candidate.choice);
    note('exact', exact.nodes, plan.candidate);
    const { lowerBound } = exact;
    if (lowerBound !== null) {
      return provenWithin(plan, known.prices, [known, { lowerBound, leastOverload: 0, provenOverloaded: false }]);
    }
  } else if (overloadsLeast(plan, known)) return known;
  control.provenOverloaded?.();
  const proven = { lowerBound: null, leastOverload: known.leastOverload, provenOverloaded: true };
  const own = { ...shared, start: plan.candidate, control };
  const least = attemptStage(control, () => solveLeastOverload(problem, own));
  if (least === null) return provenWithin(plan, known.prices, [known, proven]);
  incumbent.offer(least.candidate.choice);
  note('least overload', 1, plan.candidate);
  return provenWithin(plan, known.prices, [known, proven, { ...proven, leastOverload: least.leastOverload }]);
}

/** Says what is proven and what is not: the search for the fewest changes of a prefix may have been cut short. */
function refuse({ count, least }: FewestChanges, limit: number): never {
  const why =
    least > limit
      ? `must be ${least} or more: so many pairs cannot keep their current choice in any plan`
      : `must be ${count} or more: no plan with fewer changes was found, though ${least} is all that is proven necessary`;
  const message = `${why}, not ${limit}`;
  throw new EgressoError('OPTIONS_INVALID', `/options/maxChanges: ${message}`, [
    { pointer: '/options/maxChanges', message },
  ]);
}
