/**
 * The relaxation where samples, noise and the zoom on the prices come in: instances of some ten thousand jobs, judged by
 * certificates, and against one plain linear program where that ends in time.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ZipfOptions, zipfGap } from '../../../bench/instances.ts';
import { type GapRelaxation, relaxGap } from '../../../src/optimizer/gap/relaxation/gap-relaxation.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { type RunControl, UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import type { GapInstance } from '../../../src/problem/gap-instance.ts';
import { certificateOf } from '../../oracle/certificate.ts';
import { directProgram } from './gap-cases.ts';

beforeAll(loadSolver);

const SIZE = { jobs: 12_000, machines: 12, arcs: 5 };
const options = (change: Partial<ZipfOptions>): ZipfOptions => ({
  slack: 1.05,
  costs: 'mixed',
  weights: 'shared',
  ...change,
});

function expectOptimal(instance: GapInstance, relaxation: GapRelaxation, tolerance = 1e-9): void {
  const { x, prices, value, bound, leastOverload } = relaxation;
  expect(leastOverload).toBeNull();
  const shown = certificateOf(instance, x, prices);
  expect(shown.pricesValid).toBe(true);
  expect(shown.shareError).toBeLessThanOrEqual(1e-12);
  expect(shown.excess).toBeLessThanOrEqual(1e-8);
  expect(shown.splitJobs).toBeLessThanOrEqual(instance.machineCount);
  const size = Math.abs(shown.primal);
  expect(Math.abs(value - shown.primal)).toBeLessThanOrEqual(1e-11 * size);
  expect(Math.abs(shown.primal - shown.dual)).toBeLessThanOrEqual(tolerance * size);
  // The bound allows for the tolerance of the capacities, 1e-9 of each.
  const allowed = 1e-9 * prices.reduce((sum, price, s) => sum + price * instance.capacity[s], 0);
  expect(value - bound).toBeLessThanOrEqual(tolerance * size + allowed);
}

function scaled(instance: GapInstance, costs: number, weights: number): GapInstance {
  return {
    ...instance,
    cost: instance.cost.map((cost) => cost * costs),
    weight: instance.weight.map((weight) => weight * weights),
    capacity: instance.capacity.map((limit) => limit * weights),
  };
}

describe('relaxGap on large instances', () => {
  it.each([
    options({}),
    options({ slack: 1.3 }),
    options({ slack: 1.0001 }),
    options({ weights: 'general' }),
    options({ costs: 'tied' }),
    options({ costs: 'tied', slack: 1.001, weights: 'general' }),
  ])('proves its optimum: $costs costs, $weights weights, slack $slack', (shape) => {
    for (const seed of [1, 2]) {
      const instance = zipfGap(seed, SIZE, shape);
      expectOptimal(instance, relaxGap(instance, UNLIMITED));
    }
  });

  it('takes a sample of the jobs first where they are many', () => {
    const instance = zipfGap(3, { jobs: 40_000, machines: 8, arcs: 4 }, options({ costs: 'tied' }));
    expectOptimal(instance, relaxGap(instance, UNLIMITED));
  });

  it.each([1e-9, 1e9])('is the same at scale %d of weights, and its inverse of costs', (scale) => {
    const instance = zipfGap(4, SIZE, options({}));
    const { value } = relaxGap(instance, UNLIMITED);
    const other = scaled(instance, 1 / scale, scale);
    const relaxation = relaxGap(other, UNLIMITED);
    expectOptimal(other, relaxation);
    expect(Math.abs(relaxation.value * scale - value)).toBeLessThanOrEqual(1e-9 * value);
  });

  it('equals one plain linear program to 1e-9', () => {
    const shape = fc.record({
      slack: fc.constantFrom(1.01, 1.1),
      costs: fc.constantFrom<ZipfOptions['costs']>('mixed', 'tied'),
      weights: fc.constantFrom<ZipfOptions['weights']>('shared', 'general'),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), shape, (seed, kind) => {
        const instance = zipfGap(seed, { jobs: 2500, machines: 6, arcs: 3 }, kind);
        const { value, leastOverload } = relaxGap(instance, UNLIMITED);
        const direct = directProgram(instance, false).objective;
        expect(leastOverload).toBeNull();
        expect(Math.abs(value - direct)).toBeLessThanOrEqual(1e-9 * direct);
      }),
      { seed: 8, numRuns: 8 },
    );
  });

  it.each(['mixed', 'tied'] as const)('proves the least overload where nothing fits: %s costs', (costs) => {
    const instance = zipfGap(5, SIZE, options({ slack: 0.95, costs }));
    const { x, leastOverload } = relaxGap(instance, UNLIMITED);
    const amount = 0.05 * SIZE.jobs;
    expect(leastOverload?.amount).toBeGreaterThanOrEqual(amount * (1 - 1e-6));
    expect(leastOverload?.amount).toBeLessThanOrEqual(amount * (1 + 1e-9));
    const free = { ...instance, cost: new Float64Array(x.length) };
    const prices = leastOverload?.prices ?? new Float64Array(SIZE.machines);
    expect(certificateOf(free, x, prices).dual).toBeGreaterThanOrEqual((leastOverload?.amount ?? 0) * (1 - 1e-9));
    // What is answered overloads by no more than that.
    const load = new Float64Array(SIZE.machines);
    x.forEach((share, arc) => {
      load[instance.machine[arc]] += share * instance.weight[arc];
    });
    const overload = load.reduce((sum, value, s) => sum + Math.max(0, value - instance.capacity[s]), 0);
    expect(overload).toBeLessThanOrEqual(amount + 1e-6 * SIZE.jobs);
  });

  it('starts from the prices of yesterday, and from nonsense', () => {
    const instance = zipfGap(6, SIZE, options({ slack: 1.02 }));
    const { prices, value } = relaxGap(instance, UNLIMITED);
    const changed = { ...instance, weight: instance.weight.slice(), cost: instance.cost.slice() };
    for (let job = 0; job < SIZE.jobs; job += 100) {
      for (let arc = instance.start[job]; arc < instance.start[job + 1]; arc++) {
        changed.weight[arc] *= 0.8 + (0.4 * (job % 7)) / 6;
        changed.cost[arc] *= 0.8 + (0.4 * (job % 7)) / 6;
      }
    }
    const warm = relaxGap(changed, UNLIMITED, prices);
    expectOptimal(changed, warm);
    expect(Math.abs(warm.value - relaxGap(changed, UNLIMITED).value)).toBeLessThanOrEqual(1e-9 * warm.value);
    for (const nonsense of [0, 1e6]) {
      const again = relaxGap(
        instance,
        UNLIMITED,
        prices.map(() => nonsense),
      );
      expectOptimal(instance, again);
      expect(Math.abs(again.value - value)).toBeLessThanOrEqual(1e-9 * value);
    }
  });

  it('gives the same bytes every time', () => {
    const instance = zipfGap(7, SIZE, options({ costs: 'tied' }));
    expect(relaxGap(instance, UNLIMITED)).toEqual(relaxGap(instance, UNLIMITED));
  });

  it('ends when it is cancelled, with a bound and every job somewhere', () => {
    const instance = zipfGap(8, SIZE, options({}));
    const { value } = relaxGap(instance, UNLIMITED);
    for (const patience of [0, 1, 5]) {
      let asked = 0;
      const control: RunControl = { ...UNLIMITED, cancelled: () => asked++ >= patience };
      const { x, prices, bound } = relaxGap(instance, control);
      expect(certificateOf(instance, x, prices).shareError).toBe(0);
      expect(bound).toBeLessThanOrEqual(value);
    }
  });
});
