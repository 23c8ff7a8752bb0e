/**
 * The optimum by branch and bound in HiGHS over the integer program (see exact-program), from the best plan known.
 *
 * Guarantee: a solution is taken only after its loads are summed again; infeasibility is believed only when a second run
 * without presolve agrees, because HiGHS 1.15.3 was seen to call feasible programs of this kind infeasible. The bound is
 * the solver's, lowered by its tolerance. Refused beyond the limits of exact-program, by estimate.
 */
import { EgressoError } from '../../errors.ts';
import { type Choice, evaluate, isBetter } from '../../problem/choice.ts';
import type { Problem } from '../../problem/problem.ts';
import { type IntegerSolution, solveInteger } from '../milp/highs.ts';
import type { Candidate } from '../run/incumbent.ts';
import type { RunControl } from '../run/run-control.ts';
import { EXACT_COLUMN_LIMIT, EXACT_NONZERO_LIMIT, exactProgram, exactSize, type WayFilter } from './exact-program.ts';

/** Relative tolerance by which a bound of the solver is lowered: below the gap that "optimal" allows. */
const BOUND_TOLERANCE = 5e-10;
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
  const { variant, maxChanges, keeps, seed, control, start, nodeLimit } = options;
  refuseLarge(problem, variant);
  const model = exactProgram(problem, { variant, maxChanges, keeps });
  const fitting = start !== null && start.evaluation.overload === 0 ? start : null;
  const run = (presolve: boolean): IntegerSolution =>
    solveInteger(model.program, {
      start: fitting === null ? undefined : model.encode(fitting.choice),
      presolve,
      seed,
      nodeLimit,
      control: scaled(control, model.objectiveScale),
    });
  let solution = run(true);
  let nodes = solution.nodes;
  let candidate = better(fitting, fittingChoice(problem, solution, model.decode));
  if (isDoubtful(solution, candidate, model.objectiveScale)) {
    const first = candidate;
    solution = run(false);
    nodes += solution.nodes;
    candidate = better(first, fittingChoice(problem, solution, model.decode));
  }
  if (solution.status === 'failed' || solution.status === 'unbounded') {
    throw new EgressoError('SOLVER_FAILED', `the integer program ended as ${solution.status}`);
  }
  if (solution.status === 'infeasible') {
    // A plan in hand refutes it: then nothing is proven.
    if (candidate !== null) return { candidate, lowerBound: Number.NEGATIVE_INFINITY, finished: false, nodes };
    return { candidate: null, lowerBound: null, finished: true, nodes };
  }
  const finished = solution.status === 'optimal' && candidate !== null;
  // An optimum is the bound, which the solver states a little lower or, after 0 nodes, far lower.
  const proven = (finished ? solution.objective : solution.bound) * model.objectiveScale;
  const lowered = proven - Math.abs(proven) * BOUND_TOLERANCE;
  const bound = candidate === null ? lowered : Math.min(lowered, candidate.evaluation.objective);
  return { candidate, lowerBound: bound, finished, nodes };
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
  const { x, bound } = solveInteger(model.program, {
    start: model.encode(start.choice),
    presolve: true,
    seed,
    control: { ...control, report: () => {} },
  });
  const found = x === null ? null : completeCandidate(problem, model.decode(x));
  const candidate = found !== null && isBetter(found.evaluation, start.evaluation) ? found : start;
  const proven = bound * model.objectiveScale * (1 - BOUND_TOLERANCE);
  const slack = OVERLOAD_TOLERANCE * problem.totalVolume;
  return { candidate, leastOverload: Math.max(0, Math.min(proven - slack, candidate.evaluation.overload)) };
}

/** Infeasible, optimal with a point that does not fit, or optimal with a bound that does not say so: asked again. */
function isDoubtful(solution: IntegerSolution, candidate: Candidate | null, scale: number): boolean {
  if (solution.status === 'infeasible') return true;
  if (solution.status !== 'optimal') return false;
  if (candidate === null) return true;
  const slack = 1e-6 * Math.max(Math.abs(solution.objective), 1e-9);
  return (
    solution.bound < solution.objective - slack || candidate.evaluation.objective > (solution.objective + slack) * scale
  );
}

function fittingChoice(
  problem: Problem,
  solution: IntegerSolution,
  decode: (x: Float64Array) => Choice,
): Candidate | null {
  if (solution.x === null) return null;
  const candidate = completeCandidate(problem, decode(solution.x));
  return candidate?.evaluation.overload === 0 ? candidate : null;
}

function completeCandidate(problem: Problem, choice: Choice): Candidate | null {
  return choice.ingress.includes(-1) ? null : { choice, evaluation: evaluate(problem, choice) };
}

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
