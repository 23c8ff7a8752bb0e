/** The whole way from a payload to a plan, by the golden example and the edges of a model. */
import { readFileSync } from 'node:fs';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { planSummary } from '../src/cli/plan-summary.ts';
import { buildModel } from '../src/model/build-model.ts';
import { parseOptions } from '../src/model/options.ts';
import { changeCountOf, PlanSchema } from '../src/plan/plan.ts';
import { solve, solveModel } from '../src/solve.ts';
import { BruteForce } from './oracle/brute-force.ts';
import { payloadOf } from './oracle/random-model.ts';

const fixture = JSON.parse(readFileSync(new URL('./fixtures/patent-example-1.json', import.meta.url), 'utf8'));

describe('Example 1 of the patent', () => {
  const golden = [
    { variant: 'ses', optimum: 1850 },
    { variant: 'mes', optimum: 1250 },
  ] as const;

  it.each(golden)('$variant: brute force says $optimum', ({ variant, optimum }) => {
    const { version, routers, distances, neighbors, prefixes, traffic } = fixture;
    const payload = payloadOf({ version, routers, distances, neighbors, prefixes, traffic });
    const rules = new BruteForce(payload, { variant, threshold: 1, changeCost: 0 });
    expect(rules.optimum()).toEqual({ objective: optimum, overload: 0 });
  });

  it.each(golden)('$variant: exact and auto prove $optimum', async ({ variant, optimum }) => {
    for (const method of ['exact', 'auto']) {
      const plan = await solve(fixture, { variant, method });
      expect(plan).toMatchObject({ status: 'optimal', cost: optimum, objective: optimum, overload: { total: 0 } });
      expect(plan.lowerBound).toBeLessThanOrEqual(optimum);
      expect(plan.gap).toBeLessThanOrEqual(1e-9);
    }
  });

  it.each(golden)(
    '$variant: the other methods never claim less than $optimum, and say where they are overloaded',
    async ({ variant, optimum }) => {
      for (const method of ['alternating', 'biggest-first', 'hot-potato']) {
        const plan = await solve(fixture, { variant, method });
        expect(plan.lowerBound).toBeLessThanOrEqual(optimum);
        if (plan.status === 'overloaded') expect(plan.overload.points.length).toBeGreaterThan(0);
        else expect(plan.cost).toBeGreaterThanOrEqual(optimum);
      }
    },
  );

  it('finds the plans of FIG. 1B and FIG. 1C', async () => {
    const egress = async (variant: string) =>
      (await solve(fixture, { variant, method: 'exact' })).assignments.map((one) => Object.values(one).join(' '));
    expect(await egress('ses')).toEqual(['A1 P1 b1 b3', 'A2 P1 b2 b3', 'A1 P2 b1 b4', 'A2 P2 b2 b4']);
    expect(await egress('mes')).toEqual(['A1 P1 b1 b3', 'A2 P1 b2 b3', 'A1 P2 b1 b3', 'A2 P2 b2 b4']);
  });

  it('is overloaded, provably, at 90 % of every capacity', async () => {
    const plan = await solve(fixture, { threshold: 0.9 });
    expect(plan).toMatchObject({ status: 'overloaded', lowerBound: null, gap: null });
    // 100 units enter where 99 may.
    expect(plan.overload.leastPossible).toBeGreaterThan(1 - 1e-3);
    expect(plan.overload.leastPossible).toBeLessThanOrEqual(1);
  });
});

describe('solve', () => {
  const bare = {
    routers: [{ id: 'i' }, { id: 'j' }],
    distances: [{ from: 'i', to: 'j', distance: 2 }],
    neighbors: [{ id: 'A', ingress: ['i'] }],
    prefixes: [{ id: 'P', prefix: '10.0.0.0/8', egress: ['j'] }],
  };
  const traffic = [{ neighbor: 'A', prefix: 'P', volume: 4 }];
  const methods = ['auto', 'alternating', 'exact', 'biggest-first', 'hot-potato'];
  const all = methods.flatMap((method) => ['ses', 'mes'].map((variant) => ({ method, variant })));

  it.each(all)('$method, $variant: a model without any capacity', async (options) => {
    const plan = await solve(payloadOf({ ...bare, traffic }), options);
    expect(plan).toMatchObject({
      status: 'optimal',
      cost: 8,
      lowerBound: expect.closeTo(8, 6),
      gap: expect.closeTo(0, 9),
    });
  });

  it.each(all)('$method, $variant: a model without traffic', async (options) => {
    const plan = await solve(payloadOf(bare), options);
    expect(plan).toMatchObject({ status: 'optimal', cost: 0, lowerBound: 0, gap: 0, assignments: [], stopped: 'done' });
  });

  it.each(all)('$method, $variant: traffic of no volume, on points of no capacity', async (options) => {
    const none = { ingressCapacity: 0, egressCapacity: 0 };
    const routers = bare.routers.map((one) => ({ ...one, ...none }));
    const still = payloadOf({ ...bare, routers, traffic: [{ ...traffic[0], volume: 0 }] });
    const plan = await solve(still, options);
    expect(plan).toMatchObject({ status: 'optimal', cost: 0, lowerBound: 0, gap: 0 });
    expect(plan.assignments).toEqual([{ neighbor: 'A', prefix: 'P', ingress: 'i', egress: 'j' }]);
  });

  it.each(all)('$method, $variant: what fits to the last unit', async (options) => {
    const routers = [
      { id: 'i', ingressCapacity: 4 },
      { id: 'j', egressCapacity: 4 },
    ];
    const plan = await solve(payloadOf({ ...bare, routers, traffic }), options);
    expect(plan).toMatchObject({ status: 'optimal', cost: 8, overload: { total: 0 } });
  });

  it.each(all)('$method, $variant: what cannot fit is overloaded, with the amount', async (options) => {
    const routers = [
      { id: 'i', ingressCapacity: 3 },
      { id: 'j', egressCapacity: 2 },
    ];
    const plan = await solve(payloadOf({ ...bare, routers, traffic }), options);
    expect(plan).toMatchObject({ status: 'overloaded', cost: 8, lowerBound: null, overload: { total: 3 } });
    expect(plan.overload.leastPossible).toBeCloseTo(3, 6);
    expect(plan.overload.leastPossible).toBeLessThanOrEqual(3);
    expect(plan.overload.points).toEqual([
      { point: 'i', side: 'ingress', amount: 1, moreCapacity: 1 },
      { point: 'j', side: 'egress', amount: 2, moreCapacity: 2 },
    ]);
  });

  it.each(all)('$method, $variant: a pair too large for every point is overloaded for certain', async (options) => {
    const routers = [{ id: 'i' }, { id: 'j', egressCapacity: 3 }, { id: 'k', egressCapacity: 3 }];
    const distances = [...bare.distances, { from: 'i', to: 'k', distance: 2 }];
    const prefixes = [{ id: 'P', prefix: '10.0.0.0/8', egress: ['j', 'k'] }];
    const plan = await solve(payloadOf({ ...bare, routers, distances, prefixes, traffic }), options);
    expect(plan).toMatchObject({ status: 'overloaded', lowerBound: null, overload: { total: 1 } });
    expect(plan.overload.leastPossible).not.toBeNull();
  });

  it('stays where a move is not worth its change cost', async () => {
    const moving = payloadOf({
      ...bare,
      routers: [...bare.routers, { id: 'k' }],
      distances: [...bare.distances, { from: 'i', to: 'k', distance: 5 }],
      prefixes: [{ id: 'P', prefix: '10.0.0.0/8', egress: ['j', 'k'] }],
      traffic,
      current: [{ neighbor: 'A', prefix: 'P', ingress: 'i', egress: 'k' }],
    });
    expect(await solve(moving, { changeCost: 4 })).toMatchObject({ status: 'optimal', objective: 20, changes: [] });
    const moved = await solve(moving, { changeCost: 2 });
    expect(moved).toMatchObject({ status: 'optimal', cost: 8, objective: 16 });
    expect(moved.changes).toHaveLength(1);
  });

  it('counts the pairs that leave a choice which is still allowed, and marks the others as forced', async () => {
    const routers = [...bare.routers, { id: 'k' }];
    const moving = payloadOf({
      ...bare,
      routers,
      distances: [...bare.distances, { from: 'i', to: 'k', distance: 5 }],
      neighbors: [...bare.neighbors, { id: 'B', ingress: ['i'] }],
      prefixes: [{ id: 'P', prefix: '10.0.0.0/8', egress: ['j', 'k'] }],
      traffic: [...traffic, { ...traffic[0], neighbor: 'B' }],
      current: [
        { neighbor: 'A', prefix: 'P', ingress: 'i', egress: 'k' },
        // Does not enter there.
        { neighbor: 'B', prefix: 'P', ingress: 'k', egress: 'k' },
      ],
    });
    const plan = await solve(moving, { maxChanges: 1 });
    const to = { ingress: 'i', egress: 'j' };
    expect(plan.changes).toEqual([
      { neighbor: 'A', prefix: 'P', from: { ingress: 'i', egress: 'k' }, to },
      { neighbor: 'B', prefix: 'P', from: { ingress: 'k', egress: 'k' }, to, forced: true },
    ]);
    expect(changeCountOf(plan)).toBe(1);
    expect(Value.Check(PlanSchema, plan)).toBe(true);
    expect(planSummary(plan)).toContain('2 pairs, 1 change, 1 whose current choice is no longer allowed');
  });

  it('refuses what no egress can carry for all neighbors, naming the prefix, and what multiple egress could do', async () => {
    const payload = payloadOf({
      routers: [{ id: 'a' }, { id: 'b' }],
      distances: [{ from: 'a', to: 'b', distance: 3 }],
      neighbors: [
        { id: 'A', asn: 65001, ingress: ['a'] },
        { id: 'B', asn: 65002, ingress: ['b'] },
      ],
      prefixes: [{ id: 'P', prefix: '10.0.0.0/8', egress: ['a', 'b'] }],
      advertisements: [
        { prefix: 'P', at: 'a', peerAsn: 65009, asPath: [65009, 65002] },
        { prefix: 'P', at: 'b', peerAsn: 65009, asPath: [65009, 65001] },
      ],
      traffic: [
        { neighbor: 'A', prefix: 'P', volume: 1 },
        { neighbor: 'B', prefix: 'P', volume: 1 },
      ],
    });
    const refused = solve(payload, { variant: 'ses' });
    await expect(refused).rejects.toMatchObject({ code: 'NO_ENFORCEABLE_EGRESS' });
    await expect(refused).rejects.toThrow(/"P".*"mes"/);
    expect(await solve(payload, { variant: 'mes' })).toMatchObject({ status: 'optimal', cost: 0 });
    // Crossed, the nearest open egress is the ineligible one: then there is no plan at all.
    payload.neighbors[0].ingress = ['b'];
    payload.neighbors[1].ingress = ['a'];
    await expect(solve(payload, { variant: 'mes' })).rejects.toMatchObject({ code: 'NO_ENFORCEABLE_EGRESS' });
  });

  it('tells faults of model and options by their codes', async () => {
    await expect(solve({}, {})).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await expect(solve(fixture, { seed: -1 })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });

  it('solves a model that was built before', async () => {
    const plan = await solveModel(buildModel(fixture), parseOptions({ variant: 'mes' }));
    expect(plan).toEqual(await solve(fixture, { variant: 'mes' }));
  });
});
