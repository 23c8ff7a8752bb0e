/** Parts of a problem, and the search that solves them one after the other. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { biggestFirst } from '../../../src/optimizer/alternation/baselines.ts';
import { prefixesWithoutSingleEgress } from '../../../src/optimizer/alternation/start.ts';
import { searchExactly } from '../../../src/optimizer/matheuristic/exact-neighborhood.ts';
import { subProblem } from '../../../src/optimizer/matheuristic/sub-problem.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { Incumbent } from '../../../src/optimizer/run/incumbent.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { evaluate } from '../../../src/problem/choice.ts';
import { buildProblem, isAllowed, type Problem } from '../../../src/problem/problem.ts';
import { BruteForce } from '../../oracle/brute-force.ts';
import { payloadOf, randomPayload } from '../../oracle/random-model.ts';

beforeAll(loadSolver);

function drawn(seed: number, changeCost: number): Problem | null {
  const payload = randomPayload(seed, { points: 6, neighbors: 4, prefixes: 6, pairs: 14 });
  const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost });
  return prefixesWithoutSingleEgress(problem).length > 0 ? null : problem;
}

describe('subProblem', () => {
  it('is the whole seen from some prefixes: same ways, same costs, the room that the others leave', () => {
    let parts = 0;
    const subset = fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(0, 3), subset, (seed, changeCost, wanted) => {
        const whole = drawn(seed, changeCost);
        if (whole === null) return;
        const traffic = (k: number) => k < whole.prefixCount && whole.pairStart[k] < whole.pairStart[k + 1];
        const prefixes = Int32Array.from(wanted.filter(traffic));
        if (prefixes.length === 0) return;
        parts++;
        const choice = biggestFirst(whole);
        const part = subProblem(whole, prefixes, choice);
        const own = part.restrict(choice);
        expect(part.merge(choice, own)).toEqual(choice);
        const rest = [...whole.pairPrefix.keys()].filter((pair) => !prefixes.includes(whole.pairPrefix[pair]));
        const beside = subProblem(whole, Int32Array.from(new Set(rest.map((pair) => whole.pairPrefix[pair]))), choice);
        const objective = evaluate(part.problem, own).objective;
        const others = evaluate(beside.problem, beside.restrict(choice)).objective;
        expect(objective + others).toBeCloseTo(evaluate(whole, choice).objective, 6);
        own.slot.forEach((slot, pair) => {
          expect(isAllowed(part.problem, pair, own.ingress[pair], slot)).toBe(true);
        });
        for (let point = 0; point < whole.pointCount; point++) {
          const load = rest.reduce((sum, p) => sum + (choice.ingress[p] === point ? whole.pairVolume[p] : 0), 0);
          const left = Math.max(0, whole.ingressCapacity[point] - load);
          if (left < Infinity) expect(part.problem.ingressCapacity[point]).toBeCloseTo(left, 6);
          else expect(part.problem.ingressCapacity[point]).toBe(Infinity);
        }
      }),
      { seed: 60, numRuns: 400 },
    );
    expect(parts).toBeGreaterThan(100);
  });
});

describe('searchExactly', () => {
  it.each(['ses', 'mes'] as const)('%s: never ends worse, nearly always at the optimum of tiny models', (variant) => {
    let solved = 0;
    let optimal = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const payload = randomPayload(seed, { points: 5, neighbors: 3, prefixes: 3, pairs: 7 });
      const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
      if (problem.totalVolume === 0 || prefixesWithoutSingleEgress(problem).length > 0) continue;
      const first = biggestFirst(problem);
      const before = evaluate(problem, first);
      const run = () => {
        const incumbent = Incumbent.of(problem, first);
        searchExactly(problem, incumbent, { variant, seed: 3, target: -1, control: UNLIMITED });
        return incumbent.candidate;
      };
      const { choice, evaluation } = run();
      expect(evaluation.overload).toBeLessThanOrEqual(before.overload);
      if (evaluation.overload === before.overload) expect(evaluation.objective).toBeLessThanOrEqual(before.objective);
      expect(run().choice).toEqual(choice);
      const best = new BruteForce(payload, { variant, threshold: 1, changeCost: 0 }).optimum();
      if (best.objective === null || evaluation.overload > 0) continue;
      solved++;
      expect(evaluation.objective).toBeGreaterThanOrEqual(best.objective * (1 - 1e-9) - 1e-9);
      if (evaluation.objective <= best.objective * (1 + 1e-9) + 1e-9) optimal++;
    }
    expect(solved).toBeGreaterThan(15);
    expect(optimal).toBeGreaterThanOrEqual(0.9 * solved);
  });

  it('ends without a clock where one prefix alone is too large for it', () => {
    const points = Array.from({ length: 80 }, (_, at) => `b${at}`);
    const payload = payloadOf({
      routers: points.map((id) => ({ id, egressCapacity: 5 })),
      distances: points.flatMap((from, a) =>
        points.slice(a + 1).map((to, at) => ({ from, to, distance: 1 + (at % 3) })),
      ),
      neighbors: [{ id: 'A', ingress: points }],
      prefixes: [{ id: 'P', prefix: '10.0.0.0/8', egress: points }],
      traffic: [{ neighbor: 'A', prefix: 'P', volume: 1 }],
    });
    const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
    let asked = 0;
    const cancelled = () => ++asked > 1000;
    const incumbent = Incumbent.of(problem, biggestFirst(problem));
    searchExactly(problem, incumbent, { variant: 'ses', seed: 1, target: -1, control: { ...UNLIMITED, cancelled } });
    expect(asked).toBeLessThan(10);
  });
});
