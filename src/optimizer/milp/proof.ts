/**
 * What branch and bound has proven: the solver's word, lowered by its tolerances, and only where no known value refutes it.
 *
 * HiGHS was seen to end as optimal above a point that exists (docs/quality.md), and to call programs infeasible that are
 * not; without presolve it was not seen to. So an answer is asked for again, without presolve, where something in hand
 * contradicts it, and what is contradicted twice proves nothing.
 */
import { refutes } from '../../problem/relative-gap.ts';
import type { IntegerSolution } from './integer.ts';

/** Relative, below the gap that "optimal" allows: by how much an optimum is lowered. */
const OPTIMUM_TOLERANCE = 5e-10;
/** Relative: a bound that the solver had when it was stopped, which was seen 4e-9 too high. */
const STOPPED_TOLERANCE = 1e-6;
/** Relative: an optimum whose own point, or bound, is farther off is doubted. */
const DOUBT = 1e-6;

/** A bound of a solver that was stopped, or that it reported on its way. */
export function stoppedBound(bound: number): number {
  return Number.isFinite(bound) ? bound - Math.abs(bound) * STOPPED_TOLERANCE : Number.NEGATIVE_INFINITY;
}

/** At which a solver is to be stopped, so that what `stoppedBound` leaves of its bound is no farther off than the target. */
export function gapBeforeStop(gapTarget: number): number {
  return gapTarget - 2 * STOPPED_TOLERANCE;
}

export interface Proof {
  /** Infinity: proven that there is no point; -Infinity: nothing is proven. */
  readonly bound: number;
  /** The search ended by itself, and what it says is believed. */
  readonly finished: boolean;
}

export interface Asked {
  /** Of the last run. */
  readonly solution: IntegerSolution;
  /** Over all runs. */
  readonly nodes: number;
  readonly proof: Proof;
}

/**
 * Runs, and runs again without presolve where the answer is doubtful.
 *
 * @param run the search, with presolve or without.
 * @param known takes a point that was found, if it is one after all, and gives the least value known, in units of the
 * program: Infinity where there is none.
 */
export function askTwice(
  run: (presolve: boolean) => IntegerSolution,
  known: (x: Float64Array | null) => number,
): Asked {
  const first = run(true);
  const value = known(first.x);
  if (!isDoubtful(first, value)) return { solution: first, nodes: first.nodes, proof: proofOf(first, value) };
  const second = run(false);
  const nodes = first.nodes + second.nodes;
  return { solution: second, nodes, proof: proofOf(second, known(second.x)) };
}

/** Infeasible, optimal with a point that is none, or with a bound or a value that does not fit what is known. */
function isDoubtful(solution: IntegerSolution, known: number): boolean {
  if (solution.status === 'infeasible') return true;
  if (solution.status !== 'optimal') return false;
  const isOpen = solution.bound < solution.objective - doubt(solution);
  return isOpen || !isOptimum(solution, known) || refutes(known, proven(solution, known));
}

function proofOf(solution: IntegerSolution, known: number): Proof {
  const bound = proven(solution, known);
  if (refutes(known, bound)) return { bound: Number.NEGATIVE_INFINITY, finished: false };
  const finished = solution.status === 'infeasible' || isOptimum(solution, known);
  return { bound: Math.min(bound, known), finished };
}

/** An optimum is the bound, which the solver states a little lower or, after 0 nodes, far lower. */
function proven(solution: IntegerSolution, known: number): number {
  if (solution.status === 'infeasible') return Number.POSITIVE_INFINITY;
  if (solution.status === 'failed' || solution.status === 'unbounded') return Number.NEGATIVE_INFINITY;
  if (!isOptimum(solution, known)) return stoppedBound(solution.bound);
  return solution.objective - Math.abs(solution.objective) * OPTIMUM_TOLERANCE;
}

/** The solver ended, and what it ended with is a point. */
function isOptimum(solution: IntegerSolution, known: number): boolean {
  return solution.status === 'optimal' && known <= solution.objective + doubt(solution);
}

function doubt({ objective }: IntegerSolution): number {
  return DOUBT * Math.max(Math.abs(objective), 1e-9);
}
