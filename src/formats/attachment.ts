import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { FaultList, shown } from '../model/fault-list.ts';
import type { Relation } from '../model/network-model.ts';
import type { BgpTable } from './bgp-table.ts';
import type { ImportSettings } from './import-options.ts';
import { permutation, randomStream } from './random.ts';
import type { MappedSession } from './session-map.ts';
import type { Topology } from './topology.ts';

/** A router that stands for itself, or one interface of it. */
export interface AttachmentPoint {
  readonly id: string;
  /** Index into the nodes of the topology. */
  readonly node: number;
  readonly isInterface: boolean;
}

export interface AttachedSession {
  /** Index into `points`. */
  readonly at: number;
  readonly peerAsn: number;
  readonly peerAddress: string | null;
  /** Index into `neighbors`, or -1. */
  readonly neighbor: number;
  readonly relation: Relation | null;
}

export interface AttachedNeighbor {
  readonly id: string;
  readonly asn: number;
  readonly relation: Relation | null;
  /** Int32, In(h): indices into `points`, ascending. */
  readonly ingress: Int32Array;
}

/** Who is attached where. The sessions of the peers of the table come first, in its order, then those of neighbors. */
export interface Attachment {
  readonly points: readonly AttachmentPoint[];
  readonly sessions: readonly AttachedSession[];
  readonly neighbors: readonly AttachedNeighbor[];
  /** Whether the session map or the traffic names the neighbors, or nobody. */
  readonly neighborSource: 'map' | 'traffic' | 'made up';
  /** How many peers of the table were spread by seed. */
  readonly spreadPeerCount: number;
  readonly reports: readonly string[];
}

/** What is known of neighbors before they are placed. */
export interface AttachmentInput {
  readonly topology: Topology;
  readonly table: BgpTable;
  readonly sessionMap: readonly MappedSession[];
  readonly mapName: string;
  /** Neighbors that the traffic names, sorted; null where traffic is synthetic. */
  readonly trafficNeighbors: readonly string[] | null;
  readonly settings: ImportSettings;
}

/** Private use (RFC 6996). */
const PRIVATE_ASNS = [
  [64512, 65534],
  [4200000000, 4294967294],
] as const;

/**
 * Puts each peer of the table and each neighbor at routers. Peers stand where the map says; the others are spread by
 * seed over the connected nodes, none of which is taken twice before all are taken. Neighbors are those that the map
 * names, else those of the traffic, else made up; the latter two get private ASNs and ingress points by seed.
 *
 * @throws EgressoError FORMAT_INVALID for faults of the map, with `/line/N/column` pointers.
 */
export function attach(input: AttachmentInput): Attachment {
  const { topology, table, sessionMap, settings } = input;
  const nodeOf = checkMap(input);
  const reports: string[] = [];
  const mapped = new Map(sessionMap.map((session) => [session.peerAddress, session]));
  const points = new PointList(
    topology,
    settings.interfaces,
    sessionMap.filter((session) => session.interface !== null).map((session) => nodeOf.get(session.router) ?? 0),
  );
  const spread = spreadNodes(topology.connected, randomStream(settings.seed, 'session-spread'));
  const placed = table.peers.map(({ address, asn }) => {
    const entry = mapped.get(address) ?? null;
    const node = entry === null ? spread() : (nodeOf.get(entry.router) ?? 0);
    return { address, asn, entry, at: points.at(node, entry?.interface ?? null, address) };
  });
  const spreadPeerCount = placed.filter(({ entry }) => entry === null).length;
  if (sessionMap.length > 0) {
    const addresses = new Set(table.peers.map(({ address }) => address));
    const absent = sessionMap.filter(({ peerAddress }) => !addresses.has(peerAddress));
    if (absent.length > 0) {
      reports.push(`Mapped peers that the table does not have: ${absent.map((s) => s.peerAddress).join(', ')}.`);
    }
    if (spreadPeerCount > 0)
      reports.push(`Peers spread by seed, because the map does not have them: ${spreadPeerCount}.`);
  }
  const named = [...new Set(placed.flatMap(({ entry }) => entry?.neighbor ?? []))].sort();
  const peerSessions = placed.map(({ address, asn, entry, at }) => ({
    at,
    peerAsn: asn,
    peerAddress: address,
    neighbor: entry?.neighbor ? named.indexOf(entry.neighbor) : -1,
    relation: entry?.relation ?? null,
  }));
  if (named.length > 0) {
    const neighbors = named.map((id, index) =>
      mappedNeighbor(
        id,
        peerSessions.filter((s) => s.neighbor === index),
      ),
    );
    return {
      points: points.list,
      sessions: peerSessions,
      neighbors,
      neighborSource: 'map',
      spreadPeerCount,
      reports,
    };
  }
  const ids = input.trafficNeighbors ?? Array.from({ length: settings.neighbors }, (_, h) => `N${h + 1}`);
  const { neighbors, sessions } = placeNeighbors(ids, points, input);
  return {
    points: points.list,
    sessions: [...peerSessions, ...sessions],
    neighbors,
    neighborSource: input.trafficNeighbors === null ? 'made up' : 'traffic',
    spreadPeerCount,
    reports,
  };
}

/** Node of each router that the map names. */
function checkMap({ topology, table, sessionMap, mapName }: AttachmentInput): Map<string, number> {
  const nodeOf = new Map(topology.nodes.map(({ id }, node) => [id, node]));
  const connected = new Set(topology.connected);
  const asnOfPeer = new Map(table.peers.map(({ address, asn }) => [address, asn]));
  const faults = new FaultList();
  const firstOf = new Map<string, { asn: number; relation: Relation | null; line: number }>();
  for (const { line, router, neighbor, peerAddress, relation } of sessionMap) {
    const node = nodeOf.get(router);
    if (node === undefined) faults.add(`/line/${line}/router`, `${shown(router)} is no node of the topology`);
    else if (!connected.has(node)) faults.add(`/line/${line}/router`, `${shown(router)} has no path to the rest`);
    const asn = asnOfPeer.get(peerAddress);
    if (neighbor === null || asn === undefined) continue;
    const first = firstOf.get(neighbor);
    if (first === undefined) firstOf.set(neighbor, { asn, relation, line });
    else if (first.asn !== asn || first.relation !== relation) {
      faults.add(`/line/${line}/neighbor`, `${shown(neighbor)} has another ASN or relation in line ${first.line}`);
    }
  }
  if (faults.count > 0) throw faults.toError('FORMAT_INVALID', mapName);
  return nodeOf;
}

function mappedNeighbor(id: string, sessions: readonly AttachedSession[]): AttachedNeighbor {
  const ingress = Int32Array.from(new Set(sessions.map(({ at }) => at))).sort();
  return { id, asn: sessions[0].peerAsn, relation: sessions[0].relation, ingress };
}

function placeNeighbors(
  ids: readonly string[],
  points: PointList,
  { topology, table, settings }: AttachmentInput,
): { neighbors: AttachedNeighbor[]; sessions: AttachedSession[] } {
  const generator = randomStream(settings.seed, 'neighbor-spread');
  const spread = spreadNodes(topology.connected, generator);
  const asns = freePrivateAsns(table, settings.asn);
  const sessions: AttachedSession[] = [];
  const neighbors = ids.map((id, h) => {
    const asn = asns();
    const nodeCount = Math.min(topology.connected.length, uniformInt(generator, ...settings.ingressPoints));
    const nodes = new Set<number>();
    // A new round of the spread may begin within a neighbor, and may begin with a node that it has.
    while (nodes.size < nodeCount) nodes.add(spread());
    const ingress = Int32Array.from(nodes, (node) => points.at(node, null, id)).sort();
    for (const at of ingress) {
      sessions.push({ at, peerAsn: asn, peerAddress: benchmarkAddress(sessions.length), neighbor: h, relation: null });
    }
    return { id, asn, relation: null, ingress };
  });
  return { neighbors, sessions };
}

/** Nodes in a seeded order, again and again, each round in an order of its own. */
function spreadNodes(nodes: Int32Array, generator: RandomGenerator): () => number {
  let order: Int32Array = new Int32Array(0);
  let next = 0;
  return () => {
    if (next === order.length) {
      order = permutation(generator, nodes.length);
      next = 0;
    }
    return nodes[order[next++]];
  };
}

/** Private ASNs leak into public tables; one that is on a path there would make its neighbor drop the route. */
function freePrivateAsns(table: BgpTable, own: number): () => number {
  const used = new Set<number>(table.pathAsns);
  for (const { asn } of table.peers) used.add(asn);
  used.add(own);
  const free = (function* (): Generator<number> {
    for (const [first, last] of PRIVATE_ASNS) for (let asn = first; asn <= last; asn++) if (!used.has(asn)) yield asn;
  })();
  return () => Number(free.next().value);
}

/** Addresses for sessions that nobody has: 198.18.0.0/15, meant for benchmarks (RFC 2544); null when it is used up. */
function benchmarkAddress(index: number): string | null {
  const host = index + 1;
  if (host >= 2 ** 17) return null;
  return `198.${18 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}`;
}

/** Points as they come up. A router with one named interface has only interfaces: it cannot be a point itself. */
class PointList {
  readonly list: AttachmentPoint[] = [];
  readonly #topology: Topology;
  readonly #allInterfaces: boolean;
  readonly #withInterfaces: ReadonlySet<number>;
  readonly #indexOf = new Map<string, number>();

  constructor(topology: Topology, allInterfaces: boolean, withInterfaces: readonly number[]) {
    this.#topology = topology;
    this.#allInterfaces = allInterfaces;
    this.#withInterfaces = new Set(withInterfaces);
  }

  /** Index of the point for an attachment at a node; `ownName` names its interface where it needs one and has none. */
  at(node: number, interfaceName: string | null, ownName: string): number {
    const isInterface = this.#allInterfaces || this.#withInterfaces.has(node);
    const router = this.#topology.nodes[node].id;
    const id = isInterface ? `${router}:${interfaceName ?? ownName}` : router;
    const known = this.#indexOf.get(id);
    if (known !== undefined) return known;
    this.#indexOf.set(id, this.list.length);
    this.list.push({ id, node, isInterface });
    return this.list.length - 1;
  }
}
