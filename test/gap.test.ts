/** The generalized assignment problem on its own: edge cases. */
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { assign, GapResultSchema } from '../src/gap.ts';
import { relaxGap } from '../src/optimizer/gap/relaxation/gap-relaxation.ts';
import { loadSolver } from '../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';
import { denseGap } from '../src/problem/gap-instance.ts';
import { lcg } from './optimizer/gap/gap-arbitrary.ts';
import { gapOf } from './optimizer/gap/gap-cases.ts';
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

  it('does not take a cost of 0 for the least where costs may be negative', async () => {
    let seen = 0;
    for (let seed = 1; seed <= 700; seed++) {
      const random = lcg(seed);
      const below = (count: number) => Math.floor(random() * count);
      const draw = (length: number, one: () => number) => Float64Array.from({ length }, one);
      const instance = denseGap({
        machineCount: 3,
        jobCount: 5,
        costs: draw(15, () => below(7) - 3),
        weights: draw(15, () => 1 + below(5)),
        capacities: draw(3, () => 5 + below(4)),
      });
      const stopped = await assign(instance, { ...UNLIMITED, remainingMs: () => 0 });
      if (stopped.cost !== 0 || stopped.status === 'overloaded') continue;
      const best = bruteForceGap(instance).cost as number;
      expect(stopped.status, `seed ${seed}`).toBe(stopped.lowerBound === 0 ? 'optimal' : 'feasible');
      expect(stopped.gap).toBe(stopped.lowerBound === 0 ? 0 : 1);
      expect(stopped.lowerBound).toBeLessThanOrEqual(best);
      if (best < 0) seen++;
    }
    expect(seen).toBeGreaterThan(0);
  });

  it('says by prices that anyone can check what it claims', async () => {
    const fitting = await assign(
      gapOf(
        [
          [3, 1],
          [5, 2],
          [4, 4],
        ],
        [[2, 2]],
        [2, 2, FREE],
      ),
    );
    expect(fitting).toMatchObject({ status: 'optimal', cost: 5, certificate: { proves: 'cost' } });
    const full = await assign(
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
    expect(full).toMatchObject({ status: 'overloaded', certificate: { proves: 'overload' } });
    expect(full.certificate?.value).toBeCloseTo(9, 5);
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
