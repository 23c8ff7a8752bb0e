/**
 * Plain twin of `assembly/prefix-values.ts`: one prefix under prices, laid out for searching: what each of its pairs pays by each ingress and egress slot.
 *
 * Local indices: pairs 0..pairCount-1, slots 0..slotCount-1, and entries, one for each (pair, ingress it may use). A scratch
 * object: `load` overwrites it, nothing in it outlives the next call. Cost of `load`: O(entries · slots).
 */
import type { Problem } from '../../src/problem/problem.ts';

export interface Prices {
  /** Float64 [2n], ≥ 0: ingress sides, then egress sides. */
  readonly prices: Float64Array;
  /** How many times the real cost counts: 0 or 1. */
  readonly costWeight: number;
  /** Float64 [2n], room on each side: a pair that exceeds it by itself may not use it; null: all may. */
  readonly room: Float64Array | null;
}

export class PricedPrefix {
  pairCount = 0;
  slotCount = 0;
  /** Int32 [pairs + 1] into the entries. */
  entryStart = new Int32Array(1);
  /** Int32 [entries], ingress point. */
  entryPoint = new Int32Array(0);
  /** Float64 [entries × slots], row-major; Infinity where the arc is not allowed. */
  value = new Float64Array(0);
  /** Int32 [points × slots]: the slots of the prefix in the order of closeness to each ingress point in use. */
  near = new Int32Array(0);
  private readonly problem: Problem;
  private readonly fixedIngress: Int32Array | null;
  private readonly slotAtPoint: Int32Array;
  private readonly slotTerm: Float64Array;
  /** Prefix for which the row of `near` was filled, by point. */
  private readonly nearOf: Int32Array;

  constructor(problem: Problem, fixedIngress: Int32Array | null) {
    this.problem = problem;
    this.fixedIngress = fixedIngress;
    this.slotAtPoint = new Int32Array(problem.pointCount).fill(-1);
    this.slotTerm = new Float64Array(problem.pointCount);
    this.nearOf = new Int32Array(problem.pointCount).fill(-1);
  }

  load(prefix: number, { prices, costWeight, room }: Prices): void {
    const { problem, slotTerm } = this;
    const { egressStart, egressPoint, slotCost, pairStart, pointCount } = problem;
    const first = egressStart[prefix];
    this.slotCount = egressStart[prefix + 1] - first;
    this.pairCount = pairStart[prefix + 1] - pairStart[prefix];
    for (let s = 0; s < this.slotCount; s++) {
      slotTerm[s] = costWeight * slotCost[first + s] + prices[pointCount + egressPoint[first + s]];
    }
    this.listEntries(prefix);
    for (let at = 0; at < this.pairCount; at++) {
      for (let entry = this.entryStart[at]; entry < this.entryStart[at + 1]; entry++) {
        this.priceEntry(prefix, at, entry, prices, costWeight, room);
      }
    }
    this.sortByCloseness(prefix);
  }

  private listEntries(prefix: number): void {
    const { ingressStart, ingressPoint, pairNeighbor, pairStart } = this.problem;
    const first = pairStart[prefix];
    let count = 0;
    for (let pair = first; pair < first + this.pairCount; pair++) {
      count += this.fixedIngress ? 1 : ingressStart[pairNeighbor[pair] + 1] - ingressStart[pairNeighbor[pair]];
    }
    if (this.entryStart.length <= this.pairCount) this.entryStart = new Int32Array(2 * this.pairCount + 1);
    if (this.entryPoint.length < count) this.entryPoint = new Int32Array(2 * count);
    if (this.value.length < count * this.slotCount) this.value = new Float64Array(2 * count * this.slotCount);
    let entry = 0;
    for (let at = 0; at < this.pairCount; at++) {
      const h = pairNeighbor[first + at];
      if (this.fixedIngress) this.entryPoint[entry++] = this.fixedIngress[first + at];
      else for (let e = ingressStart[h]; e < ingressStart[h + 1]; e++) this.entryPoint[entry++] = ingressPoint[e];
      this.entryStart[at + 1] = entry;
    }
  }

  private priceEntry(
    prefix: number,
    at: number,
    entry: number,
    prices: Float64Array,
    costWeight: number,
    room: Float64Array | null,
  ): void {
    const { problem, slotTerm, slotCount, value } = this;
    const { distance, pointCount, egressStart, egressPoint, eligible, arcStart } = problem;
    const pair = problem.pairStart[prefix] + at;
    const first = egressStart[prefix];
    const point = this.entryPoint[entry];
    const volume = problem.pairVolume[pair];
    const row = entry * slotCount;
    if (room !== null && this.fixedIngress === null && volume > room[point]) {
      value.fill(Number.POSITIVE_INFINITY, row, row + slotCount);
      return;
    }
    const entryPrice = this.fixedIngress === null ? prices[point] : 0;
    const change = costWeight * problem.changeUnit[pair];
    const stays = problem.currentIngress[pair] === point ? problem.currentSlot[pair] - first : -1;
    for (let s = 0; s < slotCount; s++) {
      const egress = egressPoint[first + s];
      const far = distance[point * pointCount + egress];
      const barred =
        far === Number.POSITIVE_INFINITY ||
        (eligible !== null && eligible[arcStart[pair] + s] === 0) ||
        (room !== null && volume > room[pointCount + egress]);
      value[row + s] = barred
        ? Number.POSITIVE_INFINITY
        : volume * (costWeight * far + entryPrice + slotTerm[s] + (s === stays ? 0 : change));
    }
  }

  private sortByCloseness(prefix: number): void {
    const { problem, slotCount, slotAtPoint } = this;
    const { egressStart, egressPoint, order, pointCount } = problem;
    if (this.near.length < pointCount * slotCount) this.near = new Int32Array(pointCount * pointCount);
    // A row is laid out by the number of slots, so every load sorts anew.
    this.nearOf.fill(-1);
    for (let s = 0; s < slotCount; s++) slotAtPoint[egressPoint[egressStart[prefix] + s]] = s;
    for (let entry = 0; entry < this.entryStart[this.pairCount]; entry++) {
      const point = this.entryPoint[entry];
      if (this.nearOf[point] === prefix) continue;
      this.nearOf[point] = prefix;
      let place = point * slotCount;
      for (let rank = 0; rank < pointCount; rank++) {
        const s = slotAtPoint[order[point * pointCount + rank]];
        if (s >= 0) this.near[place++] = s;
      }
    }
    for (let s = 0; s < slotCount; s++) slotAtPoint[egressPoint[egressStart[prefix] + s]] = -1;
  }
}
