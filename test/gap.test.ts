/** The generalized assignment problem on its own: edge cases, and everything that brute force can say of tiny ones. */
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { assign, type GapResult, GapResultSchema } from '../src/gap.ts';
import { relaxGap } from '../src/optimizer/gap/relaxation/gap-relaxation.ts';
import { loadSolver } from '../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';
import { denseGap, type GapInstance } from '../src/problem/gap-instance.ts';
import { lcg } from './optimizer/gap/gap-arbitrary.ts';
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

/** Weak duality by the formula of the schema, from nothing but the instance and the answer. */
function expectCertified(instance: GapInstance, { certificate, lowerBound, overload }: GapResult): void {
  if (certificate === null) return;
  const { prices, proves, value } = certificate;
  const { jobCount, start, machine, cost, weight, capacity } = instance;
  let sum = 0;
  let size = 0;
  const add = (term: number) => {
    sum += term;
    size += Math.abs(term);
  };
  for (let job = 0; job < jobCount; job++) {
    let least = Infinity;
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      const s = machine[arc];
      if (proves === 'cost' && weight[arc] > capacity[s] * (1 + 1e-9)) continue;
      least = Math.min(least, (proves === 'cost' ? cost[arc] : 0) + prices[s] * weight[arc]);
    }
    add(least);
  }
  prices.forEach((price, s) => {
    expect(price).toBeGreaterThanOrEqual(0);
    if (proves === 'overload') expect(price).toBeLessThanOrEqual(1);
    if (price > 0) add(-price * capacity[s] * (1 + 1e-9));
  });
  expect(Math.abs(sum - value)).toBeLessThanOrEqual(1e-12 * size);
  const claimed = proves === 'cost' ? lowerBound : overload.leastPossible;
  expect(claimed).toBeGreaterThanOrEqual(value - 1e-9 * size);
}

describe('assign on tiny instances', () => {
  async function expectRight(instance: GapInstance, control = UNLIMITED): Promise<void> {
    const before = structuredClone(instance);
    const result = await assign(instance, control);
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
    // Nothing fits by proof, or the amount is proven: one is not said without the other.
    expect(overload.leastPossible === null).toBe(lowerBound !== null);
    expectCertified(instance, result);
    const { certificate } = result;
    if (certificate !== null) {
      const least = certificate.proves === 'cost' ? (best.cost ?? Infinity) : best.overload;
      expect(certificate.value).toBeLessThanOrEqual(least + 1e-12 * Math.max(size, least));
    }
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
    const run = fc.asyncProperty(smallGap({ jobs: 6, machines: 3 }, scale), (instance) => expectRight(instance));
    await fc.assert(run, {
      seed: 10,
      numRuns: scale === 1 ? 300 : 100,
    });
  });

  it('stays sound wherever it is cut off, with negative costs too', async () => {
    const shift = fc.constantFrom(0, -3, -20);
    const run = fc.asyncProperty(smallGap({ jobs: 6, machines: 3 }), shift, fc.nat(40), async (instance, by, polls) => {
      let asked = 0;
      const remainingMs = () => (++asked > polls ? 0 : 1000);
      const cost = instance.cost.map((one) => one + by);
      await expectRight({ ...instance, cost }, { ...UNLIMITED, remainingMs });
    });
    await fc.assert(run, { seed: 12, numRuns: 300 });
  });

  it('gives the same bytes again', async () => {
    const run = fc.asyncProperty(smallGap({ jobs: 25, machines: 5 }), async (instance) => {
      const [first, second] = [await assign(instance), await assign(instance)];
      expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    });
    await fc.assert(run, { seed: 11, numRuns: 40 });
  });
});
