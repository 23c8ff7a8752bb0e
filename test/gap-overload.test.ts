/** The generalized assignment problem where not everything fits: how much is too much, and that no less is possible. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assign } from '../src/gap.ts';
import { gapOf, smallGap } from './optimizer/gap/gap-cases.ts';
import { bruteForceGap } from './oracle/brute-force-gap.ts';

it('finds the least overload where nothing fits, and says which machines lack how much', async () => {
  const { overload, assignment } = await assign(gapOf([[0], [1]], [[999_999], [999_999]], [0, 799_999]));
  expect(assignment).toEqual([1]);
  expect(overload).toMatchObject({ total: 200_000, machines: [{ machine: 1, amount: 200_000 }] });
  expect(overload.leastPossible).toBeCloseTo(200_000, 3);
});

it('overloads no more than anything else does, as brute force says, and proves it', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(smallGap({ jobs: 6, machines: 4 }), async (instance) => {
      const best = bruteForceGap(instance);
      if (best.cost !== null) return;
      const { overload } = await assign(instance);
      expect(overload.total).toBeLessThanOrEqual(best.overload * (1 + 1e-9));
      expect(overload.leastPossible).toBeGreaterThanOrEqual(best.overload * (1 - 1e-6));
      expect(overload.machines.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(overload.total, 9);
      compared++;
    }),
    { numRuns: 300, seed: 5 },
  );
  expect(compared).toBeGreaterThan(60);
}, 60_000);

it('proves the least overload where the machines are too small for all jobs', async () => {
  const { status, overload, lowerBound, gap } = await assign(
    gapOf(
      [
        [1, 2],
        [2, 1],
      ],
      [
        [9, 1],
        [8, 1],
      ],
      [0, 0],
    ),
  );
  expect({ status, lowerBound, gap }).toEqual({ status: 'overloaded', lowerBound: null, gap: null });
  expect(overload.leastPossible).toBeCloseTo(9, 6);
  expect(overload.leastPossible).toBeLessThanOrEqual(9);
});

it('says of a job that fits nowhere that nothing fits, and by how much', async () => {
  const { status, overload, lowerBound } = await assign(
    gapOf(
      [
        [1, 2],
        [2, 1],
      ],
      [
        [9, 1],
        [8, 1],
      ],
      [5, 5],
    ),
  );
  expect({ status, lowerBound }).toEqual({ status: 'overloaded', lowerBound: null });
  expect(overload.leastPossible).toBeGreaterThan(0);
  expect(overload.leastPossible).toBeLessThanOrEqual(3);
});

it('takes a load within the tolerance of the capacity for one that fits', async () => {
  const within = gapOf([[1], [9]], [[1 + 0.8e-9], [1]], [1, 1]);
  expect(bruteForceGap(within).cost).toBe(1);
  expect(await assign(within)).toMatchObject({ status: 'optimal', cost: 1, assignment: [0] });
  const beyond = gapOf([[1], [9]], [[1 + 1.2e-9], [1]], [1, 1]);
  expect(await assign(beyond)).toMatchObject({ cost: 9, assignment: [1] });
});
