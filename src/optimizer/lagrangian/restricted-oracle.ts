/**
 * The whole problem in groups of prefixes (see group-oracle) with some that stand alone held to a part of their choices (one
 * egress a prefix): to one egress, to one ingress of a pair, or to both.
 *
 * Guarantee: the minima of those held are exact over what is left to them; the others are the group oracle's. Cost: that of the group
 * oracle, and O(pairs · |In| · |Out|) for each prefix that is held.
 */
import { isAllowed, type Problem, unitCost } from '../../problem/problem.ts';
import type { ColumnOracle, ColumnSink } from '../column-generation/column-oracle.ts';
import type { Column, ColumnPool } from '../column-generation/column-pool.ts';
import type { GroupOracle } from './group-oracle.ts';

/** What a prefix is held to: -1 where it is free. */
export interface Hold {
  readonly slot: number;
  /** Int32 [pairs of the prefix]. */
  readonly ingress: Int32Array;
}

/** By block, of prefixes that stand alone. */
export type Holds = ReadonlyMap<number, Hold>;

export interface RestrictedOptions {
  readonly holds: Holds;
  /** Float64 [2n]: what exceeds it by itself may not use that side. */
  readonly room: Float64Array;
  /** Columns that the holds leave: the pool starts from them. */
  readonly columns: readonly Column[];
}

/** A choice of one prefix: Int32 [pairs of it], and cost + λ·load. Infinity where there is none. */
interface Cheapest {
  readonly value: number;
  readonly slot: number;
  readonly ingress: Int32Array;
}

export class RestrictedOracle implements ColumnOracle {
  readonly blockCount: number;
  readonly resourceCount: number;
  readonly blockWeight: Float64Array;
  private readonly problem: Problem;
  private readonly whole: GroupOracle;
  private readonly options: RestrictedOptions;

  constructor(problem: Problem, whole: GroupOracle, options: RestrictedOptions) {
    this.problem = problem;
    this.whole = whole;
    this.options = options;
    this.blockCount = whole.blockCount;
    this.resourceCount = whole.resourceCount;
    this.blockWeight = whole.blockWeight;
  }

  price(prices: Float64Array, costWeight: 0 | 1, sink: ColumnSink, blocks?: Int32Array): number {
    const { holds } = this.options;
    let released = 0;
    const free: ColumnSink = (value, column) => {
      if (holds.has(column.block)) released += value;
      else sink(value, column);
    };
    const total = this.whole.price(prices, costWeight, free, blocks);
    let held = 0;
    for (const [block, hold] of holds) {
      if (blocks?.includes(block) === false) continue;
      const cheapest = this.cheapest(block, hold, prices, costWeight);
      held += cheapest.value;
      if (cheapest.value < Number.POSITIVE_INFINITY) sink(cheapest.value, this.columnOf(block, cheapest));
    }
    return total - released + held;
  }

  seed(pool: ColumnPool): void {
    for (const column of this.options.columns) pool.addIfNew(column);
  }

  /** Of the choices that the hold leaves to a prefix that stands alone the cheapest under the prices. */
  cheapest(block: number, hold: Hold, prices: Float64Array, costWeight: 0 | 1): Cheapest {
    const { pairStart, pairVolume, egressStart, egressPoint, pointCount } = this.problem;
    const k = this.whole.aloneOf[block];
    const [first, end] = [pairStart[k], pairStart[k + 1]];
    let best: Cheapest = { value: Number.POSITIVE_INFINITY, slot: -1, ingress: hold.ingress };
    for (let slot = egressStart[k]; slot < egressStart[k + 1]; slot++) {
      const side = pointCount + egressPoint[slot];
      if ((hold.slot >= 0 && slot !== hold.slot) || this.whole.blockWeight[block] > this.options.room[side]) continue;
      const ingress = new Int32Array(end - first);
      let value = 0;
      for (let pair = first; pair < end && value < best.value; pair++) {
        const entry = this.entryOf(pair, slot, hold.ingress[pair - first], prices, costWeight);
        ingress[pair - first] = entry.point;
        value += pairVolume[pair] * (entry.unit + prices[side]);
      }
      if (value < best.value) best = { value, slot, ingress };
    }
    return best;
  }

  /** The cheapest ingress of a pair for a slot, and what a unit costs by it; -1 and Infinity where there is none. */
  private entryOf(pair: number, slot: number, only: number, prices: Float64Array, costWeight: 0 | 1) {
    const { problem } = this;
    const { room } = this.options;
    const { ingressStart, ingressPoint, pairNeighbor, pairVolume } = problem;
    const h = pairNeighbor[pair];
    let [point, unit] = [-1, Number.POSITIVE_INFINITY];
    for (let at = ingressStart[h]; at < ingressStart[h + 1]; at++) {
      const other = ingressPoint[at];
      if ((only >= 0 && other !== only) || pairVolume[pair] > room[other] || !isAllowed(problem, pair, other, slot)) {
        continue;
      }
      const paid = costWeight * unitCost(problem, pair, other, slot) + prices[other];
      if (paid < unit) [point, unit] = [other, paid];
    }
    return { point, unit };
  }

  private columnOf(block: number, { slot, ingress }: Cheapest): Column {
    const { problem } = this;
    const { pairStart, pairVolume, egressPoint, pointCount } = problem;
    const first = pairStart[this.whole.aloneOf[block]];
    const amount = new Map<number, number>();
    let cost = 0;
    ingress.forEach((point, at) => {
      const volume = pairVolume[first + at];
      cost += volume * unitCost(problem, first + at, point, slot);
      if (volume === 0) return;
      for (const side of [point, pointCount + egressPoint[slot]]) amount.set(side, (amount.get(side) ?? 0) + volume);
    });
    const resources = [...amount.keys()].sort((a, b) => a - b);
    const amounts = resources.map((side) => amount.get(side) ?? 0);
    const detail = Int32Array.from([...ingress, ...ingress.map(() => slot)]);
    return { block, cost, resources, amounts, detail };
  }
}

/** Is the column of a prefix one of those that the hold leaves to it? */
export function holdsColumn({ slot, ingress }: Hold, { detail }: Column): boolean {
  if (detail === null) return false;
  return ingress.every(
    (point, at) => (point < 0 || point === detail[at]) && (slot < 0 || slot === detail[ingress.length + at]),
  );
}
