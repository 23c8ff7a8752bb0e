/** The steps of an execution plan carried out, with all that sessions and routers may do meanwhile. */
import { expect } from 'vitest';
import type { NetworkModel } from '../../src/model/network-model.ts';
import { AppliedPolicy } from '../../src/policy/applied-policy.ts';
import { PairWays } from '../../src/policy/bgp/pair-ways.ts';
import { routeAll } from '../../src/policy/bgp/routing.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import type { ExecutionStep, RuleChange } from '../../src/policy/report.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { choices, type Offer, taken } from './offer-mixtures.ts';
import { change, type Entries, policiesOf } from './policy-entries.ts';

/** What neighbors may take a missing MED for. */
const VIEWS = { best: [0], worst: [0xffffffff], unknown: [0, 0xffffffff] } as const;
export type View = keyof typeof VIEWS;
export const bgpOf = (neighborMissingMed: View) => ({ multipath: false, neighborMissingMed });

/** One state at rest, of a pair: what each session of its neighbor may tell, and where each router may send its traffic. */
interface State {
  readonly told: readonly (readonly Offer[])[];
  /** Points by point of entry, in the order of the sessions. */
  readonly egress: readonly (readonly number[])[];
}

/** Neighbor and prefix, as indices. */
type Pair = readonly [number, number];

export class Network {
  readonly model: NetworkModel;
  readonly #view: View;
  readonly #setting: ReturnType<typeof settingOf>;

  constructor(model: NetworkModel, view: View) {
    this.model = model;
    this.#view = view;
    this.#setting = settingOf(model, parsePolicyOptions({ bgp: bgpOf(view) }, model));
  }

  /** Points of the sessions of a neighbor. */
  #pointsOf(h: number): number[] {
    const { network } = this.#setting;
    return Array.from(network.sessionsOf[h], (session) => network.sessions[session].point);
  }

  states(entries: Entries, pairs: readonly Pair[]): State[] {
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
      return {
        told,
        egress: this.#pointsOf(h).map((point) => ways.possibleEgress(k, this.model.points[point].router)),
      };
    });
  }

  /**
   * What a pair may do while its sessions and routers go from state to state, each when it does; with one state, at rest. Sides
   * are as in `Move`.
   */
  sides([h]: Pair, states: readonly State[]): number[] {
    const points = this.#pointsOf(h);
    const lists = points.map((_, s) => {
      const all = states.flatMap(({ told }) => told[s]);
      return [...new Map(all.map((offer) => [String(offer), offer])).values()];
    });
    const mixtures = [...choices(lists)];
    const entered = new Set(VIEWS[this.#view].flatMap((none) => mixtures.flatMap((told) => taken(told, points, none))));
    return [...entered].flatMap((point) => {
      const egress = states.flatMap((state) => state.egress[points.indexOf(point)]);
      return [2 * point, ...egress.map((one) => 2 * one + 1)];
    });
  }
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
function pairsOf({ traffic, prefixes }: NetworkModel, step: ExecutionStep): Pair[] {
  return step.prefixes.flatMap((id) => {
    const k = prefixes.ids.indexOf(id);
    const pairs = Array.from({ length: traffic.start[k + 1] - traffic.start[k] }, (_, at) => traffic.start[k] + at);
    return pairs.filter((pair) => traffic.volume[pair] > 0).map((pair): Pair => [traffic.neighbor[pair], k]);
  });
}

const ascending = (sides: Iterable<number>): number[] => [...new Set(sides)].sort((a, b) => a - b);

/** How often there was what a test is about. */
export const nothingSeen = () => ({ states: 0, transients: 0, exportPhases: 0, ordered: 0 });

/**
 * Carries the steps out on `entries`, phase by phase, and looks at all that may be so meanwhile: transients are what a step tells
 * of, and while it changes what neighbors are told, nobody comes in but at points of either way, or where import policy had brought it.
 * `seed` is for messages.
 */
export function walk(
  network: Network,
  steps: readonly ExecutionStep[],
  entries: Entries,
  seed: number,
  seen: ReturnType<typeof nothingSeen>,
): void {
  const { model } = network;
  for (const step of steps) {
    const pairs = pairsOf(model, step);
    const [before, after] = [entries, changedBy(entries, step)].map((of) => network.states(of, pairs));
    const expected = pairs.map(
      (_, at) => new Set([before[at], after[at]].flatMap((one) => network.sides(pairs[at], [one]))),
    );
    const underWay = pairs.map((): number[] => []);
    for (const { name, difference } of step.phases) {
      const routers = [...new Set(difference.map(({ router }) => router))];
      const states = [...subsets(routers)].map((acted) => network.states(changed(entries, difference, acted), pairs));
      seen.states += states.length;
      for (const [at, pair] of pairs.entries()) {
        const mine = states.map((state) => state[at]);
        const sides = network.sides(pair, mine);
        underWay[at].push(...sides);
        if (name !== 'prefer' && name !== 'release') {
          seen.exportPhases++;
          // Where it leaves is up to import policy.
          const astray = sides.filter((side) => side % 2 === 0 && !expected[at].has(side));
          expect({ seed, name, pair, astray }).toEqual({ seed, name, pair, astray: [] });
        }
        for (const one of mine) for (const side of network.sides(pair, [one])) expected[at].add(side);
      }
      if (name === 'deter' || name === 'restore') seen.ordered++;
      change(entries, difference);
    }
    expect(step.transientCount).toBe(step.transients.length);
    for (const [at, pair] of pairs.entries()) {
      const found = underWay[at].filter((side) => !expected[at].has(side));
      expect({ seed, pair, sides: told(model, step, pair) }).toEqual({ seed, pair, sides: ascending(found) });
      if (found.length > 0) seen.transients++;
    }
  }
}

/** Sides that a step tells of for a pair. */
function told(model: NetworkModel, { transients }: ExecutionStep, [h, k]: Pair): number[] {
  const one = transients.find(
    ({ neighbor, prefix }) => neighbor === model.neighbors[h].id && prefix === model.prefixes.ids[k],
  );
  const pointOf = (id: string): number => model.points.findIndex((point) => point.id === id);
  return ascending([
    ...(one?.ingress ?? []).map((id) => 2 * pointOf(id)),
    ...(one?.egress ?? []).map((id) => 2 * pointOf(id) + 1),
  ]);
}

function changedBy(entries: Entries, { phases }: ExecutionStep): Entries {
  const result = new Map(entries);
  for (const { difference } of phases) change(result, difference);
  return result;
}
