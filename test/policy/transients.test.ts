/** What pairs may do while updates are under way, some sessions telling the old and others the new. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { RouterPolicy } from '../../src/policy/document.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { change, entriesOf, policiesOf } from './policy-entries.ts';
import { BASE_POLICIES as basePolicies, Dice, planOf, randomNetwork, randomPlan } from './random-network.ts';
import { bgpOf, Network, nothingSeen, walk } from './step-walk.ts';

const MECHANISMS = ['med', 'prepend', 'advertise'] as const;

describe('transients of an execution plan', () => {
  it('are the points that pairs reach in mixtures of states alone', () => {
    const seen = nothingSeen();
    for (let seed = 0; seed < 300; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { limited: true });
      // Of more routers not every set of those that have acted is looked at.
      if (model.routers.length > 4) continue;
      const view = dice.pick(['best', 'best', 'worst', 'unknown'] as const);
      const [first, second] = [0, 1].map(() => randomPlan(model, dice.pick(['ses', 'ses', 'mes'] as const), dice));
      if (first === null || second === null) continue;
      const [ingress, bgp] = [dice.pick(MECHANISMS), bgpOf(view)];
      const entries = entriesOf([]);
      change(entries, policyFor(model, first, { basePolicies, bgp, ingress }).difference);
      const options = { existing: policiesOf(entries), steps: true, basePolicies, bgp, ingress };
      walk(new Network(model, view), policyFor(model, second, options).execution?.steps ?? [], entries, seed, seen);
    }
    expect(seen.states).toBeGreaterThan(1000);
    expect(seen.transients).toBeGreaterThan(20);
    expect(seen.exportPhases).toBeGreaterThan(200);
  }, 120_000);

  it('and there are none, nor strays, where only what neighbors are told changes, whatever that was', () => {
    const seen = nothingSeen();
    for (let seed = 0; seed < 300; seed++) {
      const dice = new Dice(seed);
      const model = star(dice.between(2, 4));
      const told = (): RouterPolicy['sessions'][number]['export'] => {
        if (dice.chance(25)) return [];
        const set = { ...(dice.chance(50) && { med: dice.between(0, 3) * 50 }) };
        const prepend = { asn: 64500, count: dice.between(1, 2) };
        const action = dice.chance(20) ? 'reject' : 'accept';
        const change = action === 'reject' ? {} : { ...set, ...(dice.chance(40) && { prepend }) };
        return [{ prefixes: ['198.51.100.0/24'], action, set: change, isOwn: true }];
      };
      const existing = model.routers
        .map(({ id: router }) => ({ router, sessions: [{ session: 'C', import: [], export: told() }] }))
        .filter(({ sessions }) => sessions[0].export.length > 0);
      const view = dice.pick(['best', 'worst', 'unknown'] as const);
      const plan = planOf(model, [['C', 'P', dice.pick(model.routers).id, 'r0']]);
      const options = { existing, steps: true, bgp: bgpOf(view), ingress: dice.pick(MECHANISMS) };
      const { execution } = policyFor(model, plan, options);
      walk(new Network(model, view), execution?.steps ?? [], entriesOf(existing), seed, seen);
      for (const { strayCount, transientCount } of execution?.steps ?? []) {
        expect({ seed, strayCount, transientCount }).toEqual({ seed, strayCount: 0, transientCount: 0 });
      }
    }
    expect(seen.exportPhases).toBeGreaterThan(200);
    expect(seen.ordered).toBeGreaterThan(50);
  }, 120_000);

  /** C enters at any router; P leaves at r0. */
  const star = (routerCount: number): NetworkModel => {
    const routers = Array.from({ length: routerCount }, (_, at) => ({ id: `r${at}`, address: `192.0.2.${at + 1}` }));
    return buildModel({
      version: 1,
      asn: 64500,
      routers,
      links: routers.slice(1).map(({ id }) => ({ from: 'r0', to: id, distance: 10 })),
      neighbors: [{ id: 'C', asn: 65001, ingress: routers.map(({ id }) => id) }],
      prefixes: [{ id: 'P', prefix: '198.51.100.0/24', egress: ['r0'] }],
      advertisements: [{ prefix: 'P', at: 'r0', peerAsn: 64601, asPath: [64601], peerAddress: '203.0.113.1' }],
      traffic: [{ neighbor: 'C', prefix: 'P', volume: 1 }],
    });
  };

  /** Two ways in, two ways out: by b1 after three ASes, by b3 after one. */
  const twoByTwo = (capacity?: number) =>
    buildModel({
      version: 1,
      asn: 64500,
      routers: ['b1', 'b2', 'b3'].map((id, at) => ({
        id,
        address: `192.0.2.${at + 1}`,
        ...(id === 'b2' && capacity !== undefined && { ingressCapacity: capacity }),
      })),
      links: [
        { from: 'b1', to: 'b2', distance: 10 },
        { from: 'b1', to: 'b3', distance: 10 },
        { from: 'b2', to: 'b3', distance: 10 },
      ],
      neighbors: [{ id: 'C', asn: 65001, ingress: ['b1', 'b2'] }],
      prefixes: [{ id: 'P', prefix: '198.51.100.0/24', egress: ['b1', 'b3'] }],
      advertisements: [
        { prefix: 'P', at: 'b1', peerAsn: 64601, asPath: [64601, 64700, 64701], peerAddress: '203.0.113.1' },
        { prefix: 'P', at: 'b3', peerAsn: 64603, asPath: [64603], peerAddress: '203.0.113.3' },
      ],
      traffic: [{ neighbor: 'C', prefix: 'P', volume: 8 }],
    });

  const lengthened = (model: NetworkModel, ingress: 'med' | 'advertise') => {
    const first = policyFor(model, planOf(model, [['C', 'P', 'b1', 'b3']]), { ingress });
    const entries = entriesOf([]);
    change(entries, first.difference);
    const options = { existing: policiesOf(entries), steps: true, ingress };
    return policyFor(model, planOf(model, [['C', 'P', 'b1', 'b1']]), options).execution;
  };

  it('a path that gets longer at one point before the other is named, with the point and its load', () => {
    const execution = lengthened(twoByTwo(), 'med');
    expect(execution).toMatchObject({
      isSafe: false,
      steps: [
        {
          strayCount: 0,
          transientCount: 1,
          transientVolume: 8,
          overloadOnTheWay: 0,
          transients: [{ neighbor: 'C', prefix: 'P', volume: 8, ingress: ['b2'], egress: [], mayBeUntold: false }],
        },
      ],
    });
    expect(lengthened(twoByTwo(5), 'med')?.steps).toMatchObject([{ overloadOnTheWay: 3 }]);
  });

  it('where neighbors are told at one point only there is no other one to go to', () => {
    expect(lengthened(twoByTwo(5), 'advertise')).toMatchObject({ isSafe: true, steps: [{ transientCount: 0 }] });
  });
});
