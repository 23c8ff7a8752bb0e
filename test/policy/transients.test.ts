/** What pairs may do while updates are under way, some sessions telling the old and others the new. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import { AppliedPolicy } from '../../src/policy/applied-policy.ts';
import { PairWays } from '../../src/policy/bgp/pair-ways.ts';
import { routeAll } from '../../src/policy/bgp/routing.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import type { ExecutionStep, RuleChange } from '../../src/policy/report.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { choices, type Offer, taken } from './offer-mixtures.ts';
import { change, type Entries, entriesOf, policiesOf } from './policy-entries.ts';
import { BASE_POLICIES as basePolicies, Dice, planOf, randomNetwork, randomPlan } from './random-network.ts';

const bgp = { multipath: false };

/** One state at rest, of a pair: what each session of its neighbor may tell, and where each router may send its traffic. */
interface State {
  readonly told: readonly (readonly Offer[])[];
  /** Points by point of entry, in the order of the sessions. */
  readonly egress: readonly (readonly number[])[];
}

class Network {
  readonly model: NetworkModel;
  readonly #setting: ReturnType<typeof settingOf>;

  constructor(model: NetworkModel) {
    this.model = model;
    this.#setting = settingOf(model, parsePolicyOptions({ bgp }, model));
  }

  /** Points of the sessions of a neighbor. */
  pointsOf(h: number): number[] {
    const { network } = this.#setting;
    return Array.from(network.sessionsOf[h], (session) => network.sessions[session].point);
  }

  state(entries: Entries, pairs: readonly (readonly [number, number])[]): State[] {
    const { network, names, speakers, received, bgp: options } = this.#setting;
    const policy = new AppliedPolicy(network, names, policiesOf(entries));
    const ways = new PairWays(routeAll(speakers, policy.applyImport(received)), policy, options);
    return pairs.map(([h, k]) => {
      const { count, session, asPathLength, origin, med, isSure } = ways.offers(h, k);
      const told = Array.from(network.sessionsOf[h], (one): Offer[] => {
        const o = session.subarray(0, count).indexOf(one);
        if (o < 0) return [null];
        return [[asPathLength[o], origin[o], med[o]], ...(isSure[o] === 1 ? [] : [null])];
      });
      return { told, egress: this.pointsOf(h).map((point) => ways.possibleEgress(k, this.model.points[point].router)) };
    });
  }
}

/**
 * What a pair may do while its sessions and routers go from state to state, each when it does; with one state, at rest. Sides are
 * as in `Move`.
 */
function sidesOf(points: readonly number[], states: readonly State[]): number[] {
  const lists = points.map((_, s) => {
    const all = states.flatMap(({ told }) => told[s]);
    return [...new Map(all.map((offer) => [String(offer), offer])).values()];
  });
  const entered = new Set([...choices(lists)].flatMap((told) => taken(told, points, 0)));
  return [...entered].flatMap((point) => {
    const egress = states.flatMap((state) => state.egress[points.indexOf(point)]);
    return [2 * point, ...egress.map((one) => 2 * one + 1)];
  });
}

function* subsets<T>(all: readonly T[]): Generator<T[]> {
  for (let mask = 0; mask < 2 ** all.length; mask++) yield all.filter((_, at) => (mask & (1 << at)) !== 0);
}

function changed(entries: Entries, difference: readonly RuleChange[], routers: readonly string[]): Entries {
  const result = new Map(entries);
  change(
    result,
    difference.filter(({ router }) => routers.includes(router)),
  );
  return result;
}

/** Neighbor and prefix of the pairs with volume whose rules change in a step. */
function pairsOf({ traffic, prefixes }: NetworkModel, step: ExecutionStep): [number, number][] {
  return step.prefixes.flatMap((id) => {
    const k = prefixes.ids.indexOf(id);
    const pairs = Array.from({ length: traffic.start[k + 1] - traffic.start[k] }, (_, at) => traffic.start[k] + at);
    return pairs
      .filter((pair) => traffic.volume[pair] > 0)
      .map((pair): [number, number] => [traffic.neighbor[pair], k]);
  });
}

const ascending = (sides: Iterable<number>): number[] => [...new Set(sides)].sort((a, b) => a - b);

describe('transients of an execution plan', () => {
  it('are the points that pairs reach in mixtures of states alone; changes of what neighbors are told have none', () => {
    const seen = { states: 0, transients: 0, exportPhases: 0, ordered: 0 };
    for (let seed = 0; seed < 300; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { limited: true });
      // Of more routers not every set of those that have acted is looked at.
      if (model.routers.length > 4) continue;
      const network = new Network(model);
      const [first, second] = [0, 1].map(() => randomPlan(model, dice.pick(['ses', 'ses', 'mes'] as const), dice));
      if (first === null || second === null) continue;
      const ingress = dice.pick(['med', 'prepend', 'advertise'] as const);
      const entries = entriesOf([]);
      change(entries, policyFor(model, first, { basePolicies, bgp, ingress }).difference);
      const options = { existing: policiesOf(entries), steps: true, basePolicies, bgp, ingress };
      for (const step of policyFor(model, second, options).execution?.steps ?? []) {
        const pairs = pairsOf(model, step);
        const [before, after] = [entries, changedBy(entries, step)].map((of) => network.state(of, pairs));
        const expected = pairs.map(([h], at) => {
          const points = network.pointsOf(h);
          return new Set([before[at], after[at]].flatMap((one) => sidesOf(points, [one])));
        });
        const underWay = pairs.map((): number[] => []);
        for (const { name, difference } of step.phases) {
          const routers = [...new Set(difference.map(({ router }) => router))];
          const states = [...subsets(routers)].map((acted) =>
            network.state(changed(entries, difference, acted), pairs),
          );
          seen.states += states.length;
          for (const [at, [h]] of pairs.entries()) {
            const points = network.pointsOf(h);
            const mine = states.map((state) => state[at]);
            for (const one of mine) for (const side of sidesOf(points, [one])) expected[at].add(side);
            const sides = sidesOf(points, mine);
            underWay[at].push(...sides);
            if (name === 'prefer' || name === 'release') continue;
            seen.exportPhases++;
            const astray = sides.filter((side) => !expected[at].has(side));
            expect({ seed, name, pair: pairs[at], astray }).toEqual({ seed, name, pair: pairs[at], astray: [] });
          }
          if (name === 'deter' || name === 'restore') seen.ordered++;
          change(entries, difference);
        }
        expect(step.transientCount).toBe(step.transients.length);
        for (const [at, [h, k]] of pairs.entries()) {
          const [neighbor, prefix] = [model.neighbors[h].id, model.prefixes.ids[k]];
          const told = step.transients.find((one) => one.neighbor === neighbor && one.prefix === prefix);
          const pointOf = (id: string): number => model.points.findIndex((point) => point.id === id);
          const named = [
            ...(told?.ingress ?? []).map((id) => 2 * pointOf(id)),
            ...(told?.egress ?? []).map((id) => 2 * pointOf(id) + 1),
          ];
          const found = underWay[at].filter((side) => !expected[at].has(side));
          expect({ seed, neighbor, prefix, sides: ascending(named) }).toEqual({
            seed,
            neighbor,
            prefix,
            sides: ascending(found),
          });
          if (found.length > 0) seen.transients++;
        }
      }
    }
    expect(seen.states).toBeGreaterThan(1000);
    expect(seen.transients).toBeGreaterThan(20);
    expect(seen.exportPhases).toBeGreaterThan(200);
    expect(seen.ordered).toBeGreaterThan(5);
  }, 60_000);

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

function changedBy(entries: Entries, { phases }: ExecutionStep): Entries {
  const result = new Map(entries);
  for (const { difference } of phases) change(result, difference);
  return result;
}
