/** The bound with heavy prefixes held whole: never above the optimum, and above the relaxation where that splits. */
import { beforeAll, describe, expect, it } from 'vitest';
import { planeNetwork } from '../../../bench/networks.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { parseOptions } from '../../../src/model/options.ts';
import { prefixesWithoutSingleEgress } from '../../../src/optimizer/alternation/start.ts';
import { type Bound, lowerBound } from '../../../src/optimizer/lagrangian/bound.ts';
import { type BranchingOptions, branchOnHeavy } from '../../../src/optimizer/lagrangian/heavy-branching.ts';
import { PrefixPlanner } from '../../../src/optimizer/lagrangian/prefix-plan.ts';
import { type Hold, RestrictedOracle } from '../../../src/optimizer/lagrangian/restricted-oracle.ts';
import { waysOf } from '../../../src/optimizer/lagrangian/splits.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { optimize } from '../../../src/optimizer/optimize.ts';
import { type RunControl, UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { buildProblem, type Problem } from '../../../src/problem/problem.ts';
import { sideRoom } from '../../../src/problem/sides.ts';
import { BruteForce } from '../../oracle/brute-force.ts';
import { randomPayload } from '../../oracle/random-model.ts';

const SETTINGS = { tolerance: 1e-8, maxRounds: 100, control: UNLIMITED };

beforeAll(loadSolver);

interface Small {
  readonly problem: Problem;
  readonly bound: Bound;
  readonly dear: number;
  readonly optimum: number;
}

/** Small models that have a plan, all of whose prefixes stand alone. */
function smallModels(count: number): Small[] {
  const found: Small[] = [];
  for (let seed = 0; found.length < count; seed++) {
    const payload = randomPayload(seed, { points: 4, neighbors: 3, prefixes: 4, pairs: 7 });
    const changeCost = seed % 2 === 0 ? 0 : 3;
    const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost });
    if (problem.totalVolume === 0 || prefixesWithoutSingleEgress(problem).length > 0) continue;
    const { objective } = new BruteForce(payload, { variant: 'ses', threshold: 1, changeCost }).optimum();
    const planner = new PrefixPlanner(problem, 'ses', UNLIMITED);
    const bound = lowerBound(problem, planner, SETTINGS);
    if (objective === null || bound.lowerBound === null) continue;
    found.push({ problem, bound, dear: planner.dear, optimum: objective });
  }
  return found;
}

function branched({ problem, bound, dear }: Small, change: Partial<BranchingOptions> = {}) {
  return branchOnHeavy(problem, bound, { ...SETTINGS, dear, enough: Number.POSITIVE_INFINITY, ...change });
}

describe('branching on heavy prefixes', () => {
  it('gives no more than the optimum, and nearly that where every prefix stands alone', () => {
    let risen = 0;
    for (const small of smallModels(60)) {
      const { optimum, bound } = small;
      const tolerance = 1e-6 * Math.max(1, optimum);
      const { lowerBound } = branched(small);
      expect(lowerBound).toBeLessThanOrEqual(optimum + tolerance);
      expect(lowerBound).toBeGreaterThanOrEqual(0.98 * optimum);
      if (lowerBound > (bound.lowerBound as number) + tolerance) risen++;
    }
    expect(risen).toBeGreaterThan(5);
  });

  it('gives a bound between the relaxation and the optimum wherever it is stopped', () => {
    for (const small of smallModels(20)) {
      for (const asks of [0, 1, 3, 10, 30, 100]) {
        let left = asks;
        const control: RunControl = { ...UNLIMITED, remainingMs: () => left-- };
        const { lowerBound } = branched(small, { control });
        expect(lowerBound).toBeGreaterThanOrEqual(small.bound.lowerBound as number);
        expect(lowerBound).toBeLessThanOrEqual(small.optimum + 1e-6 * Math.max(1, small.optimum));
      }
    }
  });

  it('ends as soon as the bound is enough', () => {
    for (const small of smallModels(20)) {
      const { lowerBound: own } = small.bound;
      expect(branched(small, { enough: own as number })).toEqual({ lowerBound: own, relaxed: 0 });
    }
  });
});

describe('a restricted oracle', () => {
  it('is the group oracle where prefixes are held to nothing, and none of its ways is cheaper', () => {
    for (const { problem, bound, dear } of smallModels(20)) {
      const room = sideRoom(problem);
      const prices = bound.prices.map((price, side) => (Number.isFinite(room[side]) ? price + 0.01 * dear : 0));
      const { oracle } = bound;
      const free = new Map(oracle.aloneOf.map((k, block) => [block, freeOf(problem, k)]));
      const priced = (holds: ReadonlyMap<number, Hold>) => {
        const values: number[] = [];
        const restricted = new RestrictedOracle(problem, oracle, { holds, room, columns: [] });
        const total = restricted.price(prices, 1, (value, { block }) => {
          values[block] = value;
        });
        return { total, values };
      };
      const [held, whole] = [priced(free), priced(new Map())];
      held.values.forEach((value, block) => {
        expect(value).toBeCloseTo(whole.values[block], 6);
      });
      expect(held.total).toBeCloseTo(whole.total, 6);
      for (const [block, hold] of free) {
        for (let pair = -1; pair < hold.ingress.length; pair++) {
          const ways = waysOf(problem, oracle, { block, pair }, hold).map((way) => priced(new Map([[block, way]])));
          expect(Math.min(...ways.map(({ total }) => total))).toBeCloseTo(whole.total, 6);
        }
      }
    }
  });
});

function freeOf({ pairStart }: Problem, k: number): Hold {
  return { slot: -1, ingress: new Int32Array(pairStart[k + 1] - pairStart[k]).fill(-1) };
}

describe('auto', () => {
  it('raises the bound by branching where prefixes are many', async () => {
    const size = { points: 8, neighbors: 4, prefixes: 20_001, slots: 3, pairsPerPrefix: 2, zipf: 0.9, slack: 0.1 };
    const problem = buildProblem(buildModel(planeNetwork(3, size)), { threshold: 1, changeCost: 0 });
    // Time passes by questions: the same bytes on every machine.
    let left = 30_000;
    const control: RunControl = { ...UNLIMITED, remainingMs: () => left-- };
    const { lowerBound, phases, candidate } = await optimize(
      problem,
      parseOptions({ variant: 'ses', gapTarget: 0 }),
      control,
    );
    const of = (name: string) => phases.find(({ phase }) => phase === name);
    expect(of('branching')?.iterations).toBeGreaterThan(0);
    expect(lowerBound).toBeGreaterThan(of('bound')?.objective as number);
    expect(lowerBound).toBe(of('branching')?.objective);
    expect(lowerBound).toBeLessThanOrEqual(candidate.evaluation.objective);
  });
});
