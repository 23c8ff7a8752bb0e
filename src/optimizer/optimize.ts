/**
 * The methods by name. Every one has the same signature, and gives a choice, a true lower bound and an account.
 *
 * `auto`: the alternation where the problem is small; then `joint`: the bound of the whole problem and plans from it; where
 * a gap is left and the integer program is small, `exact` from the best choice so far. The best checked choice and the
 * best bound are returned whatever ended the run.
 */
import { EgressoError } from '../errors.ts';
import type { SolveOptions } from '../model/options.ts';
import type { Problem } from '../problem/problem.ts';
import { OPTIMAL_GAP } from '../problem/relative-gap.ts';
import { optimizeWithin } from './change-limit/change-limit.ts';
import { refuseLarge } from './exact/exact.ts';
import { MANY_PREFIXES } from './joint/joint.ts';
import { type Bound, lowerBound } from './lagrangian/bound.ts';
import { PrefixPlanner } from './lagrangian/prefix-plan.ts';
import { loadSolver } from './milp/highs.ts';
import { Account } from './portfolio/account.ts';
import { firstPlan } from './portfolio/first-plan.ts';
import { improve } from './portfolio/improvement.ts';
import { gapOf, type Optimum, type Stopped } from './portfolio/outcome.ts';
import { refine, worthExact } from './portfolio/refinement.ts';
import type { Known } from './run/known.ts';
import { type Progress, type RunControl, withShare } from './run/run-control.ts';
import { attemptStage } from './run/stage.ts';

/** Where few prefixes stand, the bound is worth its last digits. */
const SMALL_PREFIX_COUNT = 500;
const BOUND_ROUNDS = 150;
/** Relative distance of the bound from the relaxation's value. */
const TOLERANCE = 1e-4;
const LEAST_TOLERANCE = 1e-6;

/**
 * `startPrices`: Float64 [2n], of a problem that is much the same; see `Account`.
 *
 * Errors: OPTIONS_INVALID, NO_ENFORCEABLE_EGRESS, MODEL_TOO_LARGE (method `exact`).
 */
export async function optimize(
  problem: Problem,
  options: SolveOptions,
  control: RunControl,
  startPrices: Float64Array | null = null,
): Promise<Optimum> {
  await loadSolver();
  const account = new Account(problem, options, control, startPrices);
  if (options.method === 'exact') refuseLarge(problem, options.variant);
  const known = options.maxChanges === undefined ? freely(account) : within(account, options.maxChanges);
  return closed(account, known);
}

function freely(account: Account): Known {
  const { problem, options, control } = account;
  const planner = new PrefixPlanner(problem, options.variant, control);
  const first = attemptStage(control, () => firstPlan(account)) ?? control.best;
  const bound = boundOf(account, planner);
  const { candidate, lowerBound } = improve(account, planner, bound, first);
  const known = {
    candidate,
    lowerBound,
    leastOverload: bound.leastOverload,
    provenOverloaded: bound.lowerBound === null,
    prices: bound.prices,
  };
  const isRefined = options.method === 'exact' || worthExact(account, candidate, lowerBound);
  return isRefined ? refine(account, known, bound.incumbent) : known;
}

/** With a limit on changes. */
function within(account: Account, maxChanges: number): Known {
  const { problem, options, control, startPrices } = account;
  if (options.method !== 'exact' && !account.improves) {
    const message = `takes method auto, joint or exact, not ${options.method}`;
    const fault = { pointer: '/options/maxChanges', message };
    throw new EgressoError('OPTIONS_INVALID', `/options/maxChanges: ${message}`, [fault]);
  }
  return optimizeWithin(
    problem,
    { ...options, maxChanges },
    {
      control,
      unlimited(own) {
        const inner = new Account(problem, options, own, startPrices);
        const known = freely(inner);
        account.phases.push(...inner.phases);
        return known;
      },
      worthExact: (candidate, bound) => worthExact(account, candidate, bound),
      note: (phase, iterations, candidate) => account.note(phase, iterations, candidate),
    },
  );
}

/** A quarter of the gap that is asked for, where prefixes are many: there plans come so near that the bound's own distance shows. */
function toleranceOf({ prefixCount }: Problem, { gapTarget }: SolveOptions): number {
  return prefixCount > MANY_PREFIXES ? Math.max(LEAST_TOLERANCE, Math.min(TOLERANCE, gapTarget / 4)) : TOLERANCE;
}

function boundOf(account: Account, planner: PrefixPlanner): Bound {
  const { problem, startPrices } = account;
  const isSmall = problem.prefixCount <= SMALL_PREFIX_COUNT;
  const control = withShare(account.control, isSmall ? 1 : 0.5);
  // The plans met on the way are those of the methods that go on from them only.
  const report = ({ phase, bound }: Progress) => control.report({ phase, incumbent: null, bound });
  const bound = lowerBound(problem, planner, {
    tolerance: isSmall ? 1e-8 : toleranceOf(problem, account.options),
    maxRounds: BOUND_ROUNDS,
    control: account.improves ? control : { ...control, report, improved: () => {} },
    startPrices,
  });
  const { rounds, leastOverload } = bound;
  account.phases.push({ phase: 'bound', iterations: rounds, objective: bound.lowerBound, overload: leastOverload });
  return bound.lowerBound === null ? bound : { ...bound, lowerBound: account.rounded(bound.lowerBound) };
}

function closed(account: Account, known: Known): Optimum {
  const { phases, control } = account;
  const { objective, overload } = known.candidate.evaluation;
  const iterations = control.failures.length;
  if (iterations > 0) phases.push({ phase: 'solver failed', iterations, objective, overload });
  return { ...known, phases, stopped: whatStopped(account, known) };
}

function whatStopped({ control, options, endedByIterations }: Account, known: Known): Stopped {
  if (control.cancelled()) return 'cancelled';
  const gap = gapOf(known.candidate, known.lowerBound);
  if (gap <= OPTIMAL_GAP) return 'done';
  if (gap <= options.gapTarget) return 'gap';
  if (control.remainingMs() <= 0) return 'time';
  if (control.failures.length > 0) return 'failed';
  return endedByIterations ? 'iterations' : 'done';
}
