/**
 * The generalized assignment problem as an integer program in HiGHS, from the best assignment known.
 *
 *   min Σ c_rs x_rs   subject to   Σ_s x_rs = 1,   Σ_r p_rs x_rs ≤ T_s,   x ∈ {0, 1}
 *
 * Whole weights and whole costs stay as they are, each by itself; others get a mean of 1 (see exact-scales for why).
 *
 * Guarantee: an assignment is taken only after its loads are summed again; what the solver proves is believed as
 * `milp/proof` says, and raised to the next integer where all costs are integers. Cost: branch and bound, until its node
 * limit or the control ends it.
 */
import { fits, largestLoad } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { roundedUp } from '../../problem/integral-bound.ts';
import { type IntegerSolution, solveInteger } from '../milp/integer.ts';
import { ProgramBuilder } from '../milp/program-builder.ts';
import { askTwice } from '../milp/proof.ts';
import type { RunControl } from '../run/run-control.ts';
import { judge } from './gap.ts';

/** Above this many arcs the program is not tried. */
export const GAP_EXACT_ARCS = 20_000;
/** Nodes of branch and bound where no clock ends the run. */
export const NODES_WITHOUT_CLOCK = 500;
/** Greatest whole weight or cost that is not scaled: sums of some hundred stay exact far below the tolerance. */
const LARGEST_WHOLE = 1e6;

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
  const first = judge(instance, options.start);
  const start = first.overload === 0 ? encode(arcs, options.start) : undefined;
  const run = (presolve: boolean): IntegerSolution =>
    solveInteger(program, {
      start,
      presolve,
      seed: 1,
      nodeLimit: options.nodeLimit,
      control: { ...options.control, report: () => {} },
    });
  let assignment: Int32Array | null = null;
  let least = start === undefined ? Number.POSITIVE_INFINITY : first.cost;
  const { proof } = askTwice(run, (x) => {
    const found = x === null ? null : decode(instance, arcs, x);
    const { cost, overload } = found === null ? { cost: 0, overload: 1 } : judge(instance, found);
    if (overload === 0 && (assignment === null || cost < least)) assignment = found;
    if (overload === 0) least = Math.min(least, cost);
    return least / scale;
  });
  if (proof.bound === Number.POSITIVE_INFINITY) return { assignment: null, lowerBound: null };
  const bound = proof.bound * scale;
  return { assignment, lowerBound: instance.cost.every(Number.isInteger) ? roundedUp(bound) : bound };
}

/** The program and its units: `scale` is the cost of one in its objective, `arcs` the arc of each column. */
export function gapProgram(instance: GapInstance) {
  const { jobCount, machineCount, start, machine, cost, weight, capacity } = instance;
  const scale = unitOf(cost);
  const hasWholeRows = isSmallWhole(weight);
  const unit = unitOf(weight);
  const limitOf = (value: number) => (hasWholeRows ? Math.floor(largestLoad(value)) : largestLoad(value) / unit);
  const program = new ProgramBuilder();
  const machineRow = Array.from({ length: machineCount }, (_, s) =>
    Number.isFinite(capacity[s]) ? program.addRow(Number.NEGATIVE_INFINITY, limitOf(capacity[s])) : -1,
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

/** Float64 [columns], 1 where the arc is assigned. */
export function encode(arcs: readonly number[], assignment: Int32Array): Float64Array {
  const chosen = new Set(assignment);
  return Float64Array.from(arcs, (arc) => (chosen.has(arc) ? 1 : 0));
}

/** The arc of largest value of each job. */
export function decode({ jobCount, start }: GapInstance, arcs: readonly number[], x: Float64Array): Int32Array {
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

function isSmallWhole(values: Float64Array): boolean {
  return values.every((value) => Number.isInteger(value) && Math.abs(value) <= LARGEST_WHOLE);
}

/** In what unit the program counts: whole values stay as they are, others get a mean of 1. */
export function unitOf(values: Float64Array): number {
  return isSmallWhole(values) ? 1 : meanOf(values);
}

/** HiGHS works with absolute tolerances: the mean becomes 1. */
function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length || 1;
}
