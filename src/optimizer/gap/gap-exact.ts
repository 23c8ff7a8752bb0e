/**
 * The generalized assignment problem as an integer program in HiGHS, from the best assignment known.
 *
 *   min Σ c_rs x_rs   subject to   Σ_s x_rs = 1,   Σ_r p_rs x_rs ≤ T_s,   x ∈ {0, 1}
 *
 * Guarantee: an assignment is taken only after its loads are summed again; the bound is the solver's, lowered by its
 * tolerance, and raised to the next integer where all costs are integers. That nothing fits is believed only when a run
 * without presolve agrees. Cost: branch and bound, until its node limit or the control ends it.
 */
import { fits, loadLimit } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { type IntegerSolution, solveInteger } from '../milp/highs.ts';
import { ProgramBuilder } from '../milp/program-builder.ts';
import type { RunControl } from '../run/run-control.ts';
import { judge } from './gap.ts';

/** Above this many arcs the program is not tried. */
export const GAP_EXACT_ARCS = 20_000;
/** Relative: of an optimum, and of a bound that the solver had when it was stopped, which was seen 4e-9 too high. */
const OPTIMUM_TOLERANCE = 5e-10;
const BOUND_TOLERANCE = 1e-6;
const INTEGER_TOLERANCE = 1e-3;

export interface GapExactOptions {
  /** Int32 [jobs], an assignment to start from; used where it fits. */
  readonly start: Int32Array;
  readonly nodeLimit?: number | undefined;
  readonly control: RunControl;
}

export interface GapExactResult {
  /** Int32 [jobs]; null where none that fits was found. */
  readonly assignment: Int32Array | null;
  /** Null where it is proven that nothing fits. */
  readonly lowerBound: number | null;
}

export function solveGapExactly(instance: GapInstance, options: GapExactOptions): GapExactResult {
  const { program, scale, arcs } = gapProgram(instance);
  const start = judge(instance, options.start).overload === 0 ? encode(arcs, options.start) : undefined;
  const run = (presolve: boolean): IntegerSolution =>
    solveInteger(program, {
      start,
      presolve,
      seed: 1,
      nodeLimit: options.nodeLimit,
      control: { ...options.control, report: () => {} },
    });
  let solution = run(true);
  if (solution.status === 'infeasible' && start === undefined) solution = run(false);
  if (solution.status === 'infeasible') {
    return { assignment: null, lowerBound: start === undefined ? null : Number.NEGATIVE_INFINITY };
  }
  const assignment = solution.x === null ? null : decode(instance, arcs, solution.x);
  const fitting = assignment !== null && judge(instance, assignment).overload === 0 ? assignment : null;
  if (solution.status === 'optimal' && fitting !== null) {
    const { cost } = judge(instance, fitting);
    return { assignment: fitting, lowerBound: cost - Math.abs(cost) * OPTIMUM_TOLERANCE };
  }
  return { assignment: fitting, lowerBound: boundOf(instance, solution.bound * scale) };
}

/** The program in units in which mean cost and mean weight are 1: `scale` is the cost of one, `arcs` the arc of each column. */
export function gapProgram(instance: GapInstance) {
  const { jobCount, machineCount, start, machine, cost, weight, capacity } = instance;
  // HiGHS works with absolute tolerances: the mean cost and the mean weight become 1.
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length || 1;
  const scale = mean(cost);
  const unit = mean(weight);
  const program = new ProgramBuilder();
  const machineRow = Array.from({ length: machineCount }, (_, s) =>
    Number.isFinite(capacity[s]) ? program.addRow(Number.NEGATIVE_INFINITY, loadLimit(capacity[s]) / unit) : -1,
  );
  const arcs: number[] = [];
  for (let job = 0; job < jobCount; job++) {
    const jobRow = program.addRow(1, 1);
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      const row = machineRow[machine[arc]];
      if (!fits(weight[arc], capacity[machine[arc]])) continue;
      const rows = row < 0 ? [jobRow] : [jobRow, row];
      program.addColumn({ cost: cost[arc] / scale, upper: 1, integer: true, rows, values: [1, weight[arc] / unit] });
      arcs.push(arc);
    }
  }
  return { program: program.build(), scale, arcs };
}

function encode(arcs: readonly number[], assignment: Int32Array): Float64Array {
  const chosen = new Set(assignment);
  return Float64Array.from(arcs, (arc) => (chosen.has(arc) ? 1 : 0));
}

/** The arc of largest value of each job. */
function decode({ jobCount, start }: GapInstance, arcs: readonly number[], x: Float64Array): Int32Array {
  const assignment = new Int32Array(jobCount);
  const best = new Float64Array(jobCount).fill(-1);
  let job = 0;
  arcs.forEach((arc, column) => {
    while (arc >= start[job + 1]) job++;
    if (x[column] <= best[job]) return;
    best[job] = x[column];
    assignment[job] = arc;
  });
  return assignment;
}

function boundOf({ cost }: GapInstance, value: number): number {
  const lowered = value - Math.abs(value) * BOUND_TOLERANCE;
  // Every assignment costs an integer then. The tolerance leaves room for the solver's, which is relative.
  const isIntegral = cost.every(Number.isInteger) && Math.abs(value) * BOUND_TOLERANCE < 0.1;
  return isIntegral ? Math.ceil(lowered - INTEGER_TOLERANCE) : lowered;
}
