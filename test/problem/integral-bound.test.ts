import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { hasIntegralObjective, roundedUp } from '../../src/problem/integral-bound.ts';
import { buildProblem } from '../../src/problem/problem.ts';
import { solve } from '../../src/solve.ts';
import { BruteForce } from '../oracle/brute-force.ts';
import { randomPayload } from '../oracle/random-model.ts';

function problemOf(change: (payload: ReturnType<typeof randomPayload>) => void, changeCost = 0) {
  const payload = randomPayload(5, { points: 5, neighbors: 3, prefixes: 4, pairs: 8 });
  for (const one of payload.traffic) one.volume = Math.ceil(one.volume);
  change(payload);
  return buildProblem(buildModel(payload), { threshold: 1, changeCost });
}

describe('integral bound', () => {
  it('rounds up what is between whole numbers, and trusts six digits', () => {
    expect(roundedUp(241812.9997)).toBe(241813);
    expect(roundedUp(241812.3)).toBe(241813);
    expect(roundedUp(241813.0000001)).toBe(241813.0000001);
    expect(roundedUp(0)).toBe(0);
    expect(roundedUp(12345678.5)).toBe(12345678.5);
  });

  it('asks volumes, distances and costs to be whole', () => {
    expect(hasIntegralObjective(problemOf(() => {}))).toBe(true);
    const halves = problemOf(({ traffic }) => {
      for (const one of traffic) one.volume += 0.5;
    });
    expect(hasIntegralObjective(halves)).toBe(false);
    expect(hasIntegralObjective(problemOf(() => {}, 0.25))).toBe(false);
  });

  it('never exceeds the optimum, as brute force has it', async () => {
    let seen = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const payload = randomPayload(seed, { points: 5, neighbors: 3, prefixes: 4, pairs: 8 });
      for (const one of payload.traffic) one.volume = Math.ceil(one.volume);
      for (const variant of ['ses', 'mes'] as const) {
        const best = new BruteForce(payload, { variant, threshold: 1, changeCost: 0 }).optimum();
        if (best.objective === null) continue;
        seen++;
        for (const method of ['joint', 'exact']) {
          const { lowerBound } = await solve(payload, { variant, method });
          expect(lowerBound).toBeLessThanOrEqual(best.objective);
        }
      }
    }
    expect(seen).toBeGreaterThan(10);
  });
});
