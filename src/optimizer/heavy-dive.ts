/**
 * Whole choices for the heaviest prefixes, those that the relaxation splits at a loss.
 *
 * Dive: the restricted program of the relaxation is solved; every prefix that stands alone and has nearly all of its share
 * on one column takes it, at least the heaviest one left; what no longer fits is dropped, and the program is solved again
 * with the rest of them, and all of the groups, still divisible. No guarantee. Cost: one small linear program a step, at
 * most as many as there are prefixes alone.
 */
import type { Choice } from '../problem/choice.ts';
import type { Problem } from '../problem/problem.ts';
import type { Relaxation } from './column-generation.ts';
import { type Column, ColumnPool } from './column-pool.ts';
import type { GroupOracle } from './group-oracle.ts';
import { nothing } from './prefix-plan.ts';
import { solveRestricted, unsolved, valueUnder } from './restricted-program.ts';
import { type RunControl, stopRequested } from './run-control.ts';

/** A share above this is as good as whole. */
const WHOLE = 0.9;
/** Columns whose reduced cost is above this share of the bound stand in no good plan. */
const WORTH = 0.01;
const LEAST_SHARE = 1e-6;

export interface DiveOptions {
  /** How many of the prefixes that stand alone get a whole choice. */
  readonly count: number;
  /** Float64 [2n]. */
  readonly limit: Float64Array;
  readonly overflowPrice: number;
  readonly control: RunControl;
}

/** A choice in which the first `count` prefixes that stand alone are placed, the others are not; null where it was stopped. */
export function diveHeavy(
  problem: Problem,
  oracle: GroupOracle,
  relaxation: Relaxation,
  { count, limit, overflowPrice, control }: DiveOptions,
): Choice | null {
  const choice = nothing(problem);
  const room = limit.slice();
  const dear = new Float64Array(limit.length).fill(overflowPrice);
  let columns = worthKeeping(relaxation);
  let { prices } = relaxation;
  const isOpen = new Array<boolean>(Math.min(count, oracle.aloneOf.length)).fill(true);
  while (isOpen.includes(true)) {
    if (stopRequested(control)) return null;
    const pool = poolOf(columns, oracle.blockCount);
    const options = {
      capacity: limit,
      costWeight: 1,
      overflowPrice: dear,
      exact: true,
      vertex: true,
      control,
    } as const;
    const solved = solveRestricted(pool, unsolved(pool, prices), options);
    if (solved === null) return null;
    ({ prices } = solved);
    const heaviest = isOpen.indexOf(true);
    const taken = new Map<number, Column>();
    pool.ofBlock.slice(0, isOpen.length).forEach((indices, block) => {
      if (!isOpen[block]) return;
      const best = indices.reduce((a, b) => (solved.share[b] > solved.share[a] ? b : a));
      if (solved.share[best] >= WHOLE || block === heaviest) taken.set(block, pool.columns[best]);
    });
    for (const [block, column] of taken) {
      isOpen[block] = false;
      place(problem, oracle.aloneOf[block], column, choice, room);
    }
    columns = columns.filter((column) => !taken.has(column.block) || taken.get(column.block) === column);
    columns = fitting(columns, room, isOpen);
  }
  return choice;
}

function poolOf(columns: readonly Column[], blockCount: number): ColumnPool {
  const pool = new ColumnPool(blockCount);
  for (const column of columns) pool.add(column);
  return pool;
}

/** Columns of small reduced cost, or in use. */
function worthKeeping({ pool, prices, bound, share }: Relaxation): Column[] {
  const reduced = pool.columns.map((column) => valueUnder(column, prices, 1));
  const least = pool.ofBlock.map((indices) => Math.min(...indices.map((index) => reduced[index])));
  return pool.columns.filter(
    ({ block }, index) => share[index] > LEAST_SHARE || reduced[index] - least[block] <= WORTH * Math.abs(bound),
  );
}

function place(problem: Problem, prefix: number, column: Column, choice: Choice, room: Float64Array): void {
  const detail = column.detail as Int32Array;
  const pairs = detail.length / 2;
  choice.ingress.set(detail.subarray(0, pairs), problem.pairStart[prefix]);
  choice.slot.set(detail.subarray(pairs), problem.pairStart[prefix]);
  for (let at = 0; at < column.amounts.length; at++) room[column.resources[at]] -= column.amounts[at];
}

/** Without the columns of open prefixes that no longer fit, where a prefix has others. */
function fitting(columns: readonly Column[], room: Float64Array, isOpen: readonly boolean[]): Column[] {
  const fits = columns.map(({ resources, amounts, block }) => {
    if (!isOpen[block]) return true;
    for (let at = 0; at < amounts.length; at++) if (amounts[at] > room[resources[at]]) return false;
    return true;
  });
  const hasFitting = new Set(columns.filter((_, index) => fits[index]).map(({ block }) => block));
  return columns.filter(({ block }, index) => fits[index] || !hasFitting.has(block));
}
