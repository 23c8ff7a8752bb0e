/** Knapsacks against every subset; the relaxation over loads, and dives in it, against every assignment. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { lagrangian } from '../../../src/optimizer/column-generation/column-oracle.ts';
import { judge } from '../../../src/optimizer/gap/gap.ts';
import { GapDiving, isDivable } from '../../../src/optimizer/gap/gap-diving.ts';
import { Knapsack } from '../../../src/optimizer/gap/knapsack.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { uniform } from '../../../src/optimizer/run/random.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { denseGap } from '../../../src/problem/gap-instance.ts';
import { bruteForceGap } from '../../oracle/brute-force-gap.ts';

beforeAll(loadSolver);

describe('knapsack', () => {
  it('finds the best of all subsets', () => {
    const knapsack = new Knapsack();
    const item = fc.record({ weight: fc.integer({ min: 0, max: 9 }), value: fc.integer({ min: -5, max: 20 }) });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 10 }), fc.integer({ min: 0, max: 30 }), (items, capacity) => {
        let best = 0;
        for (let set = 0; set < 2 ** items.length; set++) {
          const own = items.filter((_, at) => (set >> at) % 2 === 1);
          if (own.reduce((sum, { weight }) => sum + weight, 0) > capacity) continue;
          best = Math.max(
            best,
            own.reduce((sum, { value }) => sum + value, 0),
          );
        }
        const weight = items.map((one) => one.weight);
        const value = items.map((one) => one.value);
        const found = knapsack.solve(weight, value, capacity + 0.5);
        expect(found.value).toBe(best);
        expect(found.items.reduce((sum, at) => sum + value[at], 0)).toBe(best);
        expect(found.items.reduce((sum, at) => sum + weight[at], 0)).toBeLessThanOrEqual(capacity);
        expect(found.items).toEqual([...new Set(found.items)].sort((a, b) => a - b));
      }),
      { seed: 60, numRuns: 500 },
    );
  });
});

describe('diving', () => {
  it('bounds every assignment from below, and ends with one', () => {
    let optimal = 0;
    let fitting = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = uniform(seed);
      const below = (most: number) => 1 + Math.floor(most * random());
      const [machineCount, jobCount] = [3, 6];
      const costs = Float64Array.from({ length: machineCount * jobCount }, () => below(30));
      const weights = Float64Array.from({ length: machineCount * jobCount }, () => below(9));
      const capacities = Float64Array.from({ length: machineCount }, () => 8 + below(8));
      const instance = denseGap({ machineCount, jobCount, costs, weights, capacities });
      expect(isDivable(instance)).toBe(true);
      const { cost: least } = bruteForceGap(instance);
      if (least === null) continue;
      fitting++;
      const diving = new GapDiving(instance, new Float64Array(machineCount), [], UNLIMITED);
      expect(diving.lowerBound, `seed ${seed}`).toBeLessThanOrEqual(least + 1e-9 * least);
      const found = [0, 1, 2].map((dive) => diving.dive(random, dive === 0) as Int32Array);
      for (const assignment of found) {
        assignment.forEach((arc, job) => {
          expect(arc).toBeGreaterThanOrEqual(instance.start[job]);
          expect(arc).toBeLessThan(instance.start[job + 1]);
        });
      }
      if (found.some((one) => judge(instance, one).overload === 0 && judge(instance, one).cost === least)) optimal++;
    }
    expect(fitting).toBeGreaterThan(40);
    expect(optimal).toBeGreaterThan(0.8 * fitting);
  });

  it('is lowered for rounding, not raised, where jobs are what is scarce', () => {
    // Loads take -1 of each job, of which there is -1: λ·T is negative, and of the size of the minima.
    const prices = Float64Array.from({ length: 40 }, (_, job) => 1000 + job / 3);
    const capacity = new Float64Array(40).fill(-1);
    const paid = -prices.reduce((sum, price) => sum + price, 0);
    expect(lagrangian(paid + 5, prices, capacity)).toBeLessThan(5);
    expect(lagrangian(paid + 5, prices, capacity)).toBeGreaterThan(5 - 1e-7);
    expect(lagrangian(5, new Float64Array(40), capacity)).toBeLessThan(5);
  });

  it('refuses what has no table: weights in parts, many jobs on a machine', () => {
    const tables = { machineCount: 2, jobCount: 2, costs: new Float64Array(4), capacities: Float64Array.of(1, 1) };
    expect(isDivable(denseGap({ ...tables, weights: Float64Array.of(0.5, 1, 1, 1) }))).toBe(false);
    expect(isDivable(denseGap({ ...tables, weights: new Float64Array(4) }))).toBe(true);
    const many = { machineCount: 2, jobCount: 60, costs: new Float64Array(120), weights: new Float64Array(120) };
    expect(isDivable(denseGap({ ...many, capacities: Float64Array.of(1, 1) }))).toBe(false);
  });
});
