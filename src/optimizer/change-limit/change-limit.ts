/**
 * The best plan in which at most `maxChanges` pairs leave their current choice, with a bound of its own.
 *
 * First without the limit; where that plan is not within it, changes get a price (see priced-changes); where the integer
 * program is small it has the limit as a row (exact-program).
 *
 * Guarantee: the limit holds; the bound is that of every plan within it. Cost: that of `joint`, some four times.
 */
import { EgressoError } from '../../errors.ts';
import type { Problem } from '../../problem/problem.ts';
import { solveExact, solveLeastOverload } from '../exact/exact.ts';
import type { Candidate } from '../run/incumbent.ts';
import type { Known } from '../run/known.ts';
import { type RunControl, stopRequested, withShare } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { countChanges } from './change-price.ts';
import { isSettled, nothingProven, provenWithin } from './change-proof.ts';
import { type FewestChanges, fewestChanges } from './fewest-changes.ts';
import { type ChangeLimitOptions, LimitedPlan } from './limited-plan.ts';
import { PricedChanges } from './priced-changes.ts';

/** Of the time: without the limit. */
const UNLIMITED_SHARE = 0.35;
/** Of what is left: for the integer program where the limit does not seem to bind. */
const EXACT_SHARE = 0.5;

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
  const first = provenWithin(plan, nothingProven(plan));
  if (isSettled(plan, first)) return first;
  if (method === 'exact') return exactly(plan, hooks, first);
  const unlimited = hooks.unlimited(withShare(plan.quiet, UNLIMITED_SHARE));
  plan.offer(unlimited.candidate.choice);
  const within = provenWithin(plan, stronger(first, unlimited));
  if (isSettled(plan, within)) return within;
  if (countChanges(problem, unlimited.candidate.choice) <= maxChanges) return withoutLimit(plan, hooks, within);
  const changes = new PricedChanges(plan, note);
  const known = changes.seek(within);
  const worthExact = () => hooks.worthExact(plan.candidate, known.lowerBound);
  if (method === 'auto' && !worthExact()) changes.searchOn(known);
  const best = provenWithin(plan, known);
  return worthExact() && !stopRequested(control) ? exactly(plan, hooks, best) : best;
}

/** The limit does not bind: with it as a row, then once more without it, in all of the time that is left. */
function withoutLimit(plan: LimitedPlan, hooks: ChangeLimitHooks, first: Known): Known {
  const { control, unlimited, worthExact } = hooks;
  const hasClock = Number.isFinite(control.remainingMs());
  if (plan.options.method !== 'auto' || !hasClock || first.lowerBound === null) return first;
  const isSmall = worthExact(plan.candidate, first.lowerBound);
  const known = isSmall ? exactly(plan, { ...hooks, control: withShare(control, EXACT_SHARE) }, first) : first;
  if (isSettled(plan, known)) return known;
  const second = unlimited(plan.quiet);
  plan.offer(second.candidate.choice);
  return provenWithin(plan, stronger(known, second));
}

/** What either proves of all plans; the rest as in the later one. */
function stronger(earlier: Known, later: Known): Known {
  const bounds = [earlier.lowerBound, later.lowerBound].filter((bound) => bound !== null);
  return {
    ...later,
    lowerBound: bounds.length < 2 ? null : Math.max(...bounds),
    leastOverload: Math.max(earlier.leastOverload, later.leastOverload),
    provenOverloaded: earlier.provenOverloaded || later.provenOverloaded,
  };
}

/** By the integer program, with the limit as a row. */
function exactly(plan: LimitedPlan, { control, note }: ChangeLimitHooks, known: Known): Known {
  const { problem, limit, options } = plan;
  const { variant, seed } = options;
  const shared = { variant, seed, maxChanges: limit, start: known.candidate };
  if (known.lowerBound !== null) {
    const exact = attemptStage(control, () => solveExact(problem, { ...shared, control }));
    if (exact === null) return known;
    const { candidate, lowerBound: bound, nodes } = exact;
    plan.incumbent.offer((candidate ?? known.candidate).choice);
    note('exact', nodes, plan.candidate);
    if (bound !== null) return { ...known, candidate: plan.candidate, lowerBound: Math.max(bound, known.lowerBound) };
  }
  const proven = { ...known, lowerBound: null, provenOverloaded: true };
  const least = attemptStage(control, () => solveLeastOverload(problem, { ...shared, control }));
  if (least === null) return proven;
  note('least overload', 1, least.candidate);
  return { ...proven, ...least, leastOverload: Math.max(known.leastOverload, least.leastOverload) };
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
