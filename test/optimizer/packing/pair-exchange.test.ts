/** Two bins divided anew: never dearer, within the capacities, at the optimum of two. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PackingInstance } from '../../../src/optimizer/packing/packing.ts';
import { exchangePairs } from '../../../src/optimizer/packing/pair-exchange.ts';

const BINS = 3;
const item = fc.record({
  weight: fc.integer({ min: 0, max: 9 }),
  bins: fc.uniqueArray(fc.nat(BINS - 1), { minLength: 1, maxLength: BINS }),
  costs: fc.array(fc.nat(20), { minLength: BINS, maxLength: BINS }),
});
type Item = { weight: number; bins: number[]; costs: number[] };

/** Every item is in the first of its bins; capacities are so much more than that. */
function packed(items: readonly Item[], more: number) {
  const capacity = new Int32Array(BINS).fill(more);
  for (const { weight, bins } of items) capacity[bins[0]] += weight;
  const start = new Int32Array(items.length + 1);
  items.forEach(({ bins }, at) => {
    start[at + 1] = start[at] + bins.length;
  });
  const instance: PackingInstance = {
    weight: Int32Array.from(items, ({ weight }) => weight),
    start,
    bin: Int32Array.from(items.flatMap(({ bins }) => bins)),
    capacity,
  };
  const cost = Float64Array.from(items.flatMap(({ bins, costs }) => bins.map((bin) => costs[bin])));
  return { instance, cost, binOf: Int32Array.from(items, ({ bins }) => bins[0]) };
}

const costOf = (items: readonly Item[], binOf: Int32Array) =>
  items.reduce((sum, { costs }, at) => sum + costs[binOf[at]], 0);

function fits({ weight, capacity }: PackingInstance, binOf: Int32Array): boolean {
  const load = new Int32Array(BINS);
  binOf.forEach((bin, at) => {
    load[bin] += weight[at];
  });
  return load.every((one, bin) => one <= capacity[bin]);
}

/** Least cost where no item but those in `a` and `b` moves, and these only from one to the other. */
function leastOfTwo(
  items: readonly Item[],
  instance: PackingInstance,
  binOf: Int32Array,
  a: number,
  b: number,
): number {
  let least = Number.POSITIVE_INFINITY;
  const moving = [...binOf.keys()].filter(
    (at) => [a, b].includes(binOf[at]) && [a, b].every((bin) => items[at].bins.includes(bin)),
  );
  for (let mask = 0; mask < 2 ** moving.length; mask++) {
    const other = binOf.slice();
    moving.forEach((at, place) => {
      other[at] = ((mask >> place) & 1) === 1 ? a : b;
    });
    if (fits(instance, other)) least = Math.min(least, costOf(items, other));
  }
  return least;
}

describe('exchangePairs', () => {
  it('ends where no two bins have anything to gain', () => {
    let gained = 0;
    fc.assert(
      fc.property(fc.array(item, { maxLength: 9 }), fc.nat(4), (items, more) => {
        const { instance, cost, binOf } = packed(items, more);
        const before = costOf(items, binOf);
        exchangePairs(instance, cost, binOf);
        expect(fits(instance, binOf)).toBe(true);
        binOf.forEach((bin, at) => {
          expect(items[at].bins).toContain(bin);
        });
        const after = costOf(items, binOf);
        expect(after).toBeLessThanOrEqual(before);
        if (after < before) gained++;
        for (const [a, b] of [
          [0, 1],
          [0, 2],
          [1, 2],
        ]) {
          expect(leastOfTwo(items, instance, binOf, a, b)).toBe(after);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(gained).toBeGreaterThan(50);
  });
});
