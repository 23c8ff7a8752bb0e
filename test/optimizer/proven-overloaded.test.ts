/** A control is told that no plan fits if, and only if, that is proven; and it is true. */
import { expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { parseOptions } from '../../src/model/options.ts';
import { UNLIMITED } from '../../src/optimizer/run/run-control.ts';
import { solveModel } from '../../src/solve.ts';
import { BruteForce } from '../oracle/brute-force.ts';
import { type ModelPayload, randomPayload } from '../oracle/random-model.ts';

const SIZE = { points: 4, neighbors: 3, prefixes: 3, pairs: 6 };

async function run(payload: ModelPayload, options: object, isEnding = false) {
  let told = 0;
  const plan = await solveModel(buildModel(payload), parseOptions(options), {
    ...UNLIMITED,
    cancelled: () => isEnding && told > 0,
    provenOverloaded() {
      told++;
    },
  });
  return { plan, isTold: told > 0 };
}

it.each(['joint', 'exact', 'auto'] as const)('%s tells of every proof', async (method) => {
  const seen = { told: 0, untold: 0 };
  for (let seed = 1; seed <= 60; seed++) {
    const payload = randomPayload(seed, SIZE, { plain: true });
    const variant = seed % 2 === 0 ? 'ses' : 'mes';
    const { plan, isTold } = await run(payload, { variant, method });
    expect([seed, isTold]).toEqual([seed, (plan.overload.leastPossible ?? 0) > 0]);
    if (isTold)
      expect(new BruteForce(payload, { variant, threshold: 1, changeCost: 0 }).optimum().objective).toBeNull();
    seen[isTold ? 'told' : 'untold']++;
  }
  expect(Math.min(seen.told, seen.untold)).toBeGreaterThan(5);
});

it('a limit on changes that no plan fits within is told of, and the run may end there', async () => {
  const seen = { told: 0, byTheLimit: 0 };
  for (let seed = 1; seed <= 150; seed++) {
    const payload = randomPayload(seed, SIZE, { plain: true });
    const maxChanges = seed % 2;
    const terms = { variant: 'mes', threshold: 1, changeCost: 0 } as const;
    const best = new BruteForce(payload, terms).optimum(maxChanges);
    // The rules alone need more changes: refused.
    if (best.overload === Number.POSITIVE_INFINITY) continue;
    const { plan, isTold } = await run(payload, { ...terms, method: 'auto', maxChanges }, true);
    expect([seed, isTold]).toEqual([seed, best.objective === null]);
    if (isTold) expect(plan.status).toBe('overloaded');
    seen.told += Number(isTold);
    seen.byTheLimit += Number(isTold && new BruteForce(payload, terms).optimum().objective !== null);
  }
  expect(seen.told).toBeGreaterThan(5);
  expect(seen.byTheLimit).toBeGreaterThan(0);
});
