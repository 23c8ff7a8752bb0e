/** Shmoys–Tardos: cost ≤ that of x, load ≤ T_s + max{p_rs : x_rs > 0}. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { relaxGap } from '../../../src/optimizer/gap/relaxation/gap-relaxation.ts';
import { roundFractional } from '../../../src/optimizer/gap/rounding.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import type { GapInstance } from '../../../src/problem/gap-instance.ts';
import { loadsOf } from '../../oracle/brute-force-gap.ts';
import { lcg } from './gap-arbitrary.ts';
import { gapOf, smallGap } from './gap-cases.ts';

beforeAll(loadSolver);

function expectGuarantee(instance: GapInstance, x: Float64Array): void {
  const { jobCount, start, machine, cost, weight, machineCount } = instance;
  const assignment = roundFractional(instance, x);
  const spent = (share: ArrayLike<number>) => cost.reduce((sum, one, arc) => sum + one * share[arc], 0);
  const whole = new Float64Array(cost.length);
  for (let job = 0; job < jobCount; job++) {
    expect(assignment[job]).toBeGreaterThanOrEqual(start[job]);
    expect(assignment[job]).toBeLessThan(start[job + 1]);
    expect(x[assignment[job]]).toBeGreaterThan(0);
    whole[assignment[job]] = 1;
  }
  const noise = 1e-6 * cost.reduce((sum, one) => sum + Math.abs(one), 0);
  expect(spent(whole)).toBeLessThanOrEqual(spent(x) + noise);
  const heaviest = new Float64Array(machineCount);
  for (let arc = 0; arc < cost.length; arc++) {
    if (x[arc] > 0) heaviest[machine[arc]] = Math.max(heaviest[machine[arc]], weight[arc]);
  }
  const [fractional, rounded] = [loadsOf(instance, x), loadsOf(instance, whole)];
  rounded.forEach((load, s) => {
    expect(load).toBeLessThanOrEqual(fractional[s] + heaviest[s] * (1 + 1e-5));
  });
}

describe('roundFractional', () => {
  it('leaves whole jobs where they are', () => {
    const instance = gapOf(
      [
        [5, 1],
        [1, 5],
      ],
      [[1, 1]],
      [9, 9],
    );
    expect([...roundFractional(instance, Float64Array.of(1, 0, 0, 1))]).toEqual([0, 3]);
  });

  it('takes the cheaper of two halves', () => {
    const instance = gapOf([[7], [3]], [[4]], [2, 2]);
    expect([...roundFractional(instance, Float64Array.of(0.5, 0.5))]).toEqual([1]);
  });

  it('matches every job, whatever shares meet in a slot', () => {
    const third = 1 / 3;
    const instance = gapOf(
      [
        [0, 0, 0],
        [1, 1, 1],
        [2, 2, 2],
      ],
      [[3, 2, 1]],
      [2, 2, 2],
    );
    expectGuarantee(instance, new Float64Array(9).fill(third));
  });

  it('keeps its guarantee on the optimum of the relaxation', () => {
    fc.assert(
      fc.property(smallGap({ jobs: 20, machines: 5 }), (instance) => {
        expectGuarantee(instance, relaxGap(instance, UNLIMITED).x);
      }),
      { seed: 8, numRuns: 120 },
    );
  });

  it('keeps its guarantee on any shares', () => {
    fc.assert(
      fc.property(smallGap({ jobs: 20, machines: 5 }), fc.integer(), (instance, seed) => {
        const random = lcg(seed);
        const x = instance.cost.map(() => (random() < 0.4 ? 0 : random()));
        for (let job = 0; job < instance.jobCount; job++) {
          const shares = x.subarray(instance.start[job], instance.start[job + 1]);
          const total = shares.reduce((sum, share) => sum + share, 0);
          if (total === 0) shares[0] = 1;
          else shares.set(shares.map((share) => share / total));
        }
        expectGuarantee(instance, x);
      }),
      { seed: 9, numRuns: 150 },
    );
  });

  it('holds on millions and on millionths alike', () => {
    for (const scale of [1e-9, 1e9]) {
      const instance = gapOf(
        [
          [5 * scale, 2 * scale],
          [1 * scale, 4 * scale],
        ],
        [[3 * scale, 3 * scale]],
        [scale, scale],
      );
      expectGuarantee(instance, Float64Array.of(0.5, 0.5, 0.5, 0.5));
    }
  });
});
