/**
 * The egress half of SINGLEEGRESS (FIG. 3, steps 1 and 7) as an assignment problem: a job for each prefix with traffic,
 * a machine for each egress point.
 *
 *   weight_k = Σ_h t(h,k),   cost_kj = Σ_h t(h,k) · (unit cost by ingress i_hk and egress j)
 *
 * In step 1 i_hk is the cheapest ingress for j, capacities of the ingress side aside; in step 7 it is fixed.
 *
 * Guarantee: an arc stands for an egress that may carry all pairs of its prefix. Cost: O(pairs · |Out|), in step 1 times |In|.
 */

import type { GapInstance } from '../../problem/gap-instance.ts';
import { isAllowed, type Problem, unitCost } from '../../problem/problem.ts';
import { solveGap } from '../gap/gap.ts';
import { checkStop, type RunControl } from '../run/run-control.ts';

/** Prefixes between two questions whether to go on. */
const STRIDE = 2048;

export interface EgressStage {
  readonly instance: GapInstance;
  /** Int32 [jobs], prefix of each job. */
  readonly prefixOf: Int32Array;
  /** Int32 [arcs], egress slot of each arc. */
  readonly slotOf: Int32Array;
}

/** Steps 1 and 7: the slot of every pair (-1 where its prefix has no single egress), and the egress prices. Throws Interruption. */
export function assignEgress(
  problem: Problem,
  ingress: Int32Array | null,
  startPrices: Float64Array | undefined,
  control: RunControl,
): { slot: Int32Array; prices: Float64Array } {
  const stage = egressStage(problem, ingress, control);
  const { assignment, prices } = solveGap(stage.instance, control, startPrices);
  const slot = new Int32Array(problem.pairCount).fill(-1);
  stage.prefixOf.forEach((k, job) => {
    slot.fill(stage.slotOf[assignment[job]], problem.pairStart[k], problem.pairStart[k + 1]);
  });
  return { slot, prices };
}

/** `ingress` Int32 [pairs] fixes the entry of every pair; null leaves it to the cheapest of In(h). Throws Interruption. */
export function egressStage(problem: Problem, ingress: Int32Array | null, control: RunControl): EgressStage {
  const { prefixCount, pairStart, egressStart, egressPoint, pairVolume } = problem;
  const prefixOf: number[] = [];
  const start: number[] = [0];
  const slotOf: number[] = [];
  const cost: number[] = [];
  const weight: number[] = [];
  for (let k = 0; k < prefixCount; k++) {
    if (k % STRIDE === STRIDE - 1) checkStop(control);
    if (pairStart[k] === pairStart[k + 1]) continue;
    let volume = 0;
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) volume += pairVolume[pair];
    for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) {
      const carried = costBySlot(problem, k, slot, ingress);
      if (carried === Number.POSITIVE_INFINITY) continue;
      slotOf.push(slot);
      cost.push(carried);
      weight.push(volume);
    }
    // No single egress may carry the whole prefix: no job. MES starts such a prefix otherwise.
    if (slotOf.length === start[start.length - 1]) continue;
    prefixOf.push(k);
    start.push(slotOf.length);
  }
  return {
    prefixOf: Int32Array.from(prefixOf),
    slotOf: Int32Array.from(slotOf),
    instance: {
      jobCount: prefixOf.length,
      machineCount: problem.pointCount,
      start: Int32Array.from(start),
      machine: Int32Array.from(slotOf, (slot) => egressPoint[slot]),
      cost: Float64Array.from(cost),
      weight: Float64Array.from(weight),
      capacity: problem.egressCapacity,
    },
  };
}

/** Cost of carrying all pairs of the prefix by one slot; Infinity where it may not carry one of them. */
function costBySlot(problem: Problem, prefix: number, slot: number, ingress: Int32Array | null): number {
  let cost = 0;
  for (let pair = problem.pairStart[prefix]; pair < problem.pairStart[prefix + 1]; pair++) {
    const entry = ingress === null ? cheapestIngress(problem, pair, slot) : ingress[pair];
    if (entry < 0 || !isAllowed(problem, pair, entry, slot)) return Number.POSITIVE_INFINITY;
    cost += problem.pairVolume[pair] * unitCost(problem, pair, entry, slot);
  }
  return cost;
}

/** The point of In(h) that carries the pair to the slot at least unit cost, or -1; ties go to the lowest point. */
export function cheapestIngress(problem: Problem, pair: number, slot: number): number {
  const h = problem.pairNeighbor[pair];
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let at = problem.ingressStart[h]; at < problem.ingressStart[h + 1]; at++) {
    const point = problem.ingressPoint[at];
    if (!isAllowed(problem, pair, point, slot)) continue;
    const cost = unitCost(problem, pair, point, slot);
    if (cost < least) {
      least = cost;
      best = point;
    }
  }
  return best;
}
