/**
 * A packing made cheaper two bins at a time: the items that may be in either are divided anew at least cost, which is a
 * knapsack with a window for its sum (dynamic programming over sums; a very large neighborhood in which every bin stays
 * within its capacity). Ends where no two bins have anything to gain.
 *
 * Guarantee: never dearer, never beyond a capacity that was kept. Cost of two bins: O(items · capacity).
 */
import type { PackingInstance } from './packing.ts';

/** Of a table: two bins with more are left alone. */
const MOST_CELLS = 4e6;
/** Relative: less is rounding. */
const LEAST_GAIN = 1e-9;

/** @param cost Float64, of an item in a bin, by the places of `instance.bin`. @param binOf Int32 [items], written. */
export function exchangePairs(instance: PackingInstance, cost: Float64Array, binOf: Int32Array): void {
  const binCount = instance.capacity.length;
  for (let hasGained = true; hasGained; ) {
    hasGained = false;
    for (let a = 0; a < binCount; a++) {
      for (let b = a + 1; b < binCount; b++) {
        if (divideAnew(instance, cost, binOf, a, b)) hasGained = true;
      }
    }
  }
}

/** Items that could be in either of two bins. */
interface Divided {
  readonly items: readonly number[];
  /** By how much each is dearer in the first. */
  readonly dearer: readonly number[];
  /** Sums of weights that may go into the first, the least and the most. */
  readonly window: readonly [number, number];
}

function divideAnew(instance: PackingInstance, cost: Float64Array, binOf: Int32Array, a: number, b: number): boolean {
  const { items, dearer, window } = dividedBetween(instance, cost, binOf, a, b);
  const [least, most] = window;
  const width = most + 1;
  if (items.length === 0 || least > most || items.length * width > MOST_CELLS) return false;
  const best = new Float64Array(width).fill(Number.POSITIVE_INFINITY);
  best[0] = 0;
  const isTaken = new Uint8Array(items.length * width);
  items.forEach((item, at) => {
    const weight = instance.weight[item];
    for (let sum = most; sum >= weight; sum--) {
      const taken = best[sum - weight] + dearer[at];
      if (taken >= best[sum]) continue;
      best[sum] = taken;
      isTaken[at * width + sum] = 1;
    }
  });
  let sum = least;
  for (let other = least; other <= most; other++) if (best[other] < best[sum]) sum = other;
  const before = items.reduce((total, item, at) => (binOf[item] === a ? total + dearer[at] : total), 0);
  const scale = dearer.reduce((total, one) => total + Math.abs(one), 0);
  if (!(best[sum] < before - LEAST_GAIN * scale)) return false;
  for (let at = items.length - 1; at >= 0; at--) {
    const isInFirst = isTaken[at * width + sum] === 1;
    binOf[items[at]] = isInFirst ? a : b;
    if (isInFirst) sum -= instance.weight[items[at]];
  }
  return true;
}

function dividedBetween(
  { weight, start, bin, capacity }: PackingInstance,
  cost: Float64Array,
  binOf: Int32Array,
  a: number,
  b: number,
): Divided {
  const items: number[] = [];
  const dearer: number[] = [];
  const room = [capacity[a], capacity[b]];
  let sum = 0;
  binOf.forEach((own, item) => {
    if (own !== a && own !== b) return;
    const options = bin.subarray(start[item], start[item + 1]);
    const [inA, inB] = [options.indexOf(a), options.indexOf(b)];
    if (inA >= 0 && inB >= 0) {
      items.push(item);
      dearer.push(cost[start[item] + inA] - cost[start[item] + inB]);
      sum += weight[item];
    } else room[own === a ? 0 : 1] -= weight[item];
  });
  return { items, dearer, window: [Math.max(0, sum - room[1]), Math.min(room[0], sum)] };
}
