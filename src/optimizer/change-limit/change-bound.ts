/**
 * What a limit on changes proves by itself, each pair alone: at prices λ, μ ≥ 0 of the sides
 *
 *   Σ_p a_p − the `limit` largest of (a_p − b_p) − λ·C − μ·K
 *
 * where a_p is what pair p costs on its current way (where it has none: its cheapest), b_p its cheapest way with the cost of
 * a change. No plan within the limit is below it. With every cost 0 and prices ≤ 1 no plan within the limit overloads by less.
 *
 * Where few changes are allowed it is near the truth, for all other pairs are where they are; the relaxations know nothing of
 * that. Cost: O(arcs + neighbors · points² + pairs · log pairs).
 */
import type { Problem } from '../../problem/problem.ts';
import { sideRoom } from '../../problem/sides.ts';
import { CompensatedSum } from '../../problem/sum.ts';

/** Of what is summed: what rounding may be. */
const ROUNDING = 1e-12;

export interface ChangeBoundOptions {
  readonly limit: number;
  /** Float64 [2n], ingress sides, then egress sides; 0 where unlimited. */
  readonly prices: Float64Array;
  readonly costWeight: 0 | 1;
}

/** A true bound, after rounding too. */
export function changeBound(problem: Problem, { limit, prices, costWeight }: ChangeBoundOptions): number {
  const { pointCount, pairCount, pairVolume, distance, slotCost, egressPoint, changeUnit } = problem;
  const toEgress = cheapestIngress(problem, prices, costWeight);
  const savings = new Float64Array(pairCount);
  const sum = new CompensatedSum();
  let size = 0;
  const add = (term: number): void => {
    sum.add(term);
    size += Math.abs(term);
  };
  for (let pair = 0; pair < pairCount; pair++) {
    const volume = pairVolume[pair];
    const cheapest = cheapestWay(problem, pair, toEgress, prices, costWeight);
    const ingress = problem.currentIngress[pair];
    if (ingress < 0) {
      add(volume * cheapest);
      continue;
    }
    const slot = problem.currentSlot[pair];
    const egress = egressPoint[slot];
    const stays =
      costWeight * (distance[ingress * pointCount + egress] + slotCost[slot]) +
      prices[ingress] +
      prices[pointCount + egress];
    add(volume * stays);
    savings[pair] = Math.max(0, volume * (stays - cheapest - costWeight * changeUnit[pair]));
  }
  savings.sort();
  for (let at = pairCount - 1; at >= Math.max(0, pairCount - limit) && savings[at] > 0; at--) add(-savings[at]);
  sideRoom(problem).forEach((room, side) => {
    if (prices[side] > 0) add(-prices[side] * room);
  });
  return sum.value - ROUNDING * size;
}

/** Float64 [neighbors × points], row-major: least distance and ingress price from where a neighbor may enter to each egress. */
function cheapestIngress(problem: Problem, prices: Float64Array, costWeight: 0 | 1): Float64Array {
  const { pointCount, neighborCount, ingressStart, ingressPoint, distance } = problem;
  const least = new Float64Array(neighborCount * pointCount).fill(Number.POSITIVE_INFINITY);
  for (let h = 0; h < neighborCount; h++) {
    for (let at = ingressStart[h]; at < ingressStart[h + 1]; at++) {
      const i = ingressPoint[at];
      for (let j = 0; j < pointCount; j++) {
        const metric = distance[i * pointCount + j];
        if (metric === Number.POSITIVE_INFINITY) continue;
        least[h * pointCount + j] = Math.min(least[h * pointCount + j], costWeight * metric + prices[i]);
      }
    }
  }
  return least;
}

/** Per unit of volume, of the ways that are allowed; the cost of a change is not in it. */
function cheapestWay(
  { pointCount, pairPrefix, pairNeighbor, egressStart, egressPoint, slotCost, eligible, arcStart }: Problem,
  pair: number,
  toEgress: Float64Array,
  prices: Float64Array,
  costWeight: 0 | 1,
): number {
  const first = egressStart[pairPrefix[pair]];
  const row = pairNeighbor[pair] * pointCount;
  let least = Number.POSITIVE_INFINITY;
  for (let slot = first; slot < egressStart[pairPrefix[pair] + 1]; slot++) {
    if (eligible !== null && eligible[arcStart[pair] + slot - first] === 0) continue;
    const egress = egressPoint[slot];
    const value = toEgress[row + egress] + costWeight * slotCost[slot] + prices[pointCount + egress];
    if (value < least) least = value;
  }
  return least;
}
