/** The relaxation judged by certificates that know nothing of the solver, and against one plain linear program. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GapRelaxation, relaxGap } from '../../../src/optimizer/gap/relaxation/gap-relaxation.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import type { GapInstance } from '../../../src/problem/gap-instance.ts';
import { bruteForceGap, lagrangian, loadsOf } from '../../oracle/brute-force-gap.ts';
import { directProgram, gapOf, smallGap } from './gap-cases.ts';

beforeAll(loadSolver);

const total = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);
const size = (value: number) => Math.max(1, Math.abs(value));

function expectShares({ jobCount, start }: GapInstance, x: Float64Array): void {
  for (let job = 0; job < jobCount; job++) {
    const shares = x.subarray(start[job], start[job + 1]);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(Math.abs(total(shares) - 1)).toBeLessThanOrEqual(1e-7);
  }
}

/** x ≥ 0, Σ_s x = 1, loads ≤ T, 0 ≤ λ < ∞ and 0 where T = ∞, L(λ) over all arcs = bound = primal. */
function expectOptimal(instance: GapInstance, { x, value, bound, prices, leastOverload }: GapRelaxation): void {
  expect(leastOverload).toBeNull();
  expectShares(instance, x);
  const slack = 1e-7 * Math.max(...instance.weight);
  loadsOf(instance, x).forEach((load, s) => {
    expect(load).toBeLessThanOrEqual(instance.capacity[s] * (1 + 1e-9) + slack);
    expect(prices[s]).toBeGreaterThanOrEqual(0);
    expect(prices[s]).toBeLessThan(Number.POSITIVE_INFINITY);
    if (instance.capacity[s] === Number.POSITIVE_INFINITY) expect(prices[s]).toBe(0);
  });
  const spent = total(x.map((share, arc) => share * instance.cost[arc]));
  expect(Math.abs(value - spent)).toBeLessThanOrEqual(1e-9 * size(spent));
  const dual = lagrangian(instance, prices, 1);
  // The bound allows for the tolerance of the capacities.
  expect(Math.abs(bound - dual)).toBeLessThanOrEqual(1e-7 * size(dual));
  expect(Math.abs(dual - spent)).toBeLessThanOrEqual(1e-8 * size(spent));
}

/** λ ∈ [0, 1] and Σ_r min_s λ_s p_rs − Σ λ_s T_s = amount > 0. */
function expectProof(instance: GapInstance, { leastOverload, x }: GapRelaxation): number {
  expectShares(instance, x);
  expect(leastOverload).not.toBeNull();
  const { amount, prices } = leastOverload as { amount: number; prices: Float64Array };
  expect(prices).not.toBeNull();
  for (const price of prices) {
    expect(price).toBeGreaterThanOrEqual(0);
    expect(price).toBeLessThanOrEqual(1);
  }
  expect(amount).toBeGreaterThan(0);
  const shown = lagrangian(instance, prices, 0);
  expect(amount).toBeLessThanOrEqual(shown * (1 + 1e-12));
  expect(Math.abs(amount - shown)).toBeLessThanOrEqual(1e-7 * total(instance.weight));
  return amount;
}

describe('relaxGap', () => {
  it.each([1, 1e-9, 1e9])('proves its optimum, or its least overload, at scale %d', (scale) => {
    fc.assert(
      fc.property(smallGap({ jobs: 14, machines: 5 }, scale), (instance) => {
        const relaxation = relaxGap(instance, UNLIMITED);
        const least = directProgram(instance, true).overload;
        const noise = 1e-6 * total(instance.weight);
        if (least <= noise) {
          if (least > noise / 1e4) return;
          const direct = directProgram(instance, false);
          expectOptimal(instance, relaxation);
          expect(Math.abs(relaxation.value - direct.objective)).toBeLessThanOrEqual(1e-8 * size(direct.objective));
        } else {
          expect(Math.abs(expectProof(instance, relaxation) - least)).toBeLessThanOrEqual(noise);
        }
      }),
      { seed: 4, numRuns: scale === 1 ? 250 : 60 },
    );
  });

  it('is a vertex: at most one job is split for each machine', () => {
    fc.assert(
      fc.property(smallGap({ jobs: 30, machines: 4 }), (instance) => {
        const { x } = relaxGap(instance, UNLIMITED);
        const isSplit = (job: number) =>
          !x.subarray(instance.start[job], instance.start[job + 1]).some((share) => share > 1 - 1e-6);
        const split = Array.from({ length: instance.jobCount }, (_, job) => job).filter(isSplit);
        expect(split.length).toBeLessThanOrEqual(instance.machineCount);
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  it('bounds every integral assignment of tiny instances', () => {
    fc.assert(
      fc.property(smallGap({ jobs: 6, machines: 3 }), (instance) => {
        const { bound, leastOverload } = relaxGap(instance, UNLIMITED);
        const best = bruteForceGap(instance);
        expect(leastOverload?.amount ?? 0).toBeLessThanOrEqual(best.overload * (1 + 1e-12));
        if (best.cost !== null) expect(bound).toBeLessThanOrEqual(best.cost + 1e-12 * size(best.cost));
      }),
      { seed: 6, numRuns: 250 },
    );
  });

  it('splits where that is cheaper than any whole assignment', () => {
    const { value, bound } = relaxGap(
      gapOf(
        [
          [0, 0],
          [10, 10],
        ],
        [[2, 2]],
        [3, 3],
      ),
      UNLIMITED,
    );
    expect(value).toBeCloseTo(5, 6);
    expect(bound).toBeCloseTo(5, 6);
  });

  it('finds relief by a chain of moves, whatever that costs per unit', () => {
    // Job r fits on machine r for nothing, on r + 1 for 10; one more job has only machine 0: all have to move.
    const n = 8;
    const costs = Array.from({ length: n }, (_, s) =>
      Array.from({ length: n }, (_, r) => {
        if (r === n - 1) return s === 0 ? 0 : 'X';
        return s === r ? 0 : s === r + 1 ? 10 : 'X';
      }),
    );
    const instance = gapOf(costs, [Array(n).fill(1)], Array(n).fill(1));
    const relaxation = relaxGap(instance, UNLIMITED);
    expect(relaxation.bound).toBeCloseTo(10 * (n - 1), 5);
    expectOptimal(instance, relaxation);
  });

  it('starts from given prices without another answer', () => {
    fc.assert(
      fc.property(smallGap({ jobs: 12, machines: 4 }), fc.integer({ min: 0, max: 30 }), (instance, price) => {
        const start = instance.capacity.map((capacity) => (Number.isFinite(capacity) ? price : 0));
        const [cold, warm] = [relaxGap(instance, UNLIMITED), relaxGap(instance, UNLIMITED, start)];
        expect(Math.abs(cold.bound - warm.bound)).toBeLessThanOrEqual(1e-6 * size(cold.bound));
        expect(warm.leastOverload === null).toBe(cold.leastOverload === null);
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});
