/**
 * The optimum by branch and bound in HiGHS over the integer program (see exact-program), from the best plan known.
 *
 * Guarantee: a solution is taken only after its loads are summed again; what the solver proves is believed as `milp/proof`
 * says: infeasibility only when a second run without presolve agrees, and nothing that a plan in hand refutes. Refused
 * beyond the limits of exact-program, by estimate. Cost: exponential in the number of pairs; until its node limit,
 * the gap target or the control ends it.
 */
import { EgressoError } from '../../errors.ts';
import { type Choice, evaluate, isBetter } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { sideRoom } from '../../problem/sides.ts';
import { type IntegerSolution, solveInteger } from '../milp/integer.ts';
import { askTwice, gapBeforeStop } from '../milp/proof.ts';
import type { Candidate } from '../run/incumbent.ts';
import type { RunControl } from '../run/run-control.ts';
import { EXACT_COLUMN_LIMIT, EXACT_NONZERO_LIMIT, exactProgram, exactSize, type WayFilter } from './exact-program.ts';

/** Of the volume: what a load may be beyond a row of the solver. */
const OVERLOAD_TOLERANCE = 1e-9;

export interface ExactOptions {
  readonly variant: 'ses' | 'mes';
  readonly seed: number;
  /** Best plan known; used where it fits. */
  readonly start: Candidate | null;
  /** See `ExactProgramOptions`; the start keeps to it. */
  readonly maxChanges?: number | undefined;
  /** Ways to which the search is restricted, those of the start among them; what is proven holds within them only. */
  readonly keeps?: WayFilter | undefined;
  /** Nodes of branch and bound after which it stops; none: no limit. */
  readonly nodeLimit?: number | undefined;
  /** Relative gap at which it ends; none: at the optimum. */
  readonly gapTarget?: number | undefined;
  readonly control: RunControl;
}

export interface ExactResult {
  /** Null where no plan that fits was found. */
  readonly candidate: Candidate | null;
  /** Null where it is proven that no plan fits. */
  readonly lowerBound: number | null;
  /** The search ended by itself: the candidate is optimal, or nothing fits. */
  readonly finished: boolean;
  readonly nodes: number;
}

export function isSmallEnough(problem: Problem, variant: 'ses' | 'mes'): boolean {
  const size = exactSize(problem, variant);
  return size.columns <= EXACT_COLUMN_LIMIT && size.nonzeros <= EXACT_NONZERO_LIMIT;
}

/** Throws EXACT_TOO_LARGE beyond the limits. */
export function refuseLarge(problem: Problem, variant: 'ses' | 'mes'): void {
  if (isSmallEnough(problem, variant)) return;
  const { columns, nonzeros } = exactSize(problem, variant);
  const message =
    `the integer program would have about ${columns} columns and ${nonzeros} nonzeros; ` +
    `method "exact" takes up to ${EXACT_COLUMN_LIMIT} and ${EXACT_NONZERO_LIMIT}; use method "auto"`;
  throw new EgressoError('EXACT_TOO_LARGE', message, [{ pointer: '/options/method', message }]);
}

/** Throws EXACT_TOO_LARGE beyond the limits. */
export function solveExact(problem: Problem, options: ExactOptions): ExactResult {
  const { variant, maxChanges, keeps, seed, control, start, nodeLimit, gapTarget } = options;
  refuseLarge(problem, variant);
  const model = exactProgram(problem, { variant, maxChanges, keeps });
  const fitting = start !== null && start.evaluation.overload === 0 ? start : null;
  const run = (presolve: boolean): IntegerSolution =>
    solveInteger(model.program, {
      start: fitting === null ? undefined : model.encode(fitting.choice),
      presolve,
      seed,
      nodeLimit,
      gapTarget: gapTarget === undefined ? undefined : gapBeforeStop(gapTarget),
      control: scaled(control, model.objectiveScale),
    });
  let candidate = fitting;
  const { solution, nodes, proof } = askTwice(run, (x) => {
    if (x !== null) candidate = better(candidate, fittingChoice(problem, model.decode(x)));
    return candidate === null ? Number.POSITIVE_INFINITY : candidate.evaluation.objective / model.objectiveScale;
  });
  if (solution.status === 'failed' || solution.status === 'unbounded') {
    throw new EgressoError('SOLVER_FAILED', `the integer program ended as ${solution.status}`);
  }
  const { bound, finished } = proof;
  if (bound === Number.POSITIVE_INFINITY) return { candidate: null, lowerBound: null, finished, nodes };
  return { candidate, lowerBound: bound * model.objectiveScale, finished, nodes };
}

/**
 * The least overload of any plan: a bound on it, and the best plan found, never worse than the start. Where it ends by
 * itself the two meet.
 *
 * Throws EXACT_TOO_LARGE beyond the limits.
 */
export function solveLeastOverload(
  problem: Problem,
  { variant, maxChanges, keeps, seed, control, start }: Omit<ExactOptions, 'start'> & { readonly start: Candidate },
): { readonly candidate: Candidate; readonly leastOverload: number } {
  refuseLarge(problem, variant);
  const model = exactProgram(problem, { variant, maxChanges, keeps, objective: 'overload' });
  const run = (presolve: boolean): IntegerSolution =>
    solveInteger(model.program, {
      start: model.encode(start.choice),
      presolve,
      seed,
      control: { ...control, report: () => {} },
    });
  let candidate = start;
  let least = excessOf(problem, start);
  const { proof } = askTwice(run, (x) => {
    const found = x === null ? null : completeCandidate(problem, model.decode(x));
    if (found !== null) {
      least = Math.min(least, excessOf(problem, found));
      if (isBetter(found.evaluation, candidate.evaluation)) candidate = found;
    }
    return least / model.objectiveScale;
  });
  const slack = OVERLOAD_TOLERANCE * problem.totalVolume;
  const proven = proof.bound * model.objectiveScale - slack;
  return { candidate, leastOverload: Math.max(0, Math.min(proven, candidate.evaluation.overload)) };
}

/** Σ of load above what passes for the capacity: what the program counts, a little less than the overload. */
function excessOf(problem: Problem, { evaluation }: Candidate): number {
  const load = [...evaluation.ingressLoad, ...evaluation.egressLoad];
  return sideRoom(problem).reduce((sum, room, side) => sum + Math.max(0, load[side] - room), 0);
}

function fittingChoice(problem: Problem, choice: Choice): Candidate | null {
  const candidate = completeCandidate(problem, choice);
  return candidate?.evaluation.overload === 0 ? candidate : null;
}

function completeCandidate(problem: Problem, choice: Choice): Candidate | null {
  return choice.ingress.includes(-1) ? null : { choice, evaluation: evaluate(problem, choice) };
}

/** The cheaper one; of equals the first. */
function better(a: Candidate | null, b: Candidate | null): Candidate | null {
  if (a === null || b === null) return a ?? b;
  return b.evaluation.objective < a.evaluation.objective ? b : a;
}

function scaled(control: RunControl, scale: number): RunControl {
  const times = (value: number | null) => (value === null ? null : value * scale);
  return {
    ...control,
    report: (progress) =>
      control.report({ ...progress, incumbent: times(progress.incumbent), bound: times(progress.bound) }),
  };
}
