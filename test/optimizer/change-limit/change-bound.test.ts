/** What a limit on changes proves by itself, against everything tried. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { changeBound } from '../../../src/optimizer/change-limit/change-bound.ts';
import { buildProblem } from '../../../src/problem/problem.ts';
import { solve } from '../../../src/solve.ts';
import { BruteForce } from '../../oracle/brute-force.ts';
import { randomPayload } from '../../oracle/random-model.ts';

const SIZE = { points: 4, neighbors: 2, prefixes: 4, pairs: 7 };

describe.each(['ses', 'mes'] as const)('the bound of few changes, %s', (variant) => {
  it('is below every plan within the limit, at any prices, and the least overload with costs of 0', () => {
    let tight = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const payload = randomPayload(seed, SIZE);
      const terms = { variant, threshold: 1, changeCost: seed % 2 };
      const problem = buildProblem(buildModel(payload), terms);
      const brute = new BruteForce(payload, terms);
      for (const limit of [0, 1, 2]) {
        const { objective, overload } = brute.optimum(limit);
        for (const price of [0, 0.3, 1]) {
          const limited = [...problem.ingressCapacity, ...problem.egressCapacity].map((one) => one < Infinity);
          const prices = Float64Array.from(
            limited,
            (isLimited, side) => Number(isLimited && (side + seed) % 3 > 0) * price,
          );
          const what = `seed ${seed}, limit ${limit}, price ${price}`;
          const least = changeBound(problem, { limit, prices, costWeight: 0 });
          expect(least, what).toBeLessThanOrEqual(overload * (1 + 1e-9));
          const bound = changeBound(problem, { limit, prices, costWeight: 1 });
          if (objective !== null) expect(bound, what).toBeLessThanOrEqual(objective * (1 + 1e-12));
          if (objective !== null && bound > objective * (1 - 1e-9)) tight++;
        }
      }
    }
    expect(tight).toBeGreaterThan(5);
  });
});

describe('no change at all', () => {
  /** Two ways for each of two pairs, the cheaper one not in use. */
  const payload = (egressCapacity: number) => ({
    version: 1,
    routers: [{ id: 'a', egressCapacity }, { id: 'b' }, { id: 'c', egressCapacity: 8 }],
    distances: [
      { from: 'a', to: 'b', distance: 7 },
      { from: 'b', to: 'c', distance: 2 },
      { from: 'a', to: 'c', distance: 9 },
    ],
    neighbors: [{ id: 'n', ingress: ['b'] }],
    prefixes: ['192.0.2.0/24', '198.51.100.0/24'].map((prefix) => ({ id: prefix, prefix, egress: ['a', 'c'] })),
    traffic: ['192.0.2.0/24', '198.51.100.0/24'].map((prefix) => ({ neighbor: 'n', prefix, volume: 3 })),
    current: ['192.0.2.0/24', '198.51.100.0/24'].map((prefix) => ({
      neighbor: 'n',
      prefix,
      ingress: 'b',
      egress: 'a',
    })),
  });

  it.each(['auto', 'joint', 'exact'] as const)(
    'is optimal at once where the current choice fits: %s',
    async (method) => {
      const plan = await solve(payload(6), { method, variant: 'mes', maxChanges: 0 });
      expect(plan).toMatchObject({ status: 'optimal', cost: 42, stopped: 'done', overload: { total: 0 } });
      expect(plan.phases.map(({ phase }) => phase)).toEqual(['fewest changes']);
    },
  );

  it.each(['auto', 'joint', 'exact'] as const)('proves its overload at once where it does not: %s', async (method) => {
    const plan = await solve(payload(5), { method, variant: 'mes', maxChanges: 0 });
    expect(plan).toMatchObject({ status: 'overloaded', cost: 42, lowerBound: null, overload: { total: 1 } });
    expect(plan.overload.leastPossible).toBeCloseTo(1, 6);
    expect(plan.phases).toHaveLength(1);
  });
});
