/**
 * The restricted program of column generation: the columns found so far, the resource rows, an overflow column for each.
 *
 *   min  Σ cost_c x_c + Σ_s u_s o_s   subject to   Σ_{c ∈ b} x_c = 1,   Σ_c load_cs x_c − o_s ≤ T_s,   x, o ≥ 0
 *
 * Under guessed prices only the cheapest few columns of each block are active. Asked for exactness, it lets the columns
 * join that undercut their block at the new prices and is solved again, until it is an optimum over all of them. A block
 * with one active column needs no row; its loads are taken off the right-hand side.
 *
 * Guarantee: asked for exactness, the optimum over the pool, up to the solver's tolerance; its value bounds nothing beyond
 * the pool. Cost: a linear program of some five columns a block, resources + blocks rows; a few of them where exact.
 */
import { EgressoError } from '../../errors.ts';
import { solveLinear } from '../milp/linear.ts';
import { ProgramBuilder } from '../milp/program-builder.ts';
import type { RunControl } from '../run/run-control.ts';
import type { Column, ColumnPool } from './column-pool.ts';

export interface RestrictedOptions {
  readonly capacity: Float64Array;
  readonly costWeight: 0 | 1;
  /** Float64 [resources], u_s: the dual price of a resource cannot exceed it. */
  readonly overflowPrice: Float64Array;
  /** Optimal over all columns of the pool, not only over the active ones. */
  readonly exact: boolean;
  readonly vertex: boolean;
  readonly control: RunControl;
}

export interface Restricted {
  readonly primal: number;
  /** Float64 [resources], λ. */
  readonly prices: Float64Array;
  /** Float64 [columns of the pool]. */
  readonly share: Float64Array;
  /** Float64 [resources], o. */
  readonly overflow: Float64Array;
  /** Float64 [blocks], value that a new column must undercut. */
  readonly blockDual: Float64Array;
}

/** Overflow below this share of a resource's capacity is the interior point's distance from the face, not overflow. */
const OVERFLOW_NOISE = 1e-7;

/** Columns of a block that are active at first. */
const ACTIVE_COLUMNS = 5;
const SHARE_IN_USE = 1e-6;

/** What is known before: prices [resources], and shares of the older columns, which stay active where they are in use. */
export type Guess = Pick<Restricted, 'prices' | 'share'>;

/** Null where the control stopped it. */
export function solveRestricted(pool: ColumnPool, guess: Guess, options: RestrictedOptions): Restricted | null {
  const { columns, ofBlock } = pool;
  const { costWeight } = options;
  const value = Float64Array.from(columns, (column) => valueUnder(column, guess.prices, costWeight));
  const active = ofBlock.map((indices) => {
    if (indices.length <= ACTIVE_COLUMNS) return indices.slice();
    const byValue = indices.toSorted((a, b) => value[a] - value[b] || a - b);
    return byValue.filter((index, place) => place < ACTIVE_COLUMNS || guess.share[index] > SHARE_IN_USE);
  });
  const unit = scalesOf(pool, costWeight).cost;
  for (;;) {
    const solved = solveActive(pool, active, options);
    if (solved === null || !options.exact) return solved;
    let joined = 0;
    ofBlock.forEach((indices, block) => {
      if (active[block].length === indices.length) return;
      const dual = solved.blockDual[block] - 1e-9 * Math.max(unit, Math.abs(solved.blockDual[block]));
      for (const index of indices) {
        if (active[block].includes(index) || valueUnder(columns[index], solved.prices, costWeight) >= dual) continue;
        active[block].push(index);
        joined++;
      }
    });
    if (joined === 0) return solved;
  }
}

/** Null where the control stopped it. */
function solveActive(pool: ColumnPool, active: readonly number[][], options: RestrictedOptions): Restricted | null {
  const { capacity, costWeight, overflowPrice } = options;
  const { columns } = pool;
  const scale = scalesOf(pool, costWeight);
  const share = new Float64Array(columns.length);
  const room = capacity.slice();
  let fixedCost = 0;
  for (const [first, ...others] of active) {
    if (others.length > 0) continue;
    const { cost, resources, amounts } = columns[first];
    share[first] = 1;
    fixedCost += costWeight * cost;
    for (let at = 0; at < resources.length; at++) room[resources[at]] -= amounts[at];
  }

  const program = new ProgramBuilder();
  const rowOf = Int32Array.from(capacity, (limit, s) =>
    Number.isFinite(limit) ? program.addRow(Number.NEGATIVE_INFINITY, room[s] / scale.amount) : -1,
  );
  const overflowColumn = rowOf.map((row, s) =>
    row < 0
      ? -1
      : program.addColumn({ cost: (overflowPrice[s] * scale.amount) / scale.cost, rows: [row], values: [-1] }),
  );
  const blockRow = new Int32Array(active.length).fill(-1);
  const members: { index: number; column: number }[] = [];
  active.forEach((indices, block) => {
    if (indices.length < 2) return;
    blockRow[block] = program.addRow(1, 1);
    for (const index of indices) {
      const { cost, resources, amounts } = columns[index];
      const rows = [blockRow[block]];
      const values = [1];
      for (let at = 0; at < resources.length; at++) {
        if (rowOf[resources[at]] < 0) continue;
        rows.push(rowOf[resources[at]]);
        values.push(amounts[at] / scale.amount);
      }
      members.push({ index, column: program.addColumn({ cost: (costWeight * cost) / scale.cost, rows, values }) });
    }
  });

  const solution = solveLinear(program.build(), options.control, { method: options.vertex ? 'simplex' : 'interior' });
  if (solution.status === 'limit') return null;
  if (solution.status !== 'optimal') {
    throw new EgressoError('SOLVER_FAILED', `the restricted linear program ended as ${solution.status}`);
  }
  for (const { index, column } of members) share[index] = Math.max(0, solution.x[column]);
  const unit = scale.cost / scale.amount;
  const prices = Float64Array.from(rowOf, (row) => (row < 0 ? 0 : Math.max(0, -solution.rowDual[row] * unit)));
  return {
    primal: fixedCost + solution.objective * scale.cost,
    prices,
    share,
    overflow: Float64Array.from(overflowColumn, (column, s) => {
      const amount = column < 0 ? 0 : solution.x[column] * scale.amount;
      return amount <= OVERFLOW_NOISE * Math.max(capacity[s], scale.amount) ? 0 : amount;
    }),
    blockDual: Float64Array.from(active, (indices, block) =>
      blockRow[block] >= 0
        ? solution.rowDual[blockRow[block]] * scale.cost
        : valueUnder(columns[indices[0]], prices, costWeight),
    ),
  };
}

/** Before anything is solved: every block at its first column, and no value is claimed. */
export function unsolved(pool: ColumnPool, prices: Float64Array): Restricted {
  const share = new Float64Array(pool.columns.length);
  for (const [first] of pool.ofBlock) share[first] = 1;
  return {
    primal: Number.POSITIVE_INFINITY,
    prices,
    share,
    overflow: new Float64Array(prices.length),
    blockDual: new Float64Array(pool.ofBlock.length).fill(Number.NEGATIVE_INFINITY),
  };
}

/** cost + λ·load of a column. */
export function valueUnder(column: Column, prices: Float64Array, costWeight: number): number {
  let value = costWeight * column.cost;
  for (let at = 0; at < column.resources.length; at++) value += prices[column.resources[at]] * column.amounts[at];
  return value;
}

/** HiGHS works with absolute tolerances: mean amount and mean cost become 1. */
export function scalesOf(
  { columns }: Pick<ColumnPool, 'columns'>,
  costWeight: number,
): { cost: number; amount: number } {
  let cost = 0;
  let amount = 0;
  let amounts = 0;
  for (const column of columns) {
    cost += Math.abs(column.cost);
    for (let at = 0; at < column.amounts.length; at++) amount += Math.abs(column.amounts[at]);
    amounts += column.amounts.length;
  }
  const meanAmount = amount / amounts || 1;
  return { cost: costWeight === 0 ? meanAmount : cost / columns.length || 1, amount: meanAmount };
}
