/** What every method of every variant keeps, whatever it finds. */
import fc from 'fast-check';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { type Progress, type RunControl, UNLIMITED } from '../../src/optimizer/run/run-control.ts';
import { checkAssignments } from '../../src/plan/check.ts';
import { type Plan, PlanSchema } from '../../src/plan/plan.ts';
import { relativeGap } from '../../src/problem/relative-gap.ts';
import { solve } from '../../src/solve.ts';
import { BruteForce } from '../oracle/brute-force.ts';
import { type ModelPayload, randomPayload } from '../oracle/random-model.ts';

const METHODS = ['auto', 'alternating', 'joint', 'exact', 'biggest-first', 'hot-potato'] as const;
const CASES = METHODS.flatMap((method) => (['ses', 'mes'] as const).map((variant) => ({ method, variant })));
type Case = (typeof CASES)[number];

const TINY = { points: 4, neighbors: 3, prefixes: 3, pairs: 6 };
const SIZE = { points: 6, neighbors: 4, prefixes: 6, pairs: 14 };
const models = fc.integer({ min: 0, max: 1e6 }).map((seed) => randomPayload(seed, SIZE));
const terms = fc.record({ threshold: fc.constantFrom(1, 0.75), changeCost: fc.constantFrom(0, 1.5) });

/** Null where the rules allow no plan: the only refusal that a good request may meet. */
async function planOf(payload: unknown, options: object, control: RunControl = UNLIMITED): Promise<Plan | null> {
  try {
    return await solve(payload, options, control);
  } catch (error) {
    if (error instanceof EgressoError && error.code === 'NO_ENFORCEABLE_EGRESS') return null;
    throw error;
  }
}

function expectPlan(payload: ModelPayload, plan: Plan): void {
  expect(Value.Check(PlanSchema, plan)).toBe(true);
  const model = buildModel(payload);
  const { variant, threshold, changeCost, status, gap, lowerBound, objective, overload, assignments } = plan;
  expect(plan.modelHash).toBe(model.hash);

  const check = checkAssignments(model, assignments, { variant, threshold, changeCost });
  const rules = new Set(check.violations.map(({ rule }) => rule));
  const isOverloaded = rules.delete('ingress-capacity') || rules.has('egress-capacity');
  rules.delete('egress-capacity');
  expect([...rules]).toEqual([]);
  expect(plan.cost).toBe(check.cost);
  expect(objective).toBe(check.cost + check.changeCost);
  expect(overload.total).toBe(check.overload);
  expect(status === 'overloaded').toBe(isOverloaded);
  expect(overload.points.length > 0).toBe(isOverloaded);
  expect(overload.points.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(overload.total, 9);

  const places = assignments.map(({ prefix, neighbor }) => [prefix, neighbor]);
  const sorted = places.toSorted(([p, a], [q, b]) => (p < q ? -1 : p > q ? 1 : a < b ? -1 : 1));
  expect(places).toEqual(sorted);
  expect(assignments).toHaveLength(payload.traffic.length);

  if (isOverloaded || lowerBound === null) expect(gap).toBeNull();
  else {
    expect(lowerBound).toBeLessThanOrEqual(objective);
    expect(gap).toBe(objective === 0 ? 0 : (objective - lowerBound) / objective);
  }
  if (status === 'optimal') expect(gap).toBeLessThanOrEqual(1e-9);
  if (status === 'feasible') expect(gap === null || gap > 1e-9).toBe(true);
  if (lowerBound === null) expect(overload.leastPossible).not.toBeNull();
  if (overload.leastPossible !== null) expect(lowerBound).toBeNull();
  for (const { ingress, egress } of plan.points) {
    expect(ingress.shadowPrice).toBeGreaterThanOrEqual(0);
    expect(egress.shadowPrice).toBeGreaterThanOrEqual(0);
  }
}

/** Every list of the payload in another order, and the lists within. */
function shuffled(payload: ModelPayload, seed: number): ModelPayload {
  const generator = xoroshiro128plus(seed);
  const mix = <T>(list: readonly T[]): T[] => {
    const left = [...list];
    return list.map(() => left.splice(uniformInt(generator, 0, left.length - 1), 1)[0]);
  };
  return {
    version: 1,
    current: mix(payload.current),
    traffic: mix(payload.traffic),
    sessions: mix(payload.sessions),
    advertisements: mix(payload.advertisements),
    prefixes: mix(payload.prefixes).map((one) => ({ ...one, ...(one.egress ? { egress: mix(one.egress) } : {}) })),
    neighbors: mix(payload.neighbors).map((one) => ({ ...one, ingress: mix(one.ingress) })),
    distances: mix(payload.distances),
    interfaces: mix(payload.interfaces),
    routers: mix(payload.routers),
  };
}

describe.each(CASES)('$method, $variant', ({ method, variant }: Case) => {
  const runs = (numRuns: number, seed: number) => ({ seed, numRuns });

  it('gives a plan that the check accepts, capacity aside, and consistent claims about it', async () => {
    const run = fc.asyncProperty(models, terms, async (payload, extra) => {
      const plan = await planOf(payload, { method, variant, ...extra });
      if (plan === null) return;
      expectPlan(payload, plan);
      expect(plan).toMatchObject({ method, variant, seed: 1, ...extra });
      expect(['time', 'cancelled']).not.toContain(plan.stopped);
    });
    await fc.assert(run, runs(50, 30));
  });

  it('gives the same bytes again, and for any order of the input', async () => {
    const run = fc.asyncProperty(models, terms, fc.integer(), async (payload, extra, seed) => {
      const options = { method, variant, ...extra };
      const first = JSON.stringify(await planOf(payload, options));
      expect(JSON.stringify(await planOf(structuredClone(payload), options))).toBe(first);
      expect(JSON.stringify(await planOf(shuffled(payload, seed), options))).toBe(first);
    });
    await fc.assert(run, runs(20, 31));
  });

  it('leaves the payload alone and echoes the seed', async () => {
    const payload = randomPayload(77, SIZE);
    const before = structuredClone(payload);
    for (const seed of [0, 7, 4294967295]) {
      const plan = await planOf(payload, { method, variant, seed });
      expect(plan?.seed).toBe(seed);
    }
    expect(payload).toEqual(before);
  });

  it('gives a plan and true claims when no time is left, and says so', async () => {
    const run = fc.asyncProperty(models, async (payload) => {
      const plan = await planOf(payload, { method, variant }, { ...UNLIMITED, remainingMs: () => 0 });
      if (plan === null) return;
      expectPlan(payload, plan);
      if (plan.gap === null || plan.gap > 1e-4) expect(plan.stopped).toBe('time');
    });
    await fc.assert(run, runs(20, 32));
  });

  it('stays sound wherever it is cut off', async () => {
    const limits = fc.record({ polls: fc.integer({ min: 0, max: 60 }), isCancel: fc.boolean() });
    const run = fc.asyncProperty(models, limits, async (payload, { polls, isCancel }) => {
      let asked = 0;
      const over = () => ++asked > polls;
      const control = {
        ...UNLIMITED,
        remainingMs: () => (!isCancel && over() ? 0 : 1000),
        cancelled: () => isCancel && over(),
      };
      const plan = await planOf(payload, { method, variant }, control);
      if (plan === null) return;
      expectPlan(payload, plan);
      if (plan.stopped === 'cancelled') expect(isCancel).toBe(true);
      if (plan.stopped === 'time') expect(isCancel).toBe(false);
    });
    await fc.assert(run, runs(50, 33));
  });

  it('says that it was cancelled', async () => {
    const plan = await planOf(randomPayload(78, SIZE), { method, variant }, { ...UNLIMITED, cancelled: () => true });
    expect(plan?.stopped).toBe('cancelled');
  });

  it('reports only bounds and incumbents that hold, as brute force has it', async () => {
    const tiny = fc.integer({ min: 0, max: 1e6 }).map((seed) => randomPayload(seed, TINY));
    const run = fc.asyncProperty(tiny, async (payload) => {
      const { objective } = new BruteForce(payload, { variant, threshold: 1, changeCost: 0 }).optimum();
      const reports: Progress[] = [];
      const report = (progress: Progress) => reports.push(progress);
      const plan = await planOf(payload, { method, variant }, { ...UNLIMITED, report });
      if (plan === null) return;
      for (const { incumbent, bound, gap } of reports) {
        expect(gap).toBe(incumbent === null || bound === null ? null : relativeGap(incumbent, bound));
        if (incumbent !== null) expect(incumbent).toBeGreaterThanOrEqual((objective ?? Infinity) * (1 - 1e-6));
        if (bound !== null) expect(bound).toBeLessThanOrEqual((objective ?? Infinity) * (1 + 1e-6));
      }
    });
    await fc.assert(run, runs(40, 34));
  });
});
