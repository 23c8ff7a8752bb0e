/**
 * HiGHS (wasm) behind one door: it is loaded here, given programs as CSC arrays (see linear, integer), and let go.
 *
 * Nothing here knows what a program means. Every model is disposed before a call returns: wasm memory has no garbage
 * collection. A status is reported, never interpreted. Whatever the solver throws is SOLVER_FAILED; a module that has trapped
 * is let go, and `loadSolver` loads another.
 */
import '../run/wasm-code.ts';
import highsModule, { type Highs, type Model, type ModelData } from 'highs';
import { EgressoError } from '../../errors.ts';
import { Interruption } from '../run/run-control.ts';

export type { Highs, HighsCallbackMap, Model } from 'highs';

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

export type SolverStatus = 'optimal' | 'infeasible' | 'unbounded' | 'limit' | 'failed';

// The package's types describe its CommonJS build; the default of its ES module is the loader itself.
const loadHighs = highsModule as unknown as typeof highsModule.default;

let runtime: Promise<Highs> | undefined;
let highs: Highs | undefined;
let hasTrapped = false;

/** Loads the solver once per thread; nothing is solved before. */
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

/** As `Highs.withModel`; what the solver throws is SOLVER_FAILED. */
export function withModel<T>(data: ModelData, work: (model: Model, solver: Highs) => T): T {
  const solver = loaded();
  try {
    return solver.withModel(data, (model) => work(model, solver));
  } catch (error) {
    throw failureOf(error);
  }
}

/** What is thrown by those who use the solver stays as it is; a module that has trapped is let go. */
export function failureOf(error: unknown): unknown {
  if (error instanceof EgressoError || error instanceof Interruption || error instanceof TypeError) return error;
  if (error instanceof WebAssembly.RuntimeError) {
    hasTrapped = true;
    highs = runtime = undefined;
  }
  return new EgressoError('SOLVER_FAILED', `the solver gave up: ${error instanceof Error ? error.message : error}`);
}

/** Views of the program's arrays. */
export function modelData(program: LinearProgram): ModelData {
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

/** Of `modelStatus`, a code of the solver. */
export function statusOf(solver: Highs, status: number): SolverStatus {
  const { modelStatus } = solver.constants;
  if (status === modelStatus.optimal) return 'optimal';
  if (status === modelStatus.infeasible || status === modelStatus.unboundedOrInfeasible) return 'infeasible';
  if (status === modelStatus.unbounded) return 'unbounded';
  const { interrupted, timeLimit, solutionLimit } = modelStatus;
  if (status === interrupted || status === timeLimit || status === solutionLimit) return 'limit';
  // `empty` is what HiGHS answers to nonsense, with objective 0: a failure here.
  return 'failed';
}
