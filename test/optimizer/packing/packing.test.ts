/** Items into bins that are full to the last unit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PackingInstance, pack } from '../../../src/optimizer/packing/packing.ts';
import { uniform } from '../../../src/optimizer/run/random.ts';
import { type RunControl, UNLIMITED } from '../../../src/optimizer/run/run-control.ts';

/** Capacities are the loads of a random packing, and so much more each. */
function planted(seed: number, items: number, bins: number, more = 0): PackingInstance {
  const random = uniform(Math.imul(seed, 0x9e3779b1));
  const below = (count: number) => Math.floor(count * random());
  const capacity = new Int32Array(bins).fill(more);
  const weight = Int32Array.from({ length: items }, () => 1 + Math.floor(50 / (0.05 + random()) ** 1.2));
  const options = Array.from(weight, (one) => {
    const own = [...new Set(Array.from({ length: 1 + below(4) }, () => below(bins)))];
    capacity[own[below(own.length)]] += one;
    return own;
  });
  return instanceOf(weight, options, capacity);
}

function instanceOf(weight: Int32Array, options: readonly number[][], capacity: Int32Array): PackingInstance {
  const start = Int32Array.from([0, ...options.keys()], (_, at) =>
    options.slice(0, at).reduce((count, own) => count + own.length, 0),
  );
  return { weight, start, bin: Int32Array.from(options.flat()), capacity };
}

function packed(instance: PackingInstance, seed = 1, control: RunControl = UNLIMITED): Int32Array | null {
  return pack(instance, { guide: new Int32Array(instance.weight.length).fill(-1), seed, control });
}

function expectFits({ weight, start, bin, capacity }: PackingInstance, binOf: Int32Array): void {
  const load = new Int32Array(capacity.length);
  binOf.forEach((one, item) => {
    expect(bin.subarray(start[item], start[item + 1])).toContain(one);
    load[one] += weight[item];
  });
  load.forEach((one, at) => {
    expect(one).toBeLessThanOrEqual(capacity[at]);
  });
}

/** Is there any? */
function exists({ weight, start, bin, capacity }: PackingInstance, item = 0): boolean {
  if (item === weight.length) return true;
  return Array.from(bin.subarray(start[item], start[item + 1])).some((one) => {
    if (capacity[one] < weight[item]) return false;
    const left = capacity.with(one, capacity[one] - weight[item]);
    return exists({ weight, start, bin, capacity: left }, item + 1);
  });
}

describe('pack', () => {
  it('finds a packing where there is one, and none where there is none', () => {
    const item = fc.record({
      weight: fc.integer({ min: 0, max: 9 }),
      bins: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }),
    });
    const capacities = fc.array(fc.nat(20), { minLength: 4, maxLength: 4 });
    const found = [0, 0];
    fc.assert(
      fc.property(fc.array(item, { maxLength: 7 }), capacities, (items, capacity) => {
        const weight = Int32Array.from(items, (one) => one.weight);
        const instance = instanceOf(
          weight,
          items.map(({ bins }) => bins),
          Int32Array.from(capacity),
        );
        const binOf = packed(instance);
        expect(binOf !== null).toBe(exists(instance));
        found[Number(binOf !== null)]++;
        if (binOf !== null) expectFits(instance, binOf);
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(Math.min(...found)).toBeGreaterThan(50);
  });

  it.each([
    ['few', 20, 5, 0],
    ['many for few bins', 150, 6, 0],
    ['many', 60, 10, 0],
    ['with some room', 60, 10, 3],
  ])('fills every bin to the last unit: %s', (_, items, bins, more) => {
    for (let seed = 1; seed <= 10; seed++) {
      const instance = planted(seed, items, bins, more);
      const binOf = packed(instance);
      if (binOf === null) throw new Error(`seed ${seed}`);
      expectFits(instance, binOf);
    }
  });

  it('keeps to a guide that fits', () => {
    const instance = planted(3, 40, 6);
    const guide = packed(instance, 7) as Int32Array;
    const control = UNLIMITED;
    const binOf = pack(instance, { guide, seed: 2, control }) as Int32Array;
    const kept = binOf.filter((bin, item) => bin === guide[item]).length;
    expect(kept).toBeGreaterThan(20);
  });

  it('is the same for the same seed, and ends when it is stopped', () => {
    const instance = planted(5, 60, 10);
    expect(packed(instance, 4)).toEqual(packed(instance, 4));
    expect(packed(instance, 4, { ...UNLIMITED, cancelled: () => true })).toBeNull();
  });

  it('finds nothing where the capacities are too small in sum', () => {
    const { capacity, ...rest } = planted(1, 10, 3);
    expect(packed({ ...rest, capacity: capacity.map((one) => Math.max(0, one - 1)) })).toBeNull();
  });
});
