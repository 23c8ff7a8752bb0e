/**
 * The integer program (1)–(8) of the patent, for fixed sizes of instance.
 *
 *   min  Σ x_ij^hk · unit cost · t(h,k)
 *   (2)  Σ x_ij^hk t(h,k) ≤ K_j      (3)  Σ x_ij^hk t(h,k) ≤ C_i      (4)  Σ_ij x_ij^hk = 1
 *   (5)  Σ_i x_ij^hk ≤ z_j^k         (aggregated over i: as valid, and tighter)
 *   (7)  MES: Σ_{i,j : j' ∈ Q(i,j,k)} x_ij^hk + z_j'^k ≤ 1   (corrected and aggregated: nobody uses j while a closer j' is open)
 *   (8)  SES: Σ_j z_j^k = 1;   MES: Σ z_j^k ≤ 1 over the points of one router
 *
 * Arcs that are not allowed, or too large for a point by themselves, have no column.
 */
import { fits, largestLoad } from '../problem/capacity.ts';
import type { Choice } from '../problem/choice.ts';
import { isAllowed, type Problem, unitCost } from '../problem/problem.ts';
import type { IntegerProgram } from './highs.ts';
import { hasIntegralObjective } from './integral-bound.ts';
import { ProgramBuilder } from './program-builder.ts';

/** Columns and nonzeros up to which the integer program is taken: tens of seconds to build and solve, under 1 GiB. */
export const EXACT_COLUMN_LIMIT = 80_000;
export const EXACT_NONZERO_LIMIT = 2_500_000;

/** Greatest whole coefficient that is not scaled: sums of some hundred stay exact far below the tolerance. */
const LARGEST_WHOLE = 1e6;

export interface ExactSize {
  readonly columns: number;
  readonly nonzeros: number;
}

/** An upper estimate, without building anything. */
export function exactSize(problem: Problem, variant: 'ses' | 'mes'): ExactSize {
  let columns = 0;
  let nonzeros = 0;
  for (let pair = 0; pair < problem.pairCount; pair++) {
    const k = problem.pairPrefix[pair];
    const h = problem.pairNeighbor[pair];
    const slots = problem.egressStart[k + 1] - problem.egressStart[k];
    const arcs = slots * (problem.ingressStart[h + 1] - problem.ingressStart[h]);
    columns += arcs;
    nonzeros += arcs * (4 + (variant === 'mes' ? (slots - 1) / 2 : 0)) + 2 * slots;
  }
  return { columns: columns + problem.egressPoint.length, nonzeros: Math.ceil(nonzeros) };
}

export interface ExactModel {
  readonly program: IntegerProgram;
  /** Factor from the program's objective to that of the plan. */
  readonly objectiveScale: number;
  /** The point of the program that stands for a choice. */
  encode(choice: Choice): Float64Array;
  decode(x: Float64Array): Choice;
}

interface ArcColumn {
  readonly column: number;
  readonly pair: number;
  readonly ingress: number;
  readonly slot: number;
}

export function exactProgram(problem: Problem, variant: 'ses' | 'mes'): ExactModel {
  const { pairCount, pairPrefix, pairVolume, egressStart, egressPoint, prefixCount, pairStart } = problem;
  const program = new ProgramBuilder();
  const { rowScale, objectiveScale, isWhole } = scalesOf(problem);
  const sideRow = (limit: Float64Array) =>
    Array.from(limit, (value) => {
      if (!Number.isFinite(value)) return -1;
      return program.addRow(Number.NEGATIVE_INFINITY, isWhole ? Math.floor(value) : value * rowScale);
    });
  const ingressRow = sideRow(problem.ingressCapacity.map(largestLoad));
  const egressRow = sideRow(problem.egressCapacity.map(largestLoad));
  const pairRow = Array.from({ length: pairCount }, () => program.addRow(1, 1));
  const openRows = new Map<number, { rows: number[]; values: number[] }>();
  const openOf = (slot: number) => {
    const entry = openRows.get(slot) ?? { rows: [], values: [] };
    openRows.set(slot, entry);
    return entry;
  };
  const enter = (slot: number, row: number, value: number) => {
    openOf(slot).rows.push(row);
    openOf(slot).values.push(value);
  };
  const arcs: ArcColumn[] = [];
  for (let pair = 0; pair < pairCount; pair++) {
    const k = pairPrefix[pair];
    const useRow = new Map<number, number>();
    const nearRow = new Map<number, number>();
    for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) {
      useRow.set(slot, program.addRow(Number.NEGATIVE_INFINITY, 0));
      enter(slot, useRow.get(slot) as number, -1);
      if (variant !== 'mes') continue;
      nearRow.set(slot, program.addRow(Number.NEGATIVE_INFINITY, 1));
      enter(slot, nearRow.get(slot) as number, 1);
    }
    for (const { ingress, slot } of arcsOf(problem, pair)) {
      const volume = pairVolume[pair];
      const rows = [pairRow[pair], useRow.get(slot) as number];
      const values = [1, 1];
      for (const row of [ingressRow[ingress], egressRow[egressPoint[slot]]]) {
        if (row < 0) continue;
        rows.push(row);
        values.push(volume * rowScale);
      }
      for (const [closer, row] of nearRow) {
        if (!isCloser(problem, ingress, closer, slot)) continue;
        rows.push(row);
        values.push(1);
      }
      const cost = (volume * unitCost(problem, pair, ingress, slot)) / objectiveScale;
      const column = program.addColumn({ cost, upper: 1, integer: true, rows, values });
      arcs.push({ column, pair, ingress, slot });
    }
  }
  for (let k = 0; k < prefixCount; k++)
    if (pairStart[k] < pairStart[k + 1]) addSetRows(problem, k, variant, program, enter);
  const openColumn = new Map(
    [...openRows].map(([slot, { rows, values }]) => [
      slot,
      program.addColumn({ cost: 0, upper: 1, integer: true, rows, values }),
    ]),
  );

  return {
    program: program.build(),
    objectiveScale,
    encode(choice) {
      const x = new Float64Array(program.columnCount);
      for (const { column, pair, ingress, slot } of arcs) {
        if (choice.ingress[pair] !== ingress || choice.slot[pair] !== slot) continue;
        x[column] = 1;
        x[openColumn.get(slot) as number] = 1;
      }
      return x;
    },
    decode(x) {
      const choice = { ingress: new Int32Array(pairCount).fill(-1), slot: new Int32Array(pairCount).fill(-1) };
      for (const { column, pair, ingress, slot } of arcs) {
        if (x[column] < 0.5) continue;
        choice.ingress[pair] = ingress;
        choice.slot[pair] = slot;
      }
      return choice;
    },
  };
}

/**
 * Whole volumes and costs stay as they are. HiGHS 1.15 takes rows for integral within its tolerance, scales and rounds them
 * in presolve and in cuts: over coefficients that are multiples of a fraction it ended as optimal above the optimum in 4 of 71
 * runs of small programs, over whole ones in none of 88.
 */
function scalesOf(problem: Problem): { rowScale: number; objectiveScale: number; isWhole: boolean } {
  const { totalVolume, pairCount, pairVolume, distance, slotCost, changeUnit } = problem;
  const mean = totalVolume / Math.max(1, pairCount) || 1;
  const greatest = (values: Float64Array) =>
    values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, value) : most), 0);
  const dearest = greatest(distance) + greatest(slotCost) + greatest(changeUnit);
  if (hasIntegralObjective(problem) && greatest(pairVolume) * Math.max(1, dearest) <= LARGEST_WHOLE) {
    return { rowScale: 1, objectiveScale: 1, isWhole: true };
  }
  // Feasibility is judged by absolute tolerances: large coefficients make them a small share of a capacity.
  return { rowScale: 1000 / mean, objectiveScale: mean, isWhole: false };
}

function* arcsOf(problem: Problem, pair: number): Generator<{ ingress: number; slot: number }> {
  const { pairPrefix, pairNeighbor, pairVolume, egressStart, egressPoint, ingressStart, ingressPoint } = problem;
  const k = pairPrefix[pair];
  const volume = pairVolume[pair];
  for (let at = ingressStart[pairNeighbor[pair]]; at < ingressStart[pairNeighbor[pair] + 1]; at++) {
    const ingress = ingressPoint[at];
    if (!fits(volume, problem.ingressCapacity[ingress])) continue;
    for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) {
      if (!fits(volume, problem.egressCapacity[egressPoint[slot]])) continue;
      if (isAllowed(problem, pair, ingress, slot)) yield { ingress, slot };
    }
  }
}

function isCloser(problem: Problem, ingress: number, closer: number, slot: number): boolean {
  const row = ingress * problem.pointCount;
  return problem.rank[row + problem.egressPoint[closer]] < problem.rank[row + problem.egressPoint[slot]];
}

function addSetRows(
  problem: Problem,
  prefix: number,
  variant: 'ses' | 'mes',
  program: ProgramBuilder,
  enter: (slot: number, row: number, value: number) => void,
): void {
  const { egressStart, egressPoint, routerOf } = problem;
  const slots = Array.from(
    { length: egressStart[prefix + 1] - egressStart[prefix] },
    (_, at) => egressStart[prefix] + at,
  );
  if (variant === 'ses') {
    const row = program.addRow(1, 1);
    for (const slot of slots) enter(slot, row, 1);
    return;
  }
  const byRouter = Map.groupBy(slots, (slot) => routerOf[egressPoint[slot]]);
  for (const siblings of byRouter.values()) {
    if (siblings.length < 2) continue;
    const row = program.addRow(Number.NEGATIVE_INFINITY, 1);
    for (const slot of siblings) enter(slot, row, 1);
  }
}
