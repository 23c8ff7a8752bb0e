/** `assign`, wherever it is cut off and whichever run of its solver fails; and what it tells on the way. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { yagiuraGap } from '../../bench/gap-instances.ts';
import { assign, assignmentOfRemains, type GapResult } from '../../src/gap.ts';
import { LoadOracle } from '../../src/optimizer/gap/gap-load-oracle.ts';
import { GapSearch } from '../../src/optimizer/gap/gap-search.ts';
import { type Progress, UNLIMITED } from '../../src/optimizer/run/run-control.ts';
import { denseGap, type GapInstance } from '../../src/problem/gap-instance.ts';
import { smallGap } from '../optimizer/gap/gap-cases.ts';
import { bruteForceGap } from '../oracle/brute-force-gap.ts';
import { calm, solver } from '../oracle/failing-solver.ts';

vi.mock('highs', async (original) => {
  const { failing } = await import('../oracle/failing-solver.ts');
  return failing(await original<Parameters<typeof failing>[0]>());
});

beforeEach(calm);

const instances = smallGap({ jobs: 7, machines: 3 });

/** Its claims, against everything tried. */
function expectTrue(instance: GapInstance, result: GapResult): void {
  const optimum = bruteForceGap(instance);
  const slack = 1e-6 * Math.max(1, Math.abs(optimum.cost ?? 0));
  expect(result.assignment).toHaveLength(instance.jobCount);
  if (result.overload.total === 0) expect(result.cost).toBeGreaterThanOrEqual((optimum.cost as number) - slack);
  if (optimum.cost !== null) {
    expect(result.lowerBound).not.toBeNull();
    expect(result.lowerBound as number).toBeLessThanOrEqual(optimum.cost + slack);
    if (result.status === 'optimal') expect(result.cost).toBeLessThanOrEqual(optimum.cost + slack);
  }
  expect(result.overload.leastPossible ?? 0).toBeLessThanOrEqual(optimum.overload * (1 + 1e-6));
}

/** Asks how long it is left alone. */
function listening(endMs: number) {
  const begin = performance.now();
  let last = begin;
  const heard = { longest: 0 };
  const ask = (): number => {
    const now = performance.now();
    heard.longest = Math.max(heard.longest, now - last);
    last = now;
    return now - begin;
  };
  return { heard, control: { ...UNLIMITED, remainingMs: () => 1e6 - 0 * ask(), cancelled: () => ask() > endMs } };
}

describe('assign', () => {
  it('stays sound wherever it is cut off', async () => {
    const limits = fc.record({ polls: fc.integer({ min: 0, max: 40 }), isCancel: fc.boolean() });
    const run = fc.asyncProperty(instances, limits, async (instance, { polls, isCancel }) => {
      let asked = 0;
      const over = () => ++asked > polls;
      const remainingMs = () => (!isCancel && over() ? 0 : 1000);
      const result = await assign(instance, { ...UNLIMITED, remainingMs, cancelled: () => isCancel && over() });
      expectTrue(instance, result);
    });
    await fc.assert(run, { seed: 70, numRuns: 100 });
  });

  it('survives a failure of its solver, whichever run it is in', async () => {
    let [failed, refused] = [0, 0];
    const run = fc.asyncProperty(instances, fc.nat(5), fc.boolean(), async (instance, place, traps) => {
      Object.assign(solver, { runs: 0, failsAt: 1 + place, forever: false, traps });
      try {
        expectTrue(instance, await assign(instance));
        if (solver.runs > place) failed++;
      } catch (error) {
        // Without a relaxation there is no assignment yet.
        expect(error).toMatchObject({ code: 'SOLVER_FAILED' });
        refused++;
      }
    });
    await fc.assert(run, { seed: 71, numRuns: 200 });
    expect(failed).toBeGreaterThan(20);
    expect(refused).toBeLessThan(failed);
  });

  it('tells phase, incumbent and bound twice a second, and shows every assignment that is better', async () => {
    const instance = yagiuraGap('D', 10, 100, 5);
    const end = performance.now() + 2_500;
    const told: (Progress & { at: number })[] = [];
    const met: Int32Array[] = [];
    const result = await assign(instance, {
      remainingMs: () => end - performance.now(),
      cancelled: () => false,
      report: (progress) => told.push({ ...progress, at: performance.now() }),
      met: (assignment) => met.push(assignment),
    });
    const silences = told.slice(1).map(({ at }, place) => at - told[place].at);
    expect(Math.max(...silences)).toBeLessThan(500);
    expect(new Set(told.map(({ phase }) => phase))).toEqual(new Set(['relaxation', 'search', 'exact', 'dives']));
    const last = told.at(-1) as Progress;
    expect(last.incumbent).toBe(result.cost);
    expect(last.bound).toBe(result.lowerBound);
    const best = assignmentOfRemains(instance, met.at(-1) as Int32Array, last.bound);
    expect(best).toMatchObject({ status: 'feasible', cost: result.cost, assignment: result.assignment });
    expect(best.lowerBound as number).toBeLessThanOrEqual(result.lowerBound as number);
  });
});

describe('on instances of size', () => {
  it('the relaxation over loads can be left within 300 ms', () => {
    const [machineCount, jobCount] = [80, 400];
    const { weight, cost } = yagiuraGap('D', machineCount, jobCount, 5);
    const instance = denseGap({
      machineCount,
      jobCount,
      costs: Float64Array.from(
        { length: machineCount * jobCount },
        (_, at) => cost[(at % jobCount) * machineCount + Math.floor(at / jobCount)],
      ),
      weights: Float64Array.from(
        { length: machineCount * jobCount },
        (_, at) => 40 * weight[(at % jobCount) * machineCount + Math.floor(at / jobCount)],
      ),
      capacities: new Float64Array(machineCount).fill(20_000),
    });
    const { heard, control } = listening(500);
    const machines = Array.from({ length: machineCount }, (_, s) => s);
    const oracle = new LoadOracle(instance, machines, new Uint8Array(jobCount).fill(1), [], control);
    const prices = new Float64Array(jobCount).fill(900);
    expect(() => {
      for (;;) oracle.price(prices, 1, () => {});
    }).toThrow();
    expect(heard.longest).toBeLessThan(300);
  });

  it('the search can be left within 300 ms, while it is set up too', () => {
    const [machineCount, jobCount] = [200, 4_000];
    const instance = yagiuraGap('C', machineCount, jobCount, 3);
    const start = Int32Array.from({ length: jobCount }, (_, job) => instance.start[job] + (job % machineCount));
    const { heard, control } = listening(1_500);
    const search = new GapSearch(instance, new Float64Array(machineCount).fill(1), control);
    search.run({ start, target: 0, seed: 1, control });
    expect(heard.longest).toBeLessThan(300);
  });
});
