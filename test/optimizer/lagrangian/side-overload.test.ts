/** The overload that the sides prove by themselves, against everything tried, and against sums that anyone can check. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { THOROUGH } from '../../../src/optimizer/kernels/prefix-kernel.ts';
import { lowerBound } from '../../../src/optimizer/lagrangian/bound.ts';
import { PrefixPlanner } from '../../../src/optimizer/lagrangian/prefix-plan.ts';
import { sideOverload } from '../../../src/optimizer/lagrangian/side-overload.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { buildProblem } from '../../../src/problem/problem.ts';
import { BruteForce } from '../../oracle/brute-force.ts';
import { payloadOf, randomPayload } from '../../oracle/random-model.ts';

beforeAll(loadSolver);

const ROUTERS = 6;
const PREFIXES = 40;

/** Volume 4 for each pair of 3 neighbors; all capacities together are 10 % less than the traffic, on both sides. */
function tooLittle() {
  const volume = 4 * 3 * PREFIXES;
  const ids = Array.from({ length: ROUTERS }, (_, at) => `r${at}`);
  const capacity = (0.9 * volume) / ROUTERS;
  return {
    version: 1,
    routers: ids.map((id) => ({ id, ingressCapacity: capacity, egressCapacity: capacity })),
    distances: ids.flatMap((from, i) => ids.slice(i + 1).map((to, at) => ({ from, to, distance: 3 + i + at }))),
    neighbors: ['n0', 'n1', 'n2'].map((id) => ({ id, ingress: ids })),
    prefixes: Array.from({ length: PREFIXES }, (_, k) => ({ id: `p${k}`, prefix: `10.${k}.0.0/16`, egress: ids })),
    traffic: Array.from({ length: 3 * PREFIXES }, (_, at) => ({
      neighbor: `n${at % 3}`,
      prefix: `p${Math.floor(at / 3)}`,
      volume: 4,
    })),
  };
}

describe('the overload that sides prove by themselves', () => {
  it('is what the traffic is above all capacity', () => {
    const problem = buildProblem(buildModel(tooLittle()), { threshold: 1, changeCost: 0 });
    const { amount, prices } = sideOverload(problem, UNLIMITED);
    expect(amount).toBeCloseTo(2 * 0.1 * problem.totalVolume, 5);
    expect(amount).toBeLessThanOrEqual(2 * 0.1 * problem.totalVolume);
    for (const price of prices) expect(price).toBeCloseTo(1, 9);
  });

  it.each(['ses', 'mes'] as const)('is proven though time is over before the bound has begun: %s', (variant) => {
    const problem = buildProblem(buildModel(tooLittle()), { threshold: 1, changeCost: 0 });
    let reports = 0;
    const control = {
      ...UNLIMITED,
      remainingMs: () => (reports < 2 ? 1e6 : 0),
      report: () => {
        reports++;
      },
    };
    const planner = new PrefixPlanner(problem, variant, control);
    const bound = lowerBound(problem, planner, { tolerance: 1e-8, maxRounds: 100, control });
    expect(reports).toBeGreaterThanOrEqual(2);
    expect(bound.lowerBound).toBeNull();
    expect(bound.leastOverload).toBeCloseTo(0.2 * problem.totalVolume, 5);
  });

  it.each(['ses', 'mes'] as const)('is raised before the bound at real cost takes the time: %s', (variant) => {
    // All 10 have to leave at e1, as A is in the path at e2; the sides know only that 10 are more than 6 and 3.
    const ids = Array.from({ length: 10 }, (_, k) => `p${k}`);
    const prefixes = ids.map((id, k) => ({ id, prefix: `10.${k}.0.0/16` }));
    const payload = payloadOf({
      routers: [{ id: 'i' }, { id: 'e1', egressCapacity: 6 }, { id: 'e2', egressCapacity: 3 }],
      distances: ['e1', 'e2'].map((to) => ({ from: 'i', to, distance: 1 })),
      neighbors: [{ id: 'A', asn: 64501, ingress: ['i'] }],
      prefixes,
      advertisements: prefixes.flatMap(({ prefix }) => [
        { prefix, at: 'e1', peerAsn: 64601, asPath: [64601, 64700] },
        { prefix, at: 'e2', peerAsn: 64602, asPath: [64602, 64501] },
      ]),
      traffic: ids.map((prefix) => ({ neighbor: 'A', prefix, volume: 1 })),
    });
    const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
    expect(sideOverload(problem, UNLIMITED).amount).toBeCloseTo(1, 6);
    let isOver = false;
    const control = { ...UNLIMITED, remainingMs: () => (isOver ? 0 : 1e6) };
    const planner = new PrefixPlanner(problem, variant, control);
    const { kernel } = planner;
    const pass = kernel.pass.bind(kernel);
    vi.spyOn(kernel, 'pass').mockImplementation((options, list) => {
      isOver ||= options.costWeight === 1 && options.nodeLimit === THOROUGH;
      return pass(options, list);
    });
    const bound = lowerBound(problem, planner, { tolerance: 1e-8, maxRounds: 100, control });
    expect(isOver).toBe(true);
    expect(bound.lowerBound).toBeNull();
    expect(bound.leastOverload).toBeCloseTo(4, 6);
  });

  it.each(['ses', 'mes'] as const)('is none that brute force refutes: %s', (variant) => {
    const seen = { proven: 0, tight: 0 };
    for (let seed = 1; seed <= 300; seed++) {
      const payload = randomPayload(seed, { points: 4, neighbors: 2, prefixes: 4, pairs: 7 });
      const terms = { variant, threshold: 0.6, changeCost: 0 };
      const problem = buildProblem(buildModel(payload), terms);
      const { amount, prices } = sideOverload(problem, UNLIMITED);
      const { overload } = new BruteForce(payload, terms).optimum();
      expect(amount, `seed ${seed}`).toBeLessThanOrEqual(overload * (1 + 1e-9));
      expect(Math.max(...prices), `seed ${seed}`).toBeLessThanOrEqual(1);
      if (amount > 0) seen.proven++;
      if (amount > 0.999 * overload && overload > 0) seen.tight++;
    }
    expect(seen.proven).toBeGreaterThan(30);
    expect(seen.tight).toBeGreaterThan(10);
  });
});
