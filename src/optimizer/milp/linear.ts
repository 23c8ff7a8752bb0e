/**
 * Linear programs by HiGHS, once or again and again from the basis before.
 *
 * Nothing here knows what a program means; a status is reported, never interpreted. Throws SOLVER_FAILED where the solver gives up.
 */
import { metered } from '../run/meter.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import {
  failureOf,
  type Highs,
  type LinearProgram,
  type Model,
  modelData,
  type SolverStatus,
  statusOf,
  withModel,
} from './highs.ts';

/** Columns and rows that are basic, as many as there are rows; all others are at their lower bound. */
export interface Basis {
  /** Int32, indices. */
  readonly columns: Int32Array;
  readonly rows: Int32Array;
}

export interface LinearOptions {
  /**
   * `simplex` answers with a vertex; `interior` with a point inside the optimal face, whose duals lie inside theirs: better
   * prices for column generation, and faster. Simplex where left out.
   */
  readonly method?: 'simplex' | 'interior';
  /** Where simplex starts, without presolve; best where no reduced cost is negative. The solver mends what is no basis. */
  readonly basis?: Basis;
}

export interface LinearSolution {
  readonly status: SolverStatus;
  readonly objective: number;
  /** Float64 [columns], owned by the caller; empty unless optimal. */
  readonly x: Float64Array;
  /** Float64 [rows], ∂objective/∂(row bound); empty unless optimal. */
  readonly rowDual: Float64Array;
}

/** Of HiGHS: `simplex_dual_edge_weight_strategy`. */
const DEVEX = 1;

const NOTHING = new Float64Array(0);

export function solveLinear(program: LinearProgram, control: RunControl, options: LinearOptions = {}): LinearSolution {
  // HiGHS calls a program without rows and columns `empty`.
  if (program.cost.length === 0) return { status: 'optimal', objective: 0, x: NOTHING, rowDual: NOTHING };
  const solution = runLinear(program, control, options, true);
  if (solution.status !== 'failed') return solution;
  // Tiny degenerate programs end as `unknown` now and then.
  const again = runLinear(program, control, {}, true);
  return again.status === 'failed' ? runLinear(program, control, {}, false) : again;
}

function runLinear(
  program: LinearProgram,
  control: RunControl,
  { method = 'simplex', basis }: LinearOptions,
  presolve: boolean,
): LinearSolution {
  return withModel(modelData(program), (model, solver) => {
    model.options.set({ output_flag: false, presolve: presolve ? 'on' : 'off' });
    model.options.set(method === 'simplex' ? { solver: 'simplex' } : { solver: 'ipm', run_crossover: 'off' });
    if (basis !== undefined) {
      const { basic } = solver.constants.basisStatus;
      model.setBasis({
        colStatus: statusOfEach(program.cost.length, basis.columns, basic),
        rowStatus: statusOfEach(program.rowLower.length, basis.rows, basic),
      });
      // Steepest edge would begin with a solve for each of its rows.
      model.options.set({ simplex_dual_edge_weight_strategy: DEVEX });
    }
    return answerOf(model, solver, control);
  });
}

/** Runs what the model holds. An error thrown by the solver is a failure like others, which may not befall the next attempt. */
function answerOf(model: Model, solver: Highs, control: RunControl): LinearSolution {
  const interrupt = (event: { interrupt(): void }): undefined => {
    if (stopRequested(control)) event.interrupt();
  };
  const { simplexInterrupt, ipmInterrupt } = solver.constants.callbackType;
  const callbacks = { [simplexInterrupt]: interrupt, [ipmInterrupt]: interrupt };
  let status: SolverStatus = 'failed';
  try {
    status = statusOf(solver, metered('highs', () => model.run(callbacks)).modelStatus);
  } catch (error) {
    failureOf(error);
  }
  // Stopped before its first iterate the solver has nothing to give, and says so by throwing.
  if (status !== 'optimal') return { status, objective: Number.NaN, x: NOTHING, rowDual: NOTHING };
  const { colValue, rowDual } = model.getSolution();
  return { status, objective: model.getObjectiveValue(), x: colValue, rowDual };
}

function statusOfEach(count: number, basic: Int32Array, status: number): Int32Array {
  // At the lower bound is 0.
  const statuses = new Int32Array(count);
  for (const index of basic) statuses[index] = status;
  return statuses;
}

/** A linear program that is solved again and again as the bounds of its columns change, from the basis before. */
export interface LinearSession {
  setBounds(column: number, lower: number, upper: number): void;
  /** By simplex: a vertex. */
  solve(): LinearSolution;
}

/** The session ends with `work`. */
export function withLinearSession<T>(
  program: LinearProgram,
  control: RunControl,
  work: (session: LinearSession) => T,
): T {
  return withModel(modelData(program), (model, solver) => {
    model.options.set({ output_flag: false, solver: 'simplex' });
    return work({
      setBounds(column, lower, upper) {
        model.changeColBounds(column, lower, upper);
      },
      solve: () => answerOf(model, solver, control),
    });
  });
}
