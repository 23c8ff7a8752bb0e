/** What a change of policy moves: for each prefix whose rules change, where its traffic comes from, goes to, and may pass. */
import type { PlannedWays } from '../plan/planned-ways.ts';
import type { PairWays } from './bgp/pair-ways.ts';
import { type Comer, inExportOrder } from './export-order.ts';
import { MovingPair } from './moving-pair.ts';
import type { Setting } from './setting.ts';
import type { Entry, Transition } from './transition.ts';
import { Trial } from './trial.ts';

/** Loads are of sides: point p's ingress at 2p, its egress at 2p + 1. */
export interface Move {
  /** Index of the prefix. */
  readonly prefix: number;
  /** What it adds to sides and takes from them, by side; a way that is not known takes from none. */
  readonly arrivals: ReadonlyMap<number, number>;
  readonly departures: ReadonlyMap<number, number>;
  /** What sides may carry meanwhile that neither had it nor get it. */
  readonly passing: ReadonlyMap<number, number>;
  /** Pairs, and their volume, that may meanwhile use a point of neither way, or none. */
  readonly strayCount: number;
  readonly strayVolume: number;
  /** What may happen at no rest, only while updates are under way. */
  readonly transients: readonly Transient[];
}

/** A pair that may, for a moment, use a point of neither its way before nor its planned one, or be told the prefix nowhere. */
export interface Transient {
  readonly neighbor: number;
  readonly prefix: number;
  readonly volume: number;
  /** Such points, ascending. */
  readonly ingress: readonly number[];
  readonly egress: readonly number[];
  readonly mayBeUntold: boolean;
}

export interface Change {
  /** In the order of the prefixes. */
  readonly moves: readonly Move[];
  /** What changes for each of them. */
  readonly entries: ReadonlyMap<Move, readonly Entry[]>;
  /** Float64 [2 · points], loads before. */
  readonly load: Float64Array;
  /** Volume whose way before cannot be told: BGP leaves it open, and the model gives no current choice. */
  readonly unknownVolume: number;
}

export function changeOf(setting: Setting, transition: Transition, planned: PlannedWays): Change {
  const { traffic, prefixes, points } = setting.model;
  const trial = new Trial(setting);
  const load = new Float64Array(2 * points.length);
  const entriesOf = new Map<Move, readonly Entry[]>();
  let unknownVolume = 0;
  for (let k = 0; k < prefixes.count; k++) {
    const rules = transition.entries(k);
    if (rules.length === 0) {
      // Where no rule changes, BGP does already what the plan says.
      for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
        load[2 * planned.ingress[pair]] += traffic.volume[pair];
        load[2 * planned.egress[pair] + 1] += traffic.volume[pair];
      }
      continue;
    }
    trial.play(k, transition.before);
    const pairs = movingPairs(setting, trial.ways, planned, k);
    const comers = pairs.map(({ neighbor, target }): Comer => ({ neighbor, wanted: target[0] / 2 }));
    const entries = inExportOrder(setting, transition, trial, k, rules, comers);
    for (const states of transition.between(entries)) {
      for (const state of states) {
        trial.play(k, state);
        for (const pair of pairs) pair.visit(trial.ways);
      }
      for (const pair of pairs) pair.endPhase(trial.ways);
    }
    for (const { volume, present } of pairs) {
      if (present === null) unknownVolume += volume;
      else for (const side of present) load[side] += volume;
    }
    entriesOf.set(moveOf(k, pairs), entries);
  }
  return { moves: [...entriesOf.keys()], entries: entriesOf, load, unknownVolume };
}

function movingPairs(setting: Setting, ways: PairWays, planned: PlannedWays, k: number): MovingPair[] {
  const { traffic, points } = setting.model;
  const pairs: MovingPair[] = [];
  for (let pair = traffic.start[k]; pair < traffic.start[k + 1]; pair++) {
    if (traffic.volume[pair] === 0) continue;
    const ingress = ways.ingress(traffic.neighbor[pair], k);
    const egress = ingress < 0 ? -1 : ways.egress(k, points[ingress].router);
    const current = [traffic.currentIngress[pair], traffic.currentEgress[pair]];
    // As BGP has it; where that is open, as the model says.
    const present = egress >= 0 ? [ingress, egress] : current[0] >= 0 ? current : null;
    const sides = present === null ? null : [2 * present[0], 2 * present[1] + 1];
    const target = [2 * planned.ingress[pair], 2 * planned.egress[pair] + 1];
    const what = { neighbor: traffic.neighbor[pair], prefix: k, volume: traffic.volume[pair] };
    pairs.push(new MovingPair({ ...what, present: sides, target }, setting, ways));
  }
  return pairs;
}

function moveOf(prefix: number, pairs: readonly MovingPair[]): Move {
  const [arrivals, departures, passing] = [new Map(), new Map(), new Map()] as Map<number, number>[];
  const add = (to: Map<number, number>, side: number, volume: number) => to.set(side, (to.get(side) ?? 0) + volume);
  let [strayCount, strayVolume] = [0, 0];
  const transients: Transient[] = [];
  for (const pair of pairs) {
    const { neighbor, volume, present, target, passed, isStray, transient } = pair;
    for (const [at, to] of target.entries()) {
      const from = present?.[at] ?? -1;
      if (from === to) continue;
      add(arrivals, to, volume);
      if (from >= 0) add(departures, from, volume);
    }
    for (const side of passed) add(passing, side, volume);
    if (isStray) {
      strayCount++;
      strayVolume += volume;
    }
    // One that is told nowhere at rest is a stray.
    const mayBeUntold = pair.mayBeUntold && !isStray;
    if (transient.length > 0 || mayBeUntold) {
      const [ingress, egress] = [0, 1].map((end) => pointsOf(transient, end));
      transients.push({ neighbor, prefix, volume, ingress, egress, mayBeUntold });
    }
  }
  return { prefix, arrivals, departures, passing, strayCount, strayVolume, transients };
}

/** `end`: 0 for ingress, 1 for egress. */
function pointsOf(sides: readonly number[], end: number): number[] {
  return sides
    .filter((side) => side % 2 === end)
    .map((side) => (side - end) / 2)
    .sort((a, b) => a - b);
}
