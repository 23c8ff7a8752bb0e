/** Every method against everything that can be tried: bounds, optima, statuses, proofs of overload. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { solve } from '../../src/solve.ts';
import { BruteForce, type Optimum, type Terms } from '../oracle/brute-force.ts';
import { type ModelPayload, randomPayload } from '../oracle/random-model.ts';

type Method = 'auto' | 'alternating' | 'exact' | 'biggest-first' | 'hot-potato';

/** The rounding of a sum, relative: what two ways of adding the same terms may differ by. */
const ROUNDING = 1e-12;

/** Null where the request is refused because the rules allow no plan at all. */
async function planOf(payload: ModelPayload, terms: Terms, method: Method): Promise<Plan | null> {
  try {
    return await solve(payload, { ...terms, method });
  } catch (error) {
    if (error instanceof EgressoError && error.code === 'NO_ENFORCEABLE_EGRESS') return null;
    throw error;
  }
}

function expectTrue(plan: Plan, best: Optimum, method: Method): void {
  const { status, objective, lowerBound, overload } = plan;
  expect(overload.leastPossible ?? 0).toBeLessThanOrEqual(best.overload * (1 + ROUNDING));
  if (best.objective === null) {
    expect(status).toBe('overloaded');
    expect(overload.total).toBeGreaterThanOrEqual(best.overload * (1 - 1e-9));
    // The integer program is finished: it knows that nothing fits.
    if (method === 'exact' || method === 'auto') {
      expect(lowerBound).toBeNull();
      expect(overload.leastPossible).not.toBeNull();
    }
    return;
  }
  expect(lowerBound).not.toBeNull();
  expect(overload.leastPossible).toBeNull();
  expect(lowerBound).toBeLessThanOrEqual(best.objective * (1 + ROUNDING));
  if (status !== 'overloaded') expect(objective).toBeGreaterThanOrEqual(best.objective * (1 - ROUNDING));
  if (status === 'optimal') expect(objective).toBeLessThanOrEqual(best.objective * (1 + 2e-9));
  if (method === 'auto') expect(status).not.toBe('overloaded');
  if (method !== 'exact') return;
  expect(status).toBe('optimal');
  expect(Math.abs(objective - best.objective)).toBeLessThanOrEqual(1e-9 * best.objective);
}

const drawn = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  variant: fc.constantFrom('ses', 'mes'),
  threshold: fc.constantFrom(1, 1, 0.8),
  changeCost: fc.constantFrom(0, 0, 2),
});
const SIZE = { points: 4, neighbors: 3, prefixes: 3, pairs: 6 };

async function compare(methods: readonly Method[], scale: number, seed: number, numRuns: number): Promise<Set<string>> {
  const seen = new Set<string>();
  const run = fc.asyncProperty(drawn, async ({ seed: model, ...terms }) => {
    const payload = randomPayload(model, SIZE, { scale });
    const best = new BruteForce(payload, terms).optimum();
    seen.add(best.objective !== null ? 'fits' : best.overload < Infinity ? 'overloaded' : 'refused');
    for (const method of methods) {
      const plan = await planOf(payload, terms, method);
      expect(plan === null).toBe(best.overload === Infinity);
      if (plan !== null) expectTrue(plan, best, method);
    }
  });
  await fc.assert(run, { seed, numRuns });
  return seen;
}

describe('against brute force', () => {
  it('every method claims what is true', async () => {
    const seen = await compare(['auto', 'alternating', 'exact', 'biggest-first', 'hot-potato'], 1, 20, 900);
    expect([...seen].sort()).toEqual(['fits', 'overloaded', 'refused']);
  });

  it.each([1e-9, 3.3e-5, 1e9])('so do bound and optimum at scale %d of volumes and capacities', async (scale) => {
    await compare(['exact', 'auto'], scale, 21, 250);
  });

  it.each([1e-12, 1e12])('so do they at scale %d of what a unit costs', async (scale) => {
    for (let seed = 1; seed <= 40; seed++) {
      const payload = randomPayload(seed, SIZE);
      for (const one of payload.distances) one.distance *= scale;
      for (const one of [...payload.routers, ...payload.interfaces]) if (one.price !== undefined) one.price *= scale;
      for (const one of payload.prefixes.flatMap(({ egress }) => egress ?? [])) one.penalty *= scale;
      for (const variant of ['ses', 'mes'] as const) {
        const terms = { variant, threshold: 1, changeCost: 0 };
        const best = new BruteForce(payload, terms).optimum();
        for (const method of ['exact', 'auto'] as const) {
          const plan = await planOf(payload, terms, method);
          expect(plan === null).toBe(best.overload === Infinity);
          if (plan !== null) expectTrue(plan, best, method);
        }
      }
    }
  });

  it('the bound of a choice without capacities is the optimum itself', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const payload = randomPayload(seed, SIZE);
      for (const point of [...payload.routers, ...payload.interfaces]) {
        delete point.ingressCapacity;
        delete point.egressCapacity;
      }
      for (const variant of ['ses', 'mes'] as const) {
        const terms = { variant, threshold: 1, changeCost: 0 };
        const best = new BruteForce(payload, terms).optimum();
        const plan = await planOf(payload, terms, 'auto');
        if (plan === null) expect(best.overload).toBe(Infinity);
        else expect(plan).toMatchObject({ status: 'optimal', overload: { total: 0 } });
        if (plan !== null)
          expect(Math.abs(plan.objective - (best.objective as number))).toBeLessThanOrEqual(1e-9 * plan.objective);
      }
    }
  });
});
