/**
 * The least overload of any assignment, where none fits.
 *
 *   min Σ o_s   subject to   Σ_s x_rs = 1,   Σ_r p_rs x_rs − o_s ≤ T_s,   o ≥ 0,   x ∈ {0, 1}
 *
 * First by descent over shifts and swaps that touch an overloaded machine, overload before cost, until none of them gains;
 * then by HiGHS where the program is small, and by descent again.
 *
 * Guarantee: the assignment is never worse than the start, by loads summed again; no assignment overloads by less than
 * `leastPossible`. Cost: that of some passes (see overload-descent), then branch and bound in the time that is left.
 */
import { largestLoad, overloadOf } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { roundedUp } from '../../problem/integral-bound.ts';
import { type IntegerSolution, solveInteger } from '../milp/integer.ts';
import { ProgramBuilder } from '../milp/program-builder.ts';
import { askTwice } from '../milp/proof.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { judge } from './gap.ts';
import { decode, encode, GAP_EXACT_ARCS, NODES_WITHOUT_CLOCK, unitOf } from './gap-exact.ts';
import { descendOverload } from './overload-descent.ts';

/** Of all weight, each job at its heaviest: what the solver's tolerances may hide. */
const TOLERANCE = 1e-9;
/** Relative: an overload as near as this to what is proven is the least. */
const CLOSED = 1e-9;

export interface LeastOverload {
  /** Int32 [jobs], arcs; owned by the caller. */
  readonly assignment: Int32Array;
  /** Proven: every assignment overloads by this much or more. */
  readonly leastPossible: number;
}

/** `start` Int32 [jobs] of arcs, not written; `proven` is what every assignment is known to overload by. */
export function leastOverload(
  instance: GapInstance,
  start: Int32Array,
  proven: number,
  control: RunControl,
): LeastOverload {
  const assignment = descendOverload(instance, start, control);
  const isClosed = judge(instance, assignment).overload <= proven * (1 + CLOSED);
  if (isClosed || instance.machine.length > GAP_EXACT_ARCS || stopRequested(control)) {
    return { assignment, leastPossible: proven };
  }
  const exact = attemptStage(control, () => solveElastic(instance, assignment, control));
  if (exact === null) return { assignment, leastPossible: proven };
  return {
    assignment: descendOverload(instance, exact.assignment, control),
    leastPossible: Math.max(proven, exact.leastPossible),
  };
}

function solveElastic(instance: GapInstance, start: Int32Array, control: RunControl): LeastOverload {
  const { program, unit, arcs, machineOf } = elasticProgram(instance);
  const hasClock = Number.isFinite(control.remainingMs());
  const encoded = new Float64Array(program.cost.length);
  encoded.set(encode(arcs, start));
  const excess = excessOf(instance, start);
  machineOf.forEach((s, at) => {
    encoded[arcs.length + at] = excess[s] / unit;
  });
  const run = (presolve: boolean): IntegerSolution =>
    solveInteger(program, {
      start: encoded,
      presolve,
      seed: 1,
      nodeLimit: hasClock ? undefined : NODES_WITHOUT_CLOCK,
      control: { ...control, report: () => {} },
    });
  let assignment = start;
  let least = sumOf(excess);
  const { proof } = askTwice(run, (x) => {
    if (x !== null) {
      const found = decode(instance, arcs, x);
      least = Math.min(least, sumOf(excessOf(instance, found)));
      if (judge(instance, found).overload < judge(instance, assignment).overload) assignment = found;
    }
    return least / unit;
  });
  return { assignment, leastPossible: provenOverload(instance, proof.bound * unit) };
}

/** The program: columns of the arcs, then of the overload of `machineOf`; `unit` is the overload of one in its objective. */
function elasticProgram({ jobCount, start, machine, weight, capacity }: GapInstance) {
  const unit = unitOf(weight);
  const program = new ProgramBuilder();
  const machineOf: number[] = [];
  const machineRow = Array.from(capacity, (limit, s) => {
    if (!Number.isFinite(limit)) return -1;
    machineOf.push(s);
    return program.addRow(Number.NEGATIVE_INFINITY, largestLoad(limit) / unit);
  });
  const arcs = Array.from(machine.keys());
  for (let job = 0; job < jobCount; job++) {
    const jobRow = program.addRow(1, 1);
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      const row = machineRow[machine[arc]];
      const rows = row < 0 ? [jobRow] : [jobRow, row];
      program.addColumn({ cost: 0, upper: 1, integer: true, rows, values: [1, weight[arc] / unit] });
    }
  }
  for (const s of machineOf) program.addColumn({ cost: 1, rows: [machineRow[s]], values: [-1] });
  return { program: program.build(), unit, arcs, machineOf };
}

/** Lowered by the solver's tolerance; whole weights and capacities leave whole overloads alone. */
function provenOverload(instance: GapInstance, bound: number): number {
  const { jobCount, start, weight, capacity } = instance;
  let heaviest = 0;
  for (let job = 0; job < jobCount; job++) {
    heaviest += weight.subarray(start[job], start[job + 1]).reduce((most, one) => Math.max(most, one), 0);
  }
  const lowered = Math.max(0, bound - TOLERANCE * heaviest);
  const isWhole = weight.every(Number.isInteger) && capacity.every((one) => one === Infinity || Number.isInteger(one));
  return isWhole ? roundedUp(lowered) : lowered;
}

/** Float64 [machines], load above what passes for the capacity: what the program counts, a little less than overload. */
function excessOf(instance: GapInstance, assignment: Int32Array): Float64Array {
  return loadsOf(instance, assignment).map((load, s) => Math.max(0, load - largestLoad(instance.capacity[s])));
}

/** Float64 [machines], load above capacity. */
export function overloads(instance: GapInstance, assignment: Int32Array): Float64Array {
  return loadsOf(instance, assignment).map((load, s) => overloadOf(load, instance.capacity[s]));
}

function loadsOf({ machineCount, machine, weight }: GapInstance, assignment: Int32Array): Float64Array {
  const load = new Float64Array(machineCount);
  for (const arc of assignment) load[machine[arc]] += weight[arc];
  return load;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
