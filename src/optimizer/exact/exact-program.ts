/**
 * The integer program (1)–(8) of the patent, for fixed sizes of instance.
 *
 *   min  Σ x_ij^hk · unit cost · t(h,k)
 *   (2)  Σ x_ij^hk t(h,k) ≤ K_j      (3)  Σ x_ij^hk t(h,k) ≤ C_i      (4)  Σ_ij x_ij^hk = 1
 *   (5)  Σ_i x_ij^hk ≤ z_j^k         (aggregated over i: as valid, and tighter)
 *   (7)  MES: Σ_{i,j : j' ∈ Q(i,j,k)} x_ij^hk + z_j'^k ≤ 1   (corrected and aggregated: nobody uses j while a closer j' is open)
 *   (8)  SES: Σ_j z_j^k = 1;   MES: Σ z_j^k ≤ 1 over the points of one router
 *   with a limit on changes: Σ x over the current arcs ≥ pairs that have one − limit
 *
 * For the least overload the objective is Σ of an overflow column in each row of (2) and (3), and nothing else.
 *
 * Arcs that are not allowed, or too large for a point by themselves, have no column.
 */
import { fits } from '../../problem/capacity.ts';
import type { Choice } from '../../problem/choice.ts';
import { isAllowed, isCurrent, type Problem, unitCost } from '../../problem/problem.ts';
import { sideRoom } from '../../problem/sides.ts';
import type { IntegerProgram } from '../milp/integer.ts';
import { ProgramBuilder } from '../milp/program-builder.ts';
import { exactScales } from './exact-scales.ts';

/** Columns and nonzeros up to which the integer program is taken: tens of seconds to build and solve, under 1 GiB. */
export const EXACT_COLUMN_LIMIT = 80_000;
export const EXACT_NONZERO_LIMIT = 2_500_000;

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

export interface ExactProgramOptions {
  readonly variant: 'ses' | 'mes';
  /** Pairs that may leave their current choice; none: all. */
  readonly maxChanges?: number | undefined;
  /** What is least: the cost where nothing overflows, or the overflow whatever it costs. */
  readonly objective?: 'cost' | 'overload';
  /** Ways that get a column; none: all. */
  readonly keeps?: WayFilter | undefined;
}

export type WayFilter = (pair: number, ingress: number, slot: number) => boolean;

interface ArcColumn {
  readonly column: number;
  readonly pair: number;
  readonly ingress: number;
  readonly slot: number;
}

export function exactProgram(problem: Problem, options: ExactProgramOptions): ExactModel {
  const { variant, maxChanges, objective = 'cost', keeps = () => true } = options;
  const isElastic = objective === 'overload';
  const { pairCount, pairPrefix, pairVolume, egressStart, egressPoint, prefixCount, pairStart } = problem;
  const program = new ProgramBuilder();
  const scales = exactScales(problem);
  const rowScale = scales.row;
  const objectiveScale = isElastic ? 1 / rowScale : scales.objective;
  const limitOf = (value: number) => (scales.isWhole && !isElastic ? Math.floor(value) : value * rowScale);
  const room = sideRoom(problem);
  const sideRow = Array.from(room, (value) =>
    Number.isFinite(value) ? program.addRow(Number.NEGATIVE_INFINITY, limitOf(value)) : -1,
  );
  const pairRow = Array.from({ length: pairCount }, () => program.addRow(1, 1));
  const stayRow = maxChanges === undefined ? -1 : program.addRow(leastStays(problem, maxChanges), Infinity);
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
    for (const { ingress, slot } of arcsOf(problem, pair, !isElastic)) {
      if (!keeps(pair, ingress, slot)) continue;
      const volume = pairVolume[pair];
      const rows = [pairRow[pair], useRow.get(slot) as number];
      const values = [1, 1];
      for (const row of [sideRow[ingress], sideRow[problem.pointCount + egressPoint[slot]]]) {
        if (row < 0) continue;
        rows.push(row);
        values.push(volume * rowScale);
      }
      for (const [closer, row] of nearRow) {
        if (!isCloser(problem, ingress, closer, slot)) continue;
        rows.push(row);
        values.push(1);
      }
      if (stayRow >= 0 && isCurrent(problem, pair, ingress, slot)) {
        rows.push(stayRow);
        values.push(1);
      }
      const cost = isElastic ? 0 : (volume * unitCost(problem, pair, ingress, slot)) / objectiveScale;
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

  const overflow = !isElastic
    ? []
    : sideRow.map((row) => (row < 0 ? -1 : program.addColumn({ cost: 1, rows: [row], values: [-1] })));

  return {
    program: program.build(),
    objectiveScale,
    encode(choice) {
      const x = new Float64Array(program.columnCount);
      for (const { column, pair, ingress, slot } of arcs) {
        if (choice.ingress[pair] !== ingress || choice.slot[pair] !== slot) continue;
        x[column] = 1;
        x[openColumn.get(slot) as number] = 1;
        for (const side of [ingress, problem.pointCount + egressPoint[slot]]) {
          if (isElastic && overflow[side] >= 0) x[overflow[side]] += pairVolume[pair] * rowScale;
        }
      }
      overflow.forEach((column, side) => {
        if (column >= 0) x[column] = Math.max(0, x[column] - room[side] * rowScale);
      });
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

/** Of the pairs that have a current choice, how many have to keep it. */
function leastStays({ currentIngress }: Problem, maxChanges: number): number {
  return currentIngress.reduce((count, point) => count + Number(point >= 0), 0) - maxChanges;
}

/** What may carry the pair; `fitting`: and is not too small for it by itself. */
function* arcsOf(problem: Problem, pair: number, fitting: boolean): Generator<{ ingress: number; slot: number }> {
  const { pairPrefix, pairNeighbor, pairVolume, egressStart, egressPoint, ingressStart, ingressPoint } = problem;
  const k = pairPrefix[pair];
  const volume = pairVolume[pair];
  for (let at = ingressStart[pairNeighbor[pair]]; at < ingressStart[pairNeighbor[pair] + 1]; at++) {
    const ingress = ingressPoint[at];
    if (fitting && !fits(volume, problem.ingressCapacity[ingress])) continue;
    for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) {
      if (fitting && !fits(volume, problem.egressCapacity[egressPoint[slot]])) continue;
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
