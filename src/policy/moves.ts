/** What a change of policy moves: for each prefix whose rules change, where its traffic comes from and goes to. */

import type { PlannedWays } from '../plan/planned-ways.ts';
import { AppliedPolicy } from './applied-policy.ts';
import { PairWays } from './bgp/pair-ways.ts';
import { routeAll } from './bgp/routing.ts';
import type { RouterPolicy } from './document.ts';
import { DIRECTIONS } from './document.ts';
import type { Setting } from './setting.ts';

/** Loads are of sides: point p's ingress at 2p, its egress at 2p + 1. */
export interface Move {
  /** Index of the prefix. */
  readonly prefix: number;
  /** What it adds to sides and takes from them, by side; a way that is not known takes from none. */
  readonly arrivals: ReadonlyMap<number, number>;
  readonly departures: ReadonlyMap<number, number>;
}

export interface Change {
  /** In the order of the prefixes. */
  readonly moves: readonly Move[];
  /** Float64 [2 · points], loads before. */
  readonly load: Float64Array;
  /** Volume whose way before cannot be told: BGP leaves it open, and the model gives no current choice. */
  readonly unknownVolume: number;
}

export function changeOf(setting: Setting, target: readonly RouterPolicy[], planned: PlannedWays): Change {
  const { model, network, names, speakers, received, existing, bgp } = setting;
  const { traffic, prefixes, points } = model;
  const policy = new AppliedPolicy(network, names, existing);
  const ways = new PairWays(routeAll(speakers, policy.applyImport(received)), policy, bgp.forwarding);
  const isChanged = changedPrefixes(setting, policy, new AppliedPolicy(network, names, target));
  const load = new Float64Array(2 * points.length);
  const moves: Move[] = [];
  let unknownVolume = 0;
  for (let k = 0; k < prefixes.count; k++) {
    const [arrivals, departures] = [new Map<number, number>(), new Map<number, number>()];
    for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
      const volume = traffic.volume[pair];
      if (volume === 0) continue;
      // Where no rule changes, BGP does already what the plan says.
      const isMoved = isChanged[k] === 1;
      const [ingress, egress] = isMoved
        ? presentWay(setting, ways, k, pair)
        : [planned.ingress[pair], planned.egress[pair]];
      if (ingress < 0) unknownVolume += volume;
      else {
        load[2 * ingress] += volume;
        load[2 * egress + 1] += volume;
      }
      if (!isMoved) continue;
      shift(arrivals, departures, ingress < 0 ? -1 : 2 * ingress, 2 * planned.ingress[pair], volume);
      shift(arrivals, departures, egress < 0 ? -1 : 2 * egress + 1, 2 * planned.egress[pair] + 1, volume);
    }
    if (isChanged[k] === 1) moves.push({ prefix: k, arrivals, departures });
  }
  return { moves, load, unknownVolume };
}

/** As BGP has it; where that is open, as the model says. -1 twice where nobody knows. */
function presentWay({ model }: Setting, ways: PairWays, k: number, pair: number): [number, number] {
  const ingress = ways.ingress(model.traffic.neighbor[pair], k);
  const egress = ingress < 0 ? -1 : ways.egress(k, model.points[ingress].router);
  if (egress >= 0) return [ingress, egress];
  return [model.traffic.currentIngress[pair], model.traffic.currentEgress[pair]];
}

function shift(
  arrivals: Map<number, number>,
  departures: Map<number, number>,
  from: number,
  to: number,
  volume: number,
): void {
  if (from === to) return;
  arrivals.set(to, (arrivals.get(to) ?? 0) + volume);
  if (from >= 0) departures.set(from, (departures.get(from) ?? 0) + volume);
}

/** Uint8 [prefixes], 1 where some session treats the prefix otherwise. */
function changedPrefixes({ model, network }: Setting, before: AppliedPolicy, after: AppliedPolicy): Uint8Array {
  const isChanged = new Uint8Array(model.prefixes.count);
  for (let session = 0; session < network.sessions.length; session++) {
    for (const direction of DIRECTIONS) {
      if (!before.hasRules(direction, session) && !after.hasRules(direction, session)) continue;
      for (let k = 0; k < model.prefixes.count; k++) {
        const [was, is] = [before.ruleFor(direction, session, k), after.ruleFor(direction, session, k)];
        if (was === is || (was !== null && is !== null && treatment(was) === treatment(is))) continue;
        isChanged[k] = 1;
      }
    }
  }
  return isChanged;
}

const texts = new WeakMap<object, string>();

/** Once per rule: a rule is for many prefixes. */
function treatment(rule: { readonly action: string; readonly set: object }): string {
  let text = texts.get(rule);
  if (text === undefined) {
    text = JSON.stringify([rule.action, rule.set]);
    texts.set(rule, text);
  }
  return text;
}
