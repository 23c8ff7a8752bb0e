/** The bound on the whole problem: never above the optimum, never below the linear relaxation of (1)–(8). */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { prefixesWithoutEgressSet, prefixesWithoutSingleEgress } from '../../../src/optimizer/alternation/start.ts';
import { lowerBound } from '../../../src/optimizer/lagrangian/bound.ts';
import { PrefixPlanner } from '../../../src/optimizer/lagrangian/prefix-plan.ts';
import { type LinearProgram, loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { solveLinear } from '../../../src/optimizer/milp/linear.ts';
import { ProgramBuilder } from '../../../src/optimizer/milp/program-builder.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { buildProblem, isAllowed, type Problem, unitCost } from '../../../src/problem/problem.ts';
import { solve } from '../../../src/solve.ts';
import { BruteForce } from '../../oracle/brute-force.ts';
import { type ModelPayload, payloadOf, randomPayload } from '../../oracle/random-model.ts';
import { lcg } from '../gap/gap-arbitrary.ts';

beforeAll(loadSolver);

/** (1)–(8) as printed but for the corrected (7): x_ij^hk ≤ z_j^k and x_ij^hk + z_j'^k ≤ 1 for every closer j'. */
function relaxationOf(problem: Problem, variant: 'ses' | 'mes'): LinearProgram {
  const { pointCount: n, pairCount, pairPrefix, pairVolume, egressStart, egressPoint, rank } = problem;
  const program = new ProgramBuilder();
  const scale = problem.totalVolume / pairCount;
  const least = Number.NEGATIVE_INFINITY;
  const ingressRow = Array.from(problem.ingressCapacity, (limit) => program.addRow(least, limit / scale));
  const egressRow = Array.from(problem.egressCapacity, (limit) => program.addRow(least, limit / scale));
  const open = Array.from(egressPoint, () => ({ rows: [] as number[], values: [] as number[] }));
  const enter = (slot: number, row: number, value: number) => {
    open[slot].rows.push(row);
    open[slot].values.push(value);
  };
  for (let pair = 0; pair < pairCount; pair++) {
    const k = pairPrefix[pair];
    const h = problem.pairNeighbor[pair];
    const pairRow = program.addRow(1, 1);
    const slots = Array.from({ length: egressStart[k + 1] - egressStart[k] }, (_, at) => egressStart[k] + at);
    for (const i of problem.ingressPoint.subarray(problem.ingressStart[h], problem.ingressStart[h + 1])) {
      for (const slot of slots) {
        if (!isAllowed(problem, pair, i, slot)) continue;
        const used = program.addRow(least, 0);
        enter(slot, used, -1);
        const rows = [pairRow, used, ingressRow[i], egressRow[egressPoint[slot]]];
        const values = [1, 1, pairVolume[pair] / scale, pairVolume[pair] / scale];
        for (const closer of variant === 'mes' ? slots : []) {
          if (rank[i * n + egressPoint[closer]] >= rank[i * n + egressPoint[slot]]) continue;
          const row = program.addRow(least, 1);
          enter(closer, row, 1);
          rows.push(row);
          values.push(1);
        }
        program.addColumn({ cost: (pairVolume[pair] / scale) * unitCost(problem, pair, i, slot), rows, values });
      }
    }
  }
  for (let k = 0; k < problem.prefixCount; k++) {
    const slots = Array.from({ length: egressStart[k + 1] - egressStart[k] }, (_, at) => egressStart[k] + at);
    const groups =
      variant === 'ses' ? [slots] : [...Map.groupBy(slots, (slot) => problem.routerOf[egressPoint[slot]]).values()];
    for (const group of groups) {
      const row = program.addRow(variant === 'ses' && problem.pairStart[k] < problem.pairStart[k + 1] ? 1 : least, 1);
      for (const slot of group) enter(slot, row, 1);
    }
  }
  for (const { rows, values } of open) program.addColumn({ cost: 0, upper: 1, rows, values });
  return program.build();
}

function boundOf(problem: Problem, variant: 'ses' | 'mes') {
  const planner = new PrefixPlanner(problem, variant, UNLIMITED);
  return lowerBound(problem, planner, { tolerance: 1e-8, maxRounds: 100, control: UNLIMITED });
}

describe('lowerBound', () => {
  it.each(['ses', 'mes'] as const)(
    '%s: is at least the linear relaxation, and null only where that is infeasible',
    (variant) => {
      let compared = 0;
      let stronger = 0;
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(0, 3), (seed, changeCost) => {
          const payload = randomPayload(seed, { points: 8, neighbors: 4, prefixes: 12, pairs: 30 });
          const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost });
          // What the rules do not allow at all is refused before a bound is asked for.
          const without = variant === 'ses' ? prefixesWithoutSingleEgress : prefixesWithoutEgressSet;
          if (problem.totalVolume === 0 || without(problem).length > 0) return;
          const direct = solveLinear(relaxationOf(problem, variant), UNLIMITED);
          const bound = boundOf(problem, variant);
          if (direct.status !== 'optimal') return;
          const value = (direct.objective * problem.totalVolume) / problem.pairCount;
          if (bound.lowerBound === null) {
            // More than the linear relaxation: whole prefix choices cannot keep the capacities.
            stronger++;
            return;
          }
          compared++;
          if (bound.lowerBound > value * (1 + 1e-6)) stronger++;
          expect(bound.lowerBound).toBeGreaterThanOrEqual(value - 1e-6 * Math.max(1, value));
        }),
        { seed: 40, numRuns: 120 },
      );
      expect(compared).toBeGreaterThan(30);
      expect(stronger).toBeGreaterThan(0);
    },
  );

  it('is the relaxation also where relief takes a chain of moves', () => {
    for (const variant of ['ses', 'mes'] as const) {
      for (const n of [4, 12]) {
        const problem = buildProblem(buildModel(chain(n)), { threshold: 1, changeCost: 0 });
        // Every prefix moves on by one, at 10, and the distance is 1 for all n + 1 of them.
        const bound = boundOf(problem, variant);
        expect(bound.lowerBound).toBeCloseTo(10 * n + (n + 1), 4);
      }
    }
  });

  it('is the relaxation also where one unit of relief moves a thousand', async () => {
    // A enters at i1 for e1 or at i2 for e2; B follows its prefix to e2 at 10 a unit; i1 has room for one prefix.
    const payload = payloadOf({
      routers: [{ id: 'i1', ingressCapacity: 1 }, { id: 'i2' }, { id: 'i3' }, { id: 'e1' }, { id: 'e2' }],
      distances: [
        { from: 'i1', to: 'e1', distance: 0 },
        { from: 'i2', to: 'e2', distance: 0 },
        { from: 'i3', to: 'e1', distance: 0 },
        { from: 'i3', to: 'e2', distance: 10 },
      ],
      neighbors: [
        { id: 'A', ingress: ['i1', 'i2'] },
        { id: 'B', ingress: ['i3'] },
      ],
      prefixes: [
        { id: 'P', prefix: '10.0.0.0/8', egress: ['e1', 'e2'] },
        { id: 'Q', prefix: '11.0.0.0/8', egress: ['e1', 'e2'] },
      ],
      traffic: ['P', 'Q'].flatMap((prefix) => [
        { neighbor: 'A', prefix, volume: 1 },
        { neighbor: 'B', prefix, volume: 1000 },
      ]),
    });
    const terms = { variant: 'ses', threshold: 1, changeCost: 0 } as const;
    expect(new BruteForce(payload, terms).optimum().objective).toBe(10_000);
    const problem = buildProblem(buildModel(payload), terms);
    const direct = solveLinear(relaxationOf(problem, 'ses'), UNLIMITED);
    expect((direct.objective * problem.totalVolume) / problem.pairCount).toBeCloseTo(10_000, 3);
    expect(boundOf(problem, 'ses').lowerBound).toBeCloseTo(10_000, 1);
  });

  it.each([0, 1, 1e3, 1e6, 1e9, 1e12])(
    'a change cost of %d does not lift the bound above the optimum',
    async (changeCost) => {
      const payload = payloadOf({
        routers: [{ id: 'a' }, { id: 'b', egressCapacity: 10 }, { id: 'c', egressCapacity: 10 }],
        distances: [
          { from: 'a', to: 'b', distance: 0.001 },
          { from: 'a', to: 'c', distance: 0.0013 },
        ],
        neighbors: [{ id: 'A', ingress: ['a'] }],
        prefixes: [
          { id: 'P', prefix: '10.0.0.0/8', egress: ['b', 'c'] },
          { id: 'Q', prefix: '11.0.0.0/8', egress: ['b', 'c'] },
        ],
        traffic: [
          { neighbor: 'A', prefix: 'P', volume: 3 },
          { neighbor: 'A', prefix: 'Q', volume: 3 },
        ],
        current: [{ neighbor: 'A', prefix: 'P', ingress: 'a', egress: 'c' }],
      });
      for (const variant of ['ses', 'mes'] as const) {
        const best = new BruteForce(payload, { variant, threshold: 1, changeCost }).optimum().objective as number;
        const plan = await solve(payload, { variant, changeCost });
        expect(plan.lowerBound).toBeLessThanOrEqual(best * (1 + 1e-12));
        expect(plan.objective).toBeCloseTo(best, 12);
      }
    },
  );

  it('holds for costs of very different size', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const payload = randomPayload(seed, { points: 4, neighbors: 3, prefixes: 3, pairs: 6 });
      payload.distances.forEach((one, at) => {
        one.distance *= [1e-6, 1, 1e6][at % 3];
      });
      for (const variant of ['ses', 'mes'] as const) {
        const best = new BruteForce(payload, { variant, threshold: 1, changeCost: 0 }).optimum();
        if (best.objective === null) continue;
        const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
        const bound = boundOf(problem, variant);
        expect(bound.lowerBound).not.toBeNull();
        expect(bound.lowerBound).toBeLessThanOrEqual(best.objective * (1 + 1e-12));
      }
    }
  });

  it.each([
    [1e-200, 1],
    [1e-12, 1],
    [1e15, 1],
    [1, 1e-12],
    [1, 1e12],
  ])('is the same at %d times the volumes and %d times the distances', (volumes, distances) => {
    const bounds = (payload: ModelPayload) => {
      const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
      return (['ses', 'mes'] as const).map((variant) => boundOf(problem, variant).lowerBound as number);
    };
    const scaled = sixtyPrefixes();
    for (const one of scaled.traffic) one.volume *= volumes;
    for (const one of scaled.distances) one.distance *= distances;
    for (const one of scaled.routers) {
      one.ingressCapacity = (one.ingressCapacity as number) * volumes;
      one.egressCapacity = (one.egressCapacity as number) * volumes;
    }
    const own = bounds(sixtyPrefixes());
    bounds(scaled).forEach((bound, at) => {
      expect(bound / volumes / distances / own[at]).toBeCloseTo(1, 6);
    });
  });

  it('prices nothing that is unlimited', () => {
    const payload = chain(3);
    delete payload.routers[2].egressCapacity;
    const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
    const { prices } = boundOf(problem, 'ses');
    problem.egressCapacity.forEach((capacity, point) => {
      if (capacity === Infinity) expect(prices[problem.pointCount + point]).toBe(0);
    });
    expect([...prices.subarray(0, problem.pointCount)]).toEqual(Array(problem.pointCount).fill(0));
  });
});

/** n prefixes that may leave at e<r> or, at a penalty of 10, at e<r + 1>, and one that has only e<0>; room for one each. */
function chain(n: number): ModelPayload {
  const name = (at: number) => `e${String(at).padStart(2, '0')}`;
  const exits = Array.from({ length: n + 1 }, (_, at) => name(at));
  const steps = exits.slice(0, n);
  return payloadOf({
    routers: [{ id: 'i' }, ...exits.map((id) => ({ id, egressCapacity: 1 }))],
    distances: exits.map((to) => ({ from: 'i', to, distance: 1 })),
    neighbors: [{ id: 'A', ingress: ['i'] }],
    prefixes: [
      ...steps.map((at, r) => ({
        id: `P${at}`,
        prefix: `10.${r}.0.0/16`,
        egress: [at, { at: name(r + 1), penalty: 10 }],
      })),
      { id: 'X', prefix: '11.0.0.0/8', egress: [exits[0]] },
    ],
    traffic: [...steps.map((at) => `P${at}`), 'X'].map((prefix) => ({ neighbor: 'A', prefix, volume: 1 })),
  });
}

/** 8 points in a square, 5 neighbors, 60 prefixes; capacities are 1.05 of the loads of a plan. */
function sixtyPrefixes(): ModelPayload {
  const random = lcg(7);
  const below = (count: number) => Math.floor(random() * count);
  const ids = Array.from({ length: 8 }, (_, at) => `b${at}`);
  const place = ids.map(() => [random() * 100, random() * 100]);
  const neighbors = Array.from({ length: 5 }, (_, h) => ({
    id: `A${h}`,
    ingress: [...new Set([h, 3 * h + 1, 5 * h + 2].map((at) => ids[at % 8]))],
  }));
  const prefixes = Array.from({ length: 60 }, (_, k) => ({
    id: `P${k}`,
    prefix: `10.0.${k}.0/24`,
    egress: [...new Set([...ids.filter(() => random() < 0.5), ids[k % 8]])],
  }));
  const load = new Map(ids.map((id) => [id, { ingress: 0, egress: 0 }]));
  const traffic = prefixes.flatMap((prefix) => {
    const out = load.get(prefix.egress[below(prefix.egress.length)])!;
    return neighbors.map(({ id, ingress }) => {
      const volume = Math.exp(3 * random());
      out.egress += volume;
      load.get(ingress[below(ingress.length)])!.ingress += volume;
      return { neighbor: id, prefix: prefix.id, volume };
    });
  });
  return payloadOf({
    routers: ids.map((id) => ({
      id,
      ingressCapacity: 1.05 * load.get(id)!.ingress,
      egressCapacity: 1.05 * load.get(id)!.egress,
    })),
    distances: ids.flatMap((from, a) =>
      ids.slice(a + 1).map((to, at) => {
        const [p, q] = [place[a], place[a + 1 + at]];
        return { from, to, distance: Math.hypot(p[0] - q[0], p[1] - q[1]) };
      }),
    ),
    neighbors,
    prefixes,
    traffic,
  });
}
