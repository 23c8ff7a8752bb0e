/** Random model payloads, small and full of traps: what the brute force and the contract suite run on. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { buildModel } from '../../src/model/build-model.ts';

export type Relation = 'customer' | 'peer' | 'provider';

/** The payload of design rows, as far as a plan depends on it. A capacity that is left out is unlimited. */
export interface ModelPayload {
  version: 1;
  routers: { id: string; address?: string; ingressCapacity?: number; egressCapacity?: number; price?: number }[];
  interfaces: { id: string; router: string; ingressCapacity?: number; egressCapacity?: number; price?: number }[];
  distances: { from: string; to: string; distance: number; directed?: boolean }[];
  neighbors: { id: string; asn?: number; relation?: Relation; ingress: string[] }[];
  prefixes: { id: string; prefix: string; egress?: { at: string; penalty: number }[] }[];
  advertisements: { prefix: string; at: string; peerAsn: number; asPath: number[] }[];
  sessions: { at: string; peerAsn: number; relation: Relation }[];
  traffic: { neighbor: string; prefix: string; volume: number }[];
  current: { neighbor: string; prefix: string; ingress: string; egress: string }[];
}

/** A payload with what is given, all other lists empty; an egress may be a name alone. */
export function payloadOf(
  given: Partial<Omit<ModelPayload, 'prefixes'>> & {
    prefixes: { id: string; prefix: string; egress?: (string | { at: string; penalty: number })[] }[];
  },
): ModelPayload {
  const prefixes = given.prefixes.map(({ egress, ...one }) => ({
    ...one,
    ...(egress === undefined ? {} : { egress: egress.map((at) => (typeof at === 'string' ? { at, penalty: 0 } : at)) }),
  }));
  return {
    version: 1,
    routers: [],
    interfaces: [],
    distances: [],
    neighbors: [],
    advertisements: [],
    sessions: [],
    traffic: [],
    current: [],
    ...given,
    prefixes,
  };
}

export interface Size {
  /** At least one of each. */
  readonly points: number;
  readonly neighbors: number;
  readonly prefixes: number;
  readonly pairs: number;
}

export interface Traits {
  /** Sizes are those given, not up to those given. */
  readonly full?: boolean;
  /** Factor on volumes and capacities. */
  readonly scale?: number;
  /** No relations, AS paths, unreachable points or interfaces: every choice is open. */
  readonly plain?: boolean;
}

const ADDRESSES = ['192.0.2.10', '192.0.2.9', '192.0.2.100', '10.0.0.1'];

/** The first payload from the seed on that the modeler accepts; most are. */
export function randomPayload(seed: number, size: Size, traits: Traits = {}): ModelPayload {
  for (let attempt = 0; ; attempt++) {
    const payload = draw(new Dice(seed + attempt * 0x10000), size, traits);
    try {
      buildModel(payload);
      return payload;
    } catch (error) {
      if (attempt === 100) throw error;
    }
  }
}

export class Dice {
  private readonly generator;

  constructor(seed: number) {
    this.generator = xoroshiro128plus(seed);
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return uniformInt(this.generator, low, high);
  }

  chance(percent: number): boolean {
    return this.between(1, 100) <= percent;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)];
  }

  /** A part of the list, in its order, never empty. */
  some<T>(list: readonly T[], percent: number): T[] {
    const taken = list.filter(() => this.chance(percent));
    return taken.length > 0 ? taken : [this.pick(list)];
  }

  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(this.between(0, left.length - 1), 1)[0]);
  }
}

function draw(dice: Dice, size: Size, { full = false, scale = 1, plain = false }: Traits): ModelPayload {
  const count = (most: number) => (full ? most : dice.between(1, most));
  const names = (letter: string, most: number) => Array.from({ length: most }, (_, at) => `${letter}${at + 1}`);
  const range = dice.pick([1, 3, 50]);

  const pointCount = count(size.points);
  const routers: ModelPayload['routers'] = [];
  const interfaces: ModelPayload['interfaces'] = [];
  while (routers.length + interfaces.length < pointCount) {
    const id = `r${routers.length + interfaces.length + 1}`;
    const address = dice.chance(60) ? { address: dice.pick(ADDRESSES) } : {};
    const isSplit = !plain && routers.length + interfaces.length + 2 <= pointCount && dice.chance(30);
    routers.push({ id, ...address });
    if (isSplit) interfaces.push({ id: `${id}:a`, router: id }, { id: `${id}:b`, router: id });
  }
  // A split router is no point, so it is counted twice above: the points are what is left.
  const owners = new Set(interfaces.map(({ router }) => router));
  const points = [...routers.filter(({ id }) => !owners.has(id)), ...interfaces];
  const ids = points.map(({ id }) => id);

  const distances: ModelPayload['distances'] = [];
  routers.forEach(({ id: from }, a) => {
    for (const { id: to } of routers.slice(a + 1)) {
      if (!plain && dice.chance(8)) continue;
      if (!plain && dice.chance(10)) {
        distances.push({ from, to, distance: dice.between(0, range), directed: true });
        if (dice.chance(60)) distances.push({ from: to, to: from, distance: dice.between(0, range), directed: true });
      } else distances.push({ from, to, distance: dice.between(0, range) });
    }
  });

  const isPolicied = !plain && dice.chance(35);
  const neighbors = names('A', count(size.neighbors)).map((id, at) => ({
    id,
    asn: 65001 + at,
    ...(isPolicied && dice.chance(70) ? { relation: dice.pick(['customer', 'peer', 'provider'] as const) } : {}),
    ingress: dice.some(ids, 60),
  }));
  const prefixes = names('P', count(size.prefixes)).map((id, at) => ({
    id,
    prefix: `10.${at}.0.0/16`,
    egress: dice.some(ids, 70).map((at) => ({ at, penalty: dice.chance(30) ? dice.between(0, range) : 0 })),
  }));
  const advertisements: ModelPayload['advertisements'] = [];
  const sessions: ModelPayload['sessions'] = [];
  if (isPolicied) {
    for (const { id: prefix, egress } of prefixes) {
      for (const { at } of egress) {
        if (dice.chance(30)) continue;
        const peerAsn = dice.pick([65001, 65101, 65102]);
        advertisements.push({ prefix, at, peerAsn, asPath: [peerAsn, dice.pick([65001, 65002, 65003, 65200, 65201])] });
      }
    }
    for (const at of ids)
      if (dice.chance(40)) sessions.push({ at, peerAsn: 65101, relation: dice.pick(['customer', 'peer']) });
  }

  const all = prefixes.flatMap(({ id: prefix }) => neighbors.map(({ id: neighbor }) => ({ neighbor, prefix })));
  const grain = dice.pick([1, 1, 10]);
  const traffic = dice
    .shuffled(all)
    .slice(0, full ? size.pairs : dice.between(1, size.pairs))
    .map((pair) => ({ ...pair, volume: (dice.chance(8) ? 0 : dice.between(1, 9) / grain) * scale }));

  limitPoints(dice, { points, neighbors, prefixes, traffic }, scale);
  for (const point of points) if (dice.chance(25)) point.price = dice.between(0, range);
  const current = dice.chance(40)
    ? dice.some(traffic, 60).map(({ neighbor, prefix }) => ({
        neighbor,
        prefix,
        // Mostly a choice that is still allowed.
        ingress: dice.pick(dice.chance(85) ? neighbors.find(({ id }) => id === neighbor)!.ingress : ids),
        egress: dice.pick(dice.chance(85) ? prefixes.find(({ id }) => id === prefix)!.egress.map(({ at }) => at) : ids),
      }))
    : [];
  return {
    version: 1,
    routers,
    interfaces,
    distances,
    neighbors,
    prefixes,
    advertisements,
    sessions,
    traffic,
    current,
  };
}

/** Capacities around the loads of a random plan: tight, and mostly with a plan that fits. */
function limitPoints(
  dice: Dice,
  {
    points,
    neighbors,
    prefixes,
    traffic,
  }: {
    points: { id: string; ingressCapacity?: number; egressCapacity?: number }[];
    neighbors: ModelPayload['neighbors'];
    prefixes: Required<ModelPayload['prefixes'][number]>[];
    traffic: ModelPayload['traffic'];
  },
  scale: number,
): void {
  const ingressLoad = new Map<string, number>();
  const egressLoad = new Map<string, number>();
  const egressOf = new Map(prefixes.map(({ id, egress }) => [id, dice.pick(egress).at]));
  const put = (load: Map<string, number>, point: string, volume: number) =>
    load.set(point, (load.get(point) ?? 0) + volume);
  for (const { neighbor, prefix, volume } of traffic) {
    put(ingressLoad, dice.pick(neighbors.find(({ id }) => id === neighbor)!.ingress), volume);
    put(egressLoad, egressOf.get(prefix) as string, volume);
  }
  const slack = dice.pick([0.7, 1, 1, 1.2, 2]);
  for (const point of points) {
    if (!dice.chance(20)) point.ingressCapacity = (ingressLoad.get(point.id) ?? dice.between(0, 3) * scale) * slack;
    if (!dice.chance(20)) point.egressCapacity = (egressLoad.get(point.id) ?? dice.between(0, 3) * scale) * slack;
  }
}
