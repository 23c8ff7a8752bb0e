/** A limit on changes, against everything tried; and what a current choice is worth. */
import { describe, expect, it } from 'vitest';
import { EgressoError } from '../../../src/errors.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { type RunControl, UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { checkAssignments } from '../../../src/plan/check.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { solve } from '../../../src/solve.ts';
import { BruteForce } from '../../oracle/brute-force.ts';
import { type ModelPayload, randomPayload } from '../../oracle/random-model.ts';

const CASES = 150;

/** A payload in which most rows have a current choice that is allowed. */
function withCurrent(seed: number): ModelPayload {
  const payload = randomPayload(seed, { points: 4, neighbors: 2, prefixes: 4, pairs: 7 });
  for (const point of [...payload.routers, ...payload.interfaces]) {
    if (point.ingressCapacity !== undefined) point.ingressCapacity *= 1 + (seed % 3);
    if (point.egressCapacity !== undefined) point.egressCapacity *= 1 + (seed % 3);
  }
  const rows = new Map(payload.current.map((one) => [`${one.neighbor} ${one.prefix}`, one]));
  payload.traffic.forEach(({ neighbor, prefix }, at) => {
    if (rows.has(`${neighbor} ${prefix}`) || at % 4 === 3) return;
    const ingress = payload.neighbors.find(({ id }) => id === neighbor)!.ingress;
    const egress = payload.prefixes.find(({ id }) => id === prefix)!.egress!;
    payload.current.push({
      neighbor,
      prefix,
      ingress: ingress[seed % ingress.length],
      egress: egress[(seed >> 2) % egress.length].at,
    });
  });
  return payload;
}

async function attempt(payload: ModelPayload, options: object, control?: RunControl): Promise<Plan | EgressoError> {
  try {
    return await solve(payload, options, control);
  } catch (error) {
    if (error instanceof EgressoError) return error;
    throw error;
  }
}

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));

describe.each(['ses', 'mes'] as const)('%s', (variant) => {
  it.each(['exact', 'auto', 'joint'] as const)(
    '%s: the best plan within the limit, or a bound on it',
    async (method) => {
      const seen = { refused: 0, overloaded: 0, limited: 0, fitting: 0, optimal: 0 };
      for (let seed = 1; seed <= CASES; seed++) {
        const payload = withCurrent(seed);
        const terms = { variant, threshold: 1, changeCost: seed % 3 === 0 ? 2 : 0 };
        const maxChanges = seed % 4;
        const brute = new BruteForce(payload, terms);
        const expected = brute.optimum(maxChanges);
        const plan = await attempt(payload, { ...terms, method, maxChanges });
        const what = `seed ${seed}`;
        if (plan instanceof EgressoError) {
          expect(['OPTIONS_INVALID', 'NO_ENFORCEABLE_EGRESS'], what).toContain(plan.code);
          expect(expected.overload, what).toBe(Infinity);
          seen.refused++;
          continue;
        }
        const check = checkAssignments(buildModel(payload), plan.assignments, { ...terms, maxChanges });
        expect(check.changes, what).toBeLessThanOrEqual(maxChanges);
        if (expected.objective === null) {
          expect(plan.status, what).toBe('overloaded');
          expect(plan.overload.leastPossible ?? 0, what).toBeLessThanOrEqual(expected.overload * (1 + 1e-9));
          if (method !== 'joint') expect(near(plan.overload.total, expected.overload), what).toBe(true);
          seen.overloaded++;
          continue;
        }
        expect(plan.lowerBound ?? Infinity, what).toBeLessThanOrEqual(expected.objective * (1 + 1e-9) + 1e-9);
        if (expected.objective > (brute.optimum().objective as number)) seen.limited++;
        seen.fitting++;
        // Where some plan fits it is found, by what takes its time for it.
        if (method !== 'joint') expect(plan.overload.total, what).toBe(0);
        if (plan.overload.total === 0) {
          expect(plan.objective, what).toBeGreaterThanOrEqual(expected.objective * (1 - 1e-9));
          if (near(plan.objective, expected.objective)) seen.optimal++;
        }
        if (method === 'exact') expect(near(plan.objective, expected.objective), what).toBe(true);
      }
      expect(seen.limited).toBeGreaterThan(10);
      expect(seen.optimal).toBeGreaterThanOrEqual({ exact: 1, auto: 0.95, joint: 0.6 }[method] * seen.fitting);
      expect(seen.refused).toBeGreaterThan(0);
      expect(seen.overloaded).toBeGreaterThan(5);
    },
  );

  it('stays sound wherever it is cut off', async () => {
    let seen = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const payload = withCurrent(seed);
      const terms = { variant, threshold: 1, changeCost: 0 };
      const maxChanges = seed % 4;
      const expected = new BruteForce(payload, terms).optimum(maxChanges);
      let asked = 0;
      const over = () => ++asked > (7 * seed) % 90;
      const isCancel = seed % 5 === 0;
      const control = {
        ...UNLIMITED,
        remainingMs: () => (!isCancel && over() ? 0 : 1000),
        cancelled: () => isCancel && over(),
      };
      const method = (['auto', 'joint', 'exact'] as const)[seed % 3];
      const plan = await attempt(payload, { ...terms, method, maxChanges }, control);
      const what = `seed ${seed}`;
      if (plan instanceof EgressoError) continue;
      seen++;
      const check = checkAssignments(buildModel(payload), plan.assignments, { ...terms, maxChanges });
      expect(check.changes, what).toBeLessThanOrEqual(maxChanges);
      expect(plan.overload.leastPossible ?? 0, what).toBeLessThanOrEqual(expected.overload * (1 + 1e-9));
      if (expected.objective === null) expect(plan.status, what).toBe('overloaded');
      else {
        expect(plan.lowerBound, what).not.toBeNull();
        expect(plan.lowerBound, what).toBeLessThanOrEqual(expected.objective * (1 + 1e-9));
        if (plan.status === 'optimal') expect(near(plan.objective, expected.objective), what).toBe(true);
      }
    }
    expect(seen).toBeGreaterThan(30);
  });

  it('starts from the current choice too, and is never worse than without or than that choice', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const payload = randomPayload(seed, { points: 6, neighbors: 4, prefixes: 8, pairs: 24 }, { plain: true });
      const options = { variant, method: 'joint', gapTarget: 0 };
      const cold = await attempt({ ...payload, current: [] }, options);
      if (cold instanceof EgressoError) continue;
      const other = (await solve(
        { ...payload, current: [] },
        { variant, method: 'alternating', iterations: 1 },
      )) as Plan;
      for (const current of [cold.assignments, other.assignments]) {
        const warm = await solve({ ...payload, current }, options);
        const known = [cold, current === cold.assignments ? cold : other];
        for (const { overload, objective } of known) {
          expect(warm.overload.total, `seed ${seed}`).toBeLessThanOrEqual(overload.total + 1e-9);
          if (warm.overload.total < overload.total) continue;
          expect(warm.objective, `seed ${seed}`).toBeLessThanOrEqual(objective * (1 + 1e-9));
        }
      }
    }
  });
});

it.each(['alternating', 'biggest-first', 'hot-potato'])('%s takes no limit on changes, and says so', async (method) => {
  const error = await attempt(withCurrent(1), { method, maxChanges: 3 });
  expect(error).toMatchObject({ code: 'OPTIONS_INVALID', errors: [{ pointer: '/options/maxChanges' }] });
});
