/** A network on paper: volumes of prefixes over time, where they leave, and whether the network follows what is announced. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import Value from 'typebox/value';
import type { LearnedRoute, Observation, PrefixReading } from '../../src/manager/decision/observation.ts';
import type { Reallocation, ReallocationRequest, Reallocator } from '../../src/manager/decision/reallocator.ts';
import {
  type DecisionSettings,
  DecisionSettingsSchema,
  type ManagedPoint,
  pointLimits,
} from '../../src/manager/decision/settings.ts';
import type { Override } from '../../src/manager/decision/state.ts';

/** Uniform over [0, 1). */
export function streamOf(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

export const TICK_MS = 30_000;

export function settingsOf(given: Partial<DecisionSettings> = {}): DecisionSettings {
  // On paper the network follows at once.
  return { ...(Value.Create(DecisionSettingsSchema) as DecisionSettings), settleMs: 0, ...given };
}

export const limitsOf = (points: readonly ManagedPoint[], settings: DecisionSettings) => pointLimits(points, settings);

export interface SimulatedPrefix {
  readonly prefix: string;
  /** Point of plain BGP, among `learned`. */
  readonly natural: string;
  readonly learned: readonly string[];
  readonly volume: number;
}

export function route(point: string): LearnedRoute {
  return { point, nextHop: '192.0.2.1', asPath: [64601], origin: 'igp', med: null, communities: [] };
}

/** Overrides are in force where they are learned and `follows`. */
export function observe(
  atMs: number,
  points: readonly string[],
  prefixes: readonly SimulatedPrefix[],
  overrides: readonly Override[] = [],
  follows: (prefix: string) => boolean = () => true,
): Observation {
  const targets = new Map(overrides.map(({ prefix, to }) => [prefix, to]));
  const loads = new Map(points.map((point) => [point, 0]));
  const readings: PrefixReading[] = prefixes.map(({ prefix, natural, learned, volume }) => {
    const to = targets.get(prefix);
    const isMoved = to !== undefined && learned.includes(to) && follows(prefix);
    const leaves = isMoved ? to : learned.includes(natural) ? natural : learned[0];
    if (leaves !== undefined) loads.set(leaves, loads.get(leaves)! + volume);
    return {
      prefix,
      volumes: leaves === undefined ? [] : [{ point: leaves, volume, variance: 0, latest: volume }],
      learned: learned.map(route),
      installed: isMoved ? to : null,
    };
  });
  return {
    atMs,
    points: points.map((point) => {
      const load = loads.get(point)!;
      return {
        point,
        load,
        sinceMs: atMs - TICK_MS,
        measuredAtMs: atMs,
        flowVolume: load,
        flowsSinceMs: atMs - TICK_MS,
        flowsAtMs: atMs,
        flowCheck: { volume: load, variance: 0, least: load, most: load },
      };
    }),
    prefixes: readings.sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
    routesAtMs: atMs,
  };
}

/** Flow records so many times over; 0: as if none had come for long. */
export function withFlows(observation: Observation, factor: number): Observation {
  return {
    ...observation,
    points: observation.points.map((one) => ({
      ...one,
      flowVolume: factor * one.flowVolume,
      flowCheck: one.flowCheck === null ? null : { ...one.flowCheck, volume: factor * one.flowCheck.volume },
    })),
    prefixes: observation.prefixes.map((one) => ({
      ...one,
      volumes: one.volumes
        .map((each) => ({ ...each, volume: factor * each.volume, latest: factor * each.latest }))
        .filter(({ volume }) => volume > 0),
    })),
  };
}

/** The best of all ways to move at most `maxChanges` prefixes: for tiny requests. */
export const exhaustive: Reallocator = async (request) => bestOf(request);

function bestOf(request: ReallocationRequest): Reallocation {
  const { points, prefixes, maxChanges, changeCost } = request;
  const price = new Map(points.map((point) => [point.id, point.price]));
  const room = new Map(points.map((point) => [point.id, point.room ?? Number.POSITIVE_INFINITY]));
  for (const { current, volume } of prefixes) room.set(current, room.get(current)! - volume);
  let best: { moves: Reallocation['moves']; cost: number } | null = null;
  const search = (from: number, moves: { prefix: string; to: string }[], cost: number): void => {
    if ([...room.values()].every((left) => left >= -1e-9) && (best === null || cost < best.cost)) {
      best = { moves: [...moves], cost };
    }
    if (moves.length === maxChanges) return;
    for (let k = from; k < prefixes.length; k++) {
      const { prefix, volume, current, options } = prefixes[k];
      for (const to of options) {
        if (to === current) continue;
        room.set(current, room.get(current)! + volume);
        room.set(to, room.get(to)! - volume);
        moves.push({ prefix, to });
        search(k + 1, moves, cost + volume * (price.get(to)! - price.get(current)! + changeCost));
        moves.pop();
        room.set(current, room.get(current)! - volume);
        room.set(to, room.get(to)! + volume);
      }
    }
  };
  search(0, [], 0);
  const found = best as { moves: Reallocation['moves'] } | null;
  return found === null ? { fits: false, moves: [] } : { fits: true, moves: found.moves };
}
