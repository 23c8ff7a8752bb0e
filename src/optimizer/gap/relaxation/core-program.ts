/**
 * The linear program over a few jobs, the core, near given prices λ̂; all other jobs are fixed. It is written in what
 * differs from λ̂:
 *
 *   min  Σ μ_r d_a x_a + Σ_s up_s o_s + Σ_s down_s w_s
 *   subject to   Σ_{a of r} x_a = 1,   Σ_{a on s} μ_r p_a x_a − o_s + w_s = room_s,   x, o, w ≥ 0
 *
 * d_a is the reduced cost of arc a above the best of its job, μ_r how many times job r counts. The row duals are −(λ
 * − λ̂), and the prices of overflow o and of idle room w are their bounds: −down ≤ λ − λ̂ ≤ up. (A box; Marsten et
 * al. 1975.)
 *
 * HiGHS works with absolute tolerances: the units of price and weight become 1, so the nearer the bounds, the more
 * exact the prices.
 *
 * Guarantee: a vertex, so at most n jobs are split. Cost: the dual simplex method's, from the best arc of every job.
 */
import { EgressoError } from '../../../errors.ts';
import { type Basis, solveLinear } from '../../milp/linear.ts';
import type { RunControl } from '../../run/run-control.ts';

export interface Core {
  /** Int32 [core jobs + 1] into the members. */
  readonly start: Int32Array;
  /** Of each member, counted μ times: Int32 machine, Float64 reduced cost d ≥ 0, Float64 weight. */
  readonly machine: Int32Array;
  readonly excess: Float64Array;
  readonly weight: Float64Array;
  /** Float64 [machines], what the fixed jobs leave; Infinity where unlimited. */
  readonly room: Float64Array;
  /** Float64 [machines] ≥ 0, how far a price may rise and fall. */
  readonly up: Float64Array;
  readonly down: Float64Array;
  /** The order of `up`, `down` and of d for each unit of weight, > 0. */
  readonly unitPrice: number;
  /** The order of the weights, > 0. */
  readonly unitWeight: number;
}

export interface CoreSolution {
  /** Float64 [members], Σ of each job = 1. */
  readonly share: Float64Array;
  /** Float64 [machines], λ − λ̂. */
  readonly change: Float64Array;
  /** Float64 [machines], o. */
  readonly overflow: Float64Array;
}

/** Overflow below this share of mean weight and room is the solver's tolerance, not overflow. */
const OVERFLOW_NOISE = 1e-7;

/** Null where the control stopped it. */
export function solveCore(core: Core, control: RunControl): CoreSolution | null {
  const { start, machine, excess, weight, room, up, down } = core;
  const jobCount = start.length - 1;
  const memberCount = start[jobCount];
  const { unitWeight } = core;
  const unitCost = core.unitPrice * unitWeight;

  const limited: number[] = [];
  for (let s = 0; s < room.length; s++) if (room[s] < Number.POSITIVE_INFINITY) limited.push(s);
  const rowOf = new Int32Array(room.length).fill(-1);
  for (let row = 0; row < limited.length; row++) rowOf[limited[row]] = row;
  const columnCount = memberCount + 2 * limited.length;
  const cost = new Float64Array(columnCount);
  const starts = new Int32Array(columnCount + 1);
  const rows = new Int32Array(2 * columnCount);
  const values = new Float64Array(2 * columnCount);
  let filled = 0;
  for (let job = 0; job < jobCount; job++) {
    for (let member = start[job]; member < start[job + 1]; member++) {
      cost[member] = excess[member] / unitCost;
      const row = rowOf[machine[member]];
      if (row >= 0) {
        rows[filled] = row;
        values[filled++] = weight[member] / unitWeight;
      }
      rows[filled] = limited.length + job;
      values[filled++] = 1;
      starts[member + 1] = filled;
    }
  }
  const bounds = new Float64Array(limited.length + jobCount).fill(1);
  limited.forEach((s, row) => {
    bounds[row] = room[s] / unitWeight;
    const column = memberCount + 2 * row;
    cost[column] = up[s] / core.unitPrice;
    cost[column + 1] = down[s] / core.unitPrice;
    rows[filled] = rows[filled + 1] = row;
    values[filled] = -1;
    values[filled + 1] = 1;
    starts[column + 1] = filled + 1;
    starts[column + 2] = filled += 2;
  });
  const solution = solveLinear(
    {
      cost,
      colLower: new Float64Array(columnCount),
      colUpper: new Float64Array(columnCount).fill(Number.POSITIVE_INFINITY),
      rowLower: bounds,
      rowUpper: bounds,
      starts,
      rows: rows.subarray(0, filled),
      values: values.subarray(0, filled),
    },
    control,
    { basis: startBasis(core, limited.length) },
  );
  if (solution.status === 'limit') return null;
  if (solution.status !== 'optimal') {
    throw new EgressoError('SOLVER_FAILED', `the core of the relaxation ended as ${solution.status}`);
  }

  const change = new Float64Array(room.length);
  const overflow = new Float64Array(room.length);
  limited.forEach((s, row) => {
    change[s] = Math.min(up[s], Math.max(-down[s], -solution.rowDual[row] * core.unitPrice));
    const amount = solution.x[memberCount + 2 * row];
    if (amount > OVERFLOW_NOISE * Math.max(1, Math.abs(bounds[row]))) overflow[s] = amount * unitWeight;
  });
  return { share: cleanShares(start, solution.x), change, overflow };
}

/**
 * Every job on the best of its arcs, at the prices λ̂: as no d, up or down is negative no reduced cost is, and only machines
 * that this overfills or leaves idle are not feasible. From the rows alone each job would take a pivot first.
 */
function startBasis({ start, excess }: Core, machineRows: number): Basis {
  const columns = new Int32Array(start.length - 1);
  for (let job = 0; job < columns.length; job++) {
    let best = start[job];
    for (let member = best + 1; member < start[job + 1]; member++) if (excess[member] < excess[best]) best = member;
    columns[job] = best;
  }
  return { columns, rows: Int32Array.from({ length: machineRows }, (_, row) => row) };
}

/** Shares without the solver's dust: none below 0, Σ = 1. */
function cleanShares(start: Int32Array, x: Float64Array): Float64Array {
  const share = new Float64Array(start[start.length - 1]);
  for (let job = 0; job + 1 < start.length; job++) {
    let total = 0;
    for (let member = start[job]; member < start[job + 1]; member++) total += Math.max(0, x[member]);
    for (let member = start[job]; member < start[job + 1]; member++) share[member] = Math.max(0, x[member]) / total;
  }
  return share;
}
