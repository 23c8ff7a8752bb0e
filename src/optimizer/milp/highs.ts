/**
 * HiGHS (wasm) behind one door: linear and integer programs as CSC arrays, in and out.
 *
 * Nothing here knows what a program means. Every model is disposed before a call returns: wasm memory has no garbage
 * collection. A status is reported, never interpreted. Whatever the solver throws is SOLVER_FAILED; a module that has trapped
 * is let go, and `loadSolver` loads another.
 */
import '../run/wasm-code.ts';
import highsModule, { type Highs, type HighsCallbackMap, type Model, type ModelData } from 'highs';
import { EgressoError } from '../../errors.ts';
import { metered } from '../run/meter.ts';
import { Interruption, type RunControl, stopRequested } from '../run/run-control.ts';

/** min cost·x subject to rowLower ≤ A·x ≤ rowUpper, colLower ≤ x ≤ colUpper; A by columns (CSC). */
export interface LinearProgram {
  readonly cost: Float64Array;
  readonly colLower: Float64Array;
  readonly colUpper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  /** Int32 [columns + 1]. */
  readonly starts: Int32Array;
  /** Int32 [nonzeros], row of each coefficient. */
  readonly rows: Int32Array;
  readonly values: Float64Array;
}

export interface IntegerProgram extends LinearProgram {
  /** Uint8 [columns], 1 where the column is integer. */
  readonly integer: Uint8Array;
}

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

export type SolverStatus = 'optimal' | 'infeasible' | 'unbounded' | 'limit' | 'failed';

export interface LinearSolution {
  readonly status: SolverStatus;
  readonly objective: number;
  /** Float64 [columns], owned by the caller; empty unless optimal. */
  readonly x: Float64Array;
  /** Float64 [rows], ∂objective/∂(row bound); empty unless optimal. */
  readonly rowDual: Float64Array;
}

export interface IntegerSolution {
  readonly status: SolverStatus;
  /** Null where no feasible point was found. */
  readonly x: Float64Array | null;
  readonly objective: number;
  /** Proven by the solver, within its own tolerances; -Infinity where there is none. */
  readonly bound: number;
  readonly nodes: number;
}

export interface IntegerOptions {
  /** A feasible point to start from. */
  readonly start?: Float64Array | undefined;
  readonly presolve: boolean;
  readonly seed: number;
  readonly nodeLimit?: number | undefined;
  /** Relative to the value of the best point: with its bound no farther off the search is stopped; none: only at the optimum. */
  readonly gapTarget?: number | undefined;
  readonly control: RunControl;
}

// The package's types describe its CommonJS build; the default of its ES module is the loader itself.
const loadHighs = highsModule as unknown as typeof highsModule.default;

/** Of HiGHS: `simplex_dual_edge_weight_strategy`. */
const DEVEX = 1;

const NOTHING = new Float64Array(0);

let runtime: Promise<Highs> | undefined;
let highs: Highs | undefined;
let hasTrapped = false;

/** Loads the solver once per thread; every other function here needs it loaded. */
export async function loadSolver(): Promise<void> {
  runtime ??= loadHighs({ print: () => {}, printErr: () => {} });
  highs = await runtime;
  hasTrapped = false;
}

/** Size of the solver's memory, which only grows; 0 before it is loaded. */
export function solverMemoryBytes(): number {
  return highs?.memoryBytes ?? 0;
}

function loaded(): Highs {
  if (highs !== undefined) return highs;
  if (hasTrapped) throw new EgressoError('SOLVER_FAILED', 'the solver has trapped before');
  throw new EgressoError('INTERNAL', 'the linear solver is used before it is loaded');
}

export function solveLinear(program: LinearProgram, control: RunControl, options: LinearOptions = {}): LinearSolution {
  // HiGHS calls a program without rows and columns `empty`.
  if (program.cost.length === 0) return { status: 'optimal', objective: 0, x: NOTHING, rowDual: NOTHING };
  const solution = runLinear(program, control, options, true);
  if (solution.status !== 'failed') return solution;
  // Tiny degenerate programs end as `unknown` now and then.
  const again = runLinear(program, control, {}, true);
  return again.status === 'failed' ? runLinear(program, control, {}, false) : again;
}

/** As `Highs.withModel`; what the solver throws is SOLVER_FAILED. */
function withModel<T>(data: ModelData, work: (model: Model, solver: Highs) => T): T {
  const solver = loaded();
  try {
    return solver.withModel(data, (model) => work(model, solver));
  } catch (error) {
    throw failureOf(error);
  }
}

/** What is thrown by those who use the solver stays as it is. */
function failureOf(error: unknown): unknown {
  if (error instanceof EgressoError || error instanceof Interruption || error instanceof TypeError) return error;
  if (error instanceof WebAssembly.RuntimeError) {
    hasTrapped = true;
    highs = runtime = undefined;
  }
  return new EgressoError('SOLVER_FAILED', `the solver gave up: ${error instanceof Error ? error.message : error}`);
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
    const interrupt = (event: { interrupt(): void }): undefined => {
      if (stopRequested(control)) event.interrupt();
    };
    const { simplexInterrupt, ipmInterrupt } = solver.constants.callbackType;
    const status = attempt(() => {
      const callbacks = { [simplexInterrupt]: interrupt, [ipmInterrupt]: interrupt };
      const { modelStatus } = metered('highs', () => model.run(callbacks));
      return statusOf(solver, modelStatus);
    });
    // Stopped before its first iterate the solver has nothing to give, and says so by throwing.
    if (status !== 'optimal') return { status, objective: Number.NaN, x: NOTHING, rowDual: NOTHING };
    const { colValue, rowDual } = model.getSolution();
    return { status, objective: model.getObjectiveValue(), x: colValue, rowDual };
  });
}

function statusOfEach(count: number, basic: Int32Array, status: number): Int32Array {
  // At the lower bound is 0.
  const statuses = new Int32Array(count);
  for (const index of basic) statuses[index] = status;
  return statuses;
}

/** An error thrown by the solver is a failure like others, which may not befall the next attempt. */
function attempt(run: () => SolverStatus): SolverStatus {
  try {
    return run();
  } catch (error) {
    failureOf(error);
    return 'failed';
  }
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
    const interrupt = (event: { interrupt(): void }): undefined => {
      if (stopRequested(control)) event.interrupt();
    };
    return work({
      setBounds(column, lower, upper) {
        model.changeColBounds(column, lower, upper);
      },
      solve() {
        const status = attempt(() => {
          const callbacks = { [solver.constants.callbackType.simplexInterrupt]: interrupt };
          const { modelStatus } = metered('highs', () => model.run(callbacks));
          return statusOf(solver, modelStatus);
        });
        if (status !== 'optimal') return { status, objective: Number.NaN, x: NOTHING, rowDual: NOTHING };
        const { colValue, rowDual } = model.getSolution();
        return { status, objective: model.getObjectiveValue(), x: colValue, rowDual };
      },
    });
  });
}

/**
 * To which a point of an integer program keeps its rows. At its default of 1e-6 HiGHS 1.15.1 was seen to end as optimal above
 * the optimum over rows with fractional coefficients, at this one it was not (docs/quality.md).
 */
const INTEGER_TOLERANCE = 1e-9;

/** Branch and bound to a zero relative gap, until the gap that is asked for, or until the control says stop. */
export function solveInteger(program: IntegerProgram, options: IntegerOptions): IntegerSolution {
  if (program.cost.length === 0) return { status: 'optimal', objective: 0, x: NOTHING, bound: 0, nodes: 0 };
  const { control, gapTarget } = options;
  return withModel({ ...modelData(program), integrality: Int32Array.from(program.integer) }, (model, solver) => {
    model.options.set({
      output_flag: false,
      random_seed: options.seed & 0x7fffffff,
      presolve: options.presolve ? 'on' : 'off',
      mip_rel_gap: 0,
      mip_abs_gap: 0,
      mip_feasibility_tolerance: INTEGER_TOLERANCE,
    });
    if (options.nodeLimit !== undefined) model.options.set({ mip_max_nodes: options.nodeLimit });
    if (options.start !== undefined) model.setSolution({ colValue: options.start });
    const callbacks: HighsCallbackMap = {
      [solver.constants.callbackType.mipInterrupt]: (event) => {
        const { mip_primal_bound, mip_dual_bound } = event.data;
        // Not by mip_rel_gap: the solver would end as optimal.
        const isNear = gapTarget !== undefined && isWithin(gapTarget, Number(mip_primal_bound), Number(mip_dual_bound));
        if (isNear || stopRequested(control)) event.interrupt();
      },
      [solver.constants.callbackType.mipLogging]: (event) => {
        control.report({
          phase: 'exact',
          incumbent: finiteOrNull(event.data.mip_primal_bound),
          bound: finiteOrNull(event.data.mip_dual_bound),
        });
      },
    };
    const { modelStatus } = metered('highs', () => model.run(callbacks));
    const found = Number(model.info.get('primal_solution_status')) === solver.constants.solutionStatus.feasible;
    return {
      status: statusOf(solver, modelStatus),
      x: found ? model.getSolution().colValue : null,
      objective: model.getObjectiveValue(),
      bound: Number(model.info.get('mip_dual_bound')),
      nodes: Number(model.info.get('mip_node_count')),
    };
  });
}

/** False where one of them is not known yet. */
function isWithin(gapTarget: number, value: number, bound: number): boolean {
  return Number.isFinite(value) && Number.isFinite(bound) && value - bound <= gapTarget * Math.abs(value);
}

function modelData(program: LinearProgram): ModelData {
  const numCols = program.cost.length;
  const numRows = program.rowLower.length;
  const matrix = { numRows, numCols, starts: program.starts, indices: program.rows, values: program.values };
  return {
    numCols,
    numRows,
    colCost: program.cost,
    colLower: program.colLower,
    colUpper: program.colUpper,
    rowLower: program.rowLower,
    rowUpper: program.rowUpper,
    matrix: { format: 'csc', ...matrix },
  };
}

function statusOf(solver: Highs, status: number): SolverStatus {
  const { modelStatus } = solver.constants;
  if (status === modelStatus.optimal) return 'optimal';
  if (status === modelStatus.infeasible || status === modelStatus.unboundedOrInfeasible) return 'infeasible';
  if (status === modelStatus.unbounded) return 'unbounded';
  const { interrupted, timeLimit, solutionLimit } = modelStatus;
  if (status === interrupted || status === timeLimit || status === solutionLimit) return 'limit';
  // `empty` is what HiGHS answers to nonsense, with objective 0: a failure here.
  return 'failed';
}

function finiteOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
