/** The generalized assignment problem on its own: edge cases, and everything that brute force can say of tiny ones. */
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { assign, GapResultSchema } from '../src/gap.ts';
import { relaxGap } from '../src/optimizer/gap/relaxation/gap-relaxation.ts';
import { loadSolver } from '../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';
import type { GapInstance } from '../src/problem/gap-instance.ts';
import { gapOf, smallGap } from './optimizer/gap/gap-cases.ts';
import { bruteForceGap } from './oracle/brute-force-gap.ts';

const FREE = Number.POSITIVE_INFINITY;

describe('Example 2 of the patent', () => {
  // Jobs (1,1), (1,2), (2,1), (2,2) on the ingresses b1 and b2; P1 leaves at b3, P2 at b4.
  const volumes = [30, 15, 25, 30];
  const costs = [
    [10, 50, 10, 50].map((distance, job) => distance * volumes[job]),
    [20, 10, 20, 10].map((distance, job) => distance * volumes[job]),
  ];
  const instance = gapOf(costs, [volumes], [50, 60]);

  it('has the printed costs', () => {
    expect(costs[1][0]).toBe(600);
    expect(costs[0][1]).toBe(750);
  });

  it('is optimal at 1850, as brute force says; the relaxation says 1050', async () => {
    expect(bruteForceGap(instance)).toEqual({ cost: 1850, overload: 0 });
    await loadSolver();
    expect(relaxGap(instance, UNLIMITED).bound).toBeCloseTo(1050, 4);
    expect(await assign(instance)).toMatchObject({ status: 'optimal', cost: 1850, overload: { total: 0 } });
  });
});

describe('assign', () => {
  it('avoids forbidden pairs', async () => {
    const { assignment, cost, status } = await assign(
      gapOf(
        [
          ['X', 1],
          [5, 'X'],
        ],
        [[1, 1]],
        [9, 9],
      ),
    );
    expect({ assignment, cost, status }).toEqual({ assignment: [1, 0], cost: 6, status: 'optimal' });
  });

  it('puts jobs of no weight anywhere, even on a machine of no capacity', async () => {
    const { assignment, status } = await assign(
      gapOf(
        [
          [1, 9],
          [9, 1],
        ],
        [[0, 0]],
        [0, 0],
      ),
    );
    expect({ assignment, status }).toEqual({ assignment: [0, 1], status: 'optimal' });
  });

  it('gives every job its cheapest machine where all are unlimited', async () => {
    const { assignment, cost, lowerBound } = await assign(
      gapOf(
        [
          [1, 9],
          [9, 1],
        ],
        [[3, 4]],
        [FREE, FREE],
      ),
    );
    expect({ assignment, cost }).toEqual({ assignment: [0, 1], cost: 2 });
    expect(lowerBound).toBeCloseTo(2, 9);
  });

  it('uses a limited machine to its brim', async () => {
    const { assignment, status, cost } = await assign(
      gapOf(
        [
          [1, 1],
          [5, 5],
        ],
        [[4, 4]],
        [4, FREE],
      ),
    );
    expect(assignment.toSorted()).toEqual([0, 1]);
    expect({ status, cost }).toEqual({ status: 'optimal', cost: 6 });
  });

  it('minimizes negative costs', async () => {
    const result = await assign(
      gapOf(
        [
          [-5, -1],
          [-1, -7],
        ],
        [[1, 1]],
        [2, 2],
      ),
    );
    expect(result).toMatchObject({ status: 'optimal', cost: -12, assignment: [0, 1], gap: expect.closeTo(0, 9) });
  });

  it('closes no gap by costs that cancel', async () => {
    const result = await assign(
      gapOf(
        [
          [-4, 4],
          [-4, 4],
        ],
        [[1, 1]],
        [2, 2],
      ),
    );
    expect(result).toMatchObject({ status: 'optimal', cost: 0, gap: 0 });
  });

  it('takes one machine and one job', async () => {
    expect(await assign(gapOf([[7]], [[2]], [2]))).toMatchObject({ status: 'optimal', cost: 7, assignment: [0] });
  });

  it('takes no jobs at all', async () => {
    const none = gapOf([[], []], [[]], [1, 1]);
    expect(await assign(none)).toMatchObject({ status: 'optimal', cost: 0, lowerBound: 0, gap: 0, assignment: [] });
  });

  it('weighs a job by the machine that takes it', async () => {
    const result = await assign(
      gapOf(
        [
          [1, 1],
          [2, 2],
        ],
        [
          [6, 6],
          [3, 3],
        ],
        [5, 6],
      ),
    );
    expect(result).toMatchObject({ status: 'optimal', cost: 4, assignment: [1, 1] });
  });

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

  it('refuses a job that has no machine', async () => {
    await expect(
      assign(
        gapOf(
          [
            ['X', 1],
            ['X', 1],
          ],
          [[1, 1]],
          [5, 5],
        ),
      ),
    ).rejects.toMatchObject({ code: 'GAP_INVALID' });
  });

  it('gives a clean answer when it is stopped at once', async () => {
    const instance = gapOf(
      [
        [1, 2, 3],
        [3, 2, 1],
      ],
      [[4, 5, 6]],
      [9, 9],
    );
    for (const stop of [{ remainingMs: () => 0 }, { cancelled: () => true }]) {
      const result = await assign(instance, { ...UNLIMITED, ...stop });
      expect(Value.Check(GapResultSchema, result)).toBe(true);
      if (result.lowerBound !== null)
        expect(result.lowerBound).toBeLessThanOrEqual(bruteForceGap(instance).cost as number);
    }
  });
});

describe('assign on tiny instances', () => {
  async function expectRight(instance: GapInstance): Promise<void> {
    const before = structuredClone(instance);
    const result = await assign(instance);
    expect(instance).toEqual(before);
    expect(Value.Check(GapResultSchema, result)).toBe(true);
    const best = bruteForceGap(instance);
    const { status, cost, lowerBound, gap, overload, assignment } = result;
    const load = new Float64Array(instance.machineCount);
    let spent = 0;
    assignment.forEach((s, job) => {
      const arc = instance.machine.subarray(instance.start[job], instance.start[job + 1]).indexOf(s);
      expect(arc).toBeGreaterThanOrEqual(0);
      load[s] += instance.weight[instance.start[job] + arc];
      spent += instance.cost[instance.start[job] + arc];
    });
    const size = Math.max(1, ...instance.cost.map(Math.abs));
    expect(Math.abs(cost - spent)).toBeLessThanOrEqual(1e-12 * size);
    const over = load.reduce(
      (sum, one, s) => sum + (one > instance.capacity[s] * (1 + 1e-9) ? one - instance.capacity[s] : 0),
      0,
    );
    expect(Math.abs(overload.total - over)).toBeLessThanOrEqual(1e-12 * over);
    expect(status === 'overloaded').toBe(over > 0);
    expect(overload.leastPossible ?? 0).toBeLessThanOrEqual(best.overload * (1 + 1e-12));
    if (best.cost === null) expect(status).toBe('overloaded');
    else {
      expect(lowerBound).not.toBeNull();
      expect(overload.leastPossible).toBeNull();
      expect(lowerBound).toBeLessThanOrEqual(best.cost + 1e-12 * size);
    }
    if (status === 'overloaded') expect(gap).toBeNull();
    else {
      expect(cost).toBeGreaterThanOrEqual((best.cost as number) - 1e-12 * size);
      expect(gap).toBeGreaterThanOrEqual(0);
      if (status === 'optimal') expect(cost).toBeLessThanOrEqual((best.cost as number) + 1e-8 * size);
    }
  }

  it.each([1, 1e-9, 1e9])('never claims what brute force refutes, at scale %d', async (scale) => {
    await fc.assert(fc.asyncProperty(smallGap({ jobs: 6, machines: 3 }, scale), expectRight), {
      seed: 10,
      numRuns: scale === 1 ? 300 : 100,
    });
  });

  it('gives the same bytes again', async () => {
    const run = fc.asyncProperty(smallGap({ jobs: 25, machines: 5 }), async (instance) => {
      const [first, second] = [await assign(instance), await assign(instance)];
      expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    });
    await fc.assert(run, { seed: 11, numRuns: 40 });
  });
});
