/**
 * Linear relaxation of the egress program of MULTIPLEEGRESS for fixed ingresses, (9)–(13) of the patent.
 *
 *   min  Σ y_j^hk · unit cost · t(h,k)
 *   (10) Σ_j y_j^hk = 1      (11) Σ y_j^hk t(h,k) ≤ K_j
 *   (12) for g, h, k, j:  Σ_{l ∉ Q} y_l^hk + Σ_{l ∈ Q} y_l^gk ≤ 1,  Q = egresses of k closer than j to the ingress of h
 *
 * Two ways. By separation, exact for (9)–(13): the rows (12) that a solution violates are added and it is solved again;
 * since Σ_j y_j^hk = 1, row (12) says that g never puts more on the egresses closest to h than h itself does. Beyond
 * `SEPARATION_ARCS` arcs by convex combination of whole egress sets (column generation over egress-set-search), whose
 * value is at least that of (9)–(13), because every set satisfies (12).
 *
 * Guarantee: Σ_j y_j^hk = 1 for every pair, up to the solver's tolerance, where there is a y at all. Cost: a linear program a
 * round, some ten rounds of up to 4,000 new rows; or that of column generation.
 */

import { EgressoError } from '../../errors.ts';
import { overflowPriceOf } from '../../problem/overflow-price.ts';
import { isAllowed, type Problem, unitCost } from '../../problem/problem.ts';
import { generateColumns } from '../column-generation/column-generation.ts';
import { PrefixOracle } from '../lagrangian/prefix-oracle.ts';
import { type LinearSolution, solveLinear } from '../milp/linear.ts';
import { ProgramBuilder } from '../milp/program-builder.ts';
import type { RunControl } from '../run/run-control.ts';

export const SEPARATION_ARCS = 12_000;
const VIOLATION = 1e-6;
/** Rows added in one round, and rounds; what is left after that is for step 7 to mend. */
const ROWS_A_ROUND = 4_000;
const ROUNDS = 40;

export interface ProximityRelaxation {
  /** Float64 [arcs], arc = arcStart[pair] + slot − egressStart[prefix]; null where it was stopped before there was one. */
  readonly y: Float64Array | null;
  readonly rowsAdded: number;
  /** Float64 [2n], prices to start the next call from; null where there are none. */
  readonly prices: Float64Array | null;
}

/** Throws Interruption. */
export function relaxProximity(
  problem: Problem,
  ingress: Int32Array,
  control: RunControl,
  startPrices?: Float64Array,
): ProximityRelaxation {
  return arcCountOf(problem) <= SEPARATION_ARCS
    ? bySeparation(problem, ingress, control)
    : byEgressSets(problem, ingress, control, startPrices);
}

export function arcCountOf(problem: Problem): number {
  const { pairCount, pairPrefix, arcStart, egressStart } = problem;
  if (pairCount === 0) return 0;
  const k = pairPrefix[pairCount - 1];
  return arcStart[pairCount - 1] + egressStart[k + 1] - egressStart[k];
}

function byEgressSets(
  problem: Problem,
  ingress: Int32Array,
  control: RunControl,
  startPrices: Float64Array | undefined,
): ProximityRelaxation {
  const oracle = new PrefixOracle(problem, { variant: 'mes', fixedIngress: ingress, prune: false }, control);
  const relaxation = generateColumns(oracle, {
    capacity: oracle.capacity(),
    costWeight: 1,
    overflowPrice: overflowPriceOf(problem),
    startPrices,
    vertex: true,
    tolerance: 1e-6,
    maxRounds: 30,
    control,
  });
  const y = new Float64Array(arcCountOf(problem));
  relaxation.pool.columns.forEach((column, index) => {
    const share = relaxation.share[index];
    const k = oracle.prefixOf[column.block];
    const detail = column.detail as Int32Array;
    const pairs = detail.length / 2;
    for (let at = 0; at < pairs; at++) {
      const pair = problem.pairStart[k] + at;
      y[problem.arcStart[pair] + detail[pairs + at]] += share;
    }
  });
  return { y, rowsAdded: 0, prices: relaxation.prices };
}

function bySeparation(problem: Problem, ingress: Int32Array, control: RunControl): ProximityRelaxation {
  const scale = problem.totalVolume / problem.pairCount || 1;
  const dear = overflowPriceOf(problem);
  const arcCount = arcCountOf(problem);
  const cuts: { closer: readonly number[]; holds: readonly number[] }[] = [];
  let rowsAdded = 0;
  let y: Float64Array | null = null;
  for (let round = 0; ; round++) {
    const { solution, columnOf } = solveWithCuts(problem, ingress, cuts, scale, dear, control);
    // Stopped, the solver gives no point: what there is has fewer rows.
    if (solution.status === 'limit') return { y, rowsAdded, prices: null };
    const shares = new Float64Array(arcCount);
    columnOf.forEach((column, arc) => {
      if (column >= 0) shares[arc] = Math.max(0, solution.x[column]);
    });
    y = shares;
    if (round === ROUNDS) return { y, rowsAdded, prices: null };
    const violated = violatedRows(problem, ingress, shares).slice(0, ROWS_A_ROUND);
    if (violated.length === 0) return { y, rowsAdded, prices: null };
    cuts.push(...violated);
    rowsAdded += violated.length;
  }
}

/** Row (12) as Σ_{closer} y − Σ_{holds} y ≤ 0: arcs of g and arcs of h on the egresses closest to h. */
function violatedRows(problem: Problem, ingress: Int32Array, y: Float64Array) {
  const { prefixCount, pairStart, egressStart, egressPoint, rank, pointCount, arcStart } = problem;
  const rows: { closer: number[]; holds: number[]; violation: number }[] = [];
  for (let k = 0; k < prefixCount; k++) {
    const first = egressStart[k];
    for (let h = pairStart[k]; h < pairStart[k + 1]; h++) {
      const row = ingress[h] * pointCount;
      const slots = Array.from({ length: egressStart[k + 1] - first }, (_, at) => first + at).sort(
        (a, b) => rank[row + egressPoint[a]] - rank[row + egressPoint[b]],
      );
      for (let g = pairStart[k]; g < pairStart[k + 1]; g++) {
        if (g === h || ingress[g] === ingress[h]) continue;
        let more = 0;
        let worst = VIOLATION;
        let width = 0;
        slots.forEach((slot, place) => {
          more += y[arcStart[g] + slot - first] - y[arcStart[h] + slot - first];
          if (more > worst) {
            worst = more;
            width = place + 1;
          }
        });
        if (width === 0) continue;
        const closest = slots.slice(0, width);
        const arcs = (pair: number) => closest.map((slot) => arcStart[pair] + slot - first);
        rows.push({ closer: arcs(g), holds: arcs(h), violation: worst });
      }
    }
  }
  return rows.sort((a, b) => b.violation - a.violation);
}

function solveWithCuts(
  problem: Problem,
  ingress: Int32Array,
  cuts: readonly { closer: readonly number[]; holds: readonly number[] }[],
  scale: number,
  dear: number,
  control: RunControl,
): { solution: LinearSolution; columnOf: Int32Array } {
  const { pairCount, pairPrefix, pairVolume, egressStart, egressPoint, egressCapacity, arcStart } = problem;
  const program = new ProgramBuilder();
  const capacityRow = Array.from(egressCapacity, (capacity) =>
    Number.isFinite(capacity) ? program.addRow(Number.NEGATIVE_INFINITY, capacity / scale) : -1,
  );
  const pairRow = Array.from({ length: pairCount }, () => program.addRow(1, 1));
  const cutRows = new Map<number, { row: number; sign: number }[]>();
  for (const { closer, holds } of cuts) {
    const row = program.addRow(Number.NEGATIVE_INFINITY, 0);
    const enter = (arc: number, sign: number) => cutRows.set(arc, [...(cutRows.get(arc) ?? []), { row, sign }]);
    for (const arc of closer) enter(arc, 1);
    for (const arc of holds) enter(arc, -1);
  }
  const columnOf = new Int32Array(arcCountOf(problem)).fill(-1);
  for (let pair = 0; pair < pairCount; pair++) {
    const k = pairPrefix[pair];
    const volume = pairVolume[pair] / scale;
    for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) {
      if (!isAllowed(problem, pair, ingress[pair], slot)) continue;
      const arc = arcStart[pair] + slot - egressStart[k];
      const rows = [pairRow[pair]];
      const values = [1];
      if (capacityRow[egressPoint[slot]] >= 0) {
        rows.push(capacityRow[egressPoint[slot]]);
        values.push(volume);
      }
      for (const { row, sign } of cutRows.get(arc) ?? []) {
        rows.push(row);
        values.push(sign);
      }
      columnOf[arc] = program.addColumn({ cost: volume * unitCost(problem, pair, ingress[pair], slot), rows, values });
    }
  }
  for (const row of capacityRow) if (row >= 0) program.addColumn({ cost: dear, rows: [row], values: [-1] });
  const solution = solveLinear(program.build(), control);
  if (solution.status !== 'optimal' && solution.status !== 'limit') {
    throw new EgressoError('SOLVER_FAILED', `the relaxation (9)–(13) ended as ${solution.status}`);
  }
  return { solution, columnOf };
}
