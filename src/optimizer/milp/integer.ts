/**
 * Integer programs by branch and bound in HiGHS.
 *
 * What it claims is reported, never believed (see proof). Throws SOLVER_FAILED where the solver gives up.
 */
import { metered } from '../run/meter.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import {
  type HighsCallbackMap,
  type LinearProgram,
  modelData,
  type SolverStatus,
  statusOf,
  withModel,
} from './highs.ts';

export interface IntegerProgram extends LinearProgram {
  /** Uint8 [columns], 1 where the column is integer. */
  readonly integer: Uint8Array;
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

/**
 * To which a point of an integer program keeps its rows. At its default of 1e-6 HiGHS 1.15.1 was seen to end as optimal above
 * the optimum over rows with fractional coefficients, at this one it was not (docs/quality.md).
 */
const INTEGER_TOLERANCE = 1e-9;

/** Branch and bound to a zero relative gap, until the gap that is asked for, or until the control says stop. */
export function solveInteger(program: IntegerProgram, options: IntegerOptions): IntegerSolution {
  if (program.cost.length === 0) return { status: 'optimal', objective: 0, x: new Float64Array(0), bound: 0, nodes: 0 };
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

function finiteOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
