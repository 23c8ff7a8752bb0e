/** Who speaks BGP with whom, read from a model: the eBGP sessions of every router, and the metrics that routers compare. */
import ipaddr from 'ipaddr.js';
import { compareOptional } from '../../model/directory.ts';
import type { NetworkModel } from '../../model/network-model.ts';

/** An eBGP session of one of our routers. Sorted by point, peer ASN, peer address, neighbor. */
export interface BgpSession {
  /** Index into `model.points`. */
  readonly point: number;
  /** Index into `model.routers`. */
  readonly router: number;
  /** 0 where it is not known. */
  readonly peerAsn: number;
  readonly peerAddress: string | null;
  /** Index into `model.neighbors`, or -1: the neighbor that is told our routes here. */
  readonly neighbor: number;
}

export interface BgpNetwork {
  readonly model: NetworkModel;
  readonly sessions: readonly BgpSession[];
  /** Sessions of each neighbor: indices into `sessions`, ascending. */
  readonly sessionsOf: readonly Int32Array[];
  /** Int32 [advertisements]: the session that each was received on. */
  readonly receivedOn: Int32Array;
  /** Int32 [points]: session of the equal path that a prefix without advertisements has there; -1 where none has one. */
  readonly assumedAt: Int32Array;
  /** Float64 [router × router], row-major from × to: metric to the next hop; Infinity where it does not resolve. */
  readonly metric: Float64Array;
  /** Float64 [inner router × router], the same of inner routers. */
  readonly innerMetric: Float64Array;
  /** Int32 [routers]: place by BGP identifier; -1 - router where it is not known, which compares with no other. */
  readonly identifierRank: Int32Array;
  /** Int32 [routers]: the same by address. */
  readonly addressRank: Int32Array;
}

/**
 * How next hops of other routers resolve. `igp`: over the metric of the model. `external`: over OSPF type-2 externals,
 * whose metric is the same from everywhere, so that the IGP step of the decision ties.
 */
export type NextHopMetric = 'igp' | 'external';

/**
 * Sessions are those of the model, and those that advertisements and ingress points imply without naming them: an
 * advertisement belongs to the one session at its point that its ASN and address fit, a neighbor has one at each of its
 * ingress points.
 */
export function bgpNetwork(model: NetworkModel, nextHopMetric: NextHopMetric = 'igp'): BgpNetwork {
  const found = new SessionList(model);
  model.neighbors.forEach(({ ingress }, h) => {
    for (const point of ingress) found.ofNeighbor(point, h);
  });
  const { advertisements, prefixes } = model;
  const isAdvertised = new Uint8Array(prefixes.count);
  const received = Array.from({ length: advertisements.count }, (_, a) => {
    isAdvertised[advertisements.prefix[a]] = 1;
    return found.ofPeer(advertisements.at[a], advertisements.peerAsn[a], advertisements.peerAddress[a]);
  });
  const assumed = new Map<number, BgpSession>();
  for (let k = 0; k < prefixes.count; k++) {
    for (let e = prefixes.egressStart[k]; isAdvertised[k] === 0 && e < prefixes.egressStart[k + 1]; e++) {
      const point = prefixes.egressPoint[e];
      if (!assumed.has(point)) assumed.set(point, found.add(point, 0, null, -1));
    }
  }
  const sessions = found.list.sort(
    (a, b) =>
      a.point - b.point ||
      a.peerAsn - b.peerAsn ||
      compareOptional(a.peerAddress, b.peerAddress) ||
      a.neighbor - b.neighbor,
  );
  const indexOf = new Map(sessions.map((session, index) => [session, index]));
  return {
    model,
    sessions,
    sessionsOf: model.neighbors.map((_, h) =>
      Int32Array.from(sessions.flatMap(({ neighbor }, index) => (neighbor === h ? [index] : []))),
    ),
    receivedOn: Int32Array.from(received, (session) => indexOf.get(session) ?? -1),
    assumedAt: Int32Array.from(model.points, (_, point) => indexOf.get(assumed.get(point) as BgpSession) ?? -1),
    metric: nextHopMetrics(model, nextHopMetric),
    innerMetric:
      nextHopMetric === 'igp' ? model.innerRouters.toRouter : model.innerRouters.toRouter.map(sameFromEverywhere),
    identifierRank: addressRanks(model.routers.map(({ routerId }) => routerId)),
    addressRank: addressRanks(model.routers.map(({ address }) => address)),
  };
}

function nextHopMetrics({ routerDistance, routers }: NetworkModel, kind: NextHopMetric): Float64Array {
  if (kind === 'igp') return routerDistance;
  return routerDistance.map((distance, at) => {
    const isOwn = at % (routers.length + 1) === 0;
    return isOwn ? distance : sameFromEverywhere(distance);
  });
}

function sameFromEverywhere(distance: number): number {
  return distance === Number.POSITIVE_INFINITY ? distance : 1;
}

/** Place of every address in ascending order; equal ones share a place. One that is missing at `i` is -1 - i. */
export function addressRanks(addresses: readonly (string | null)[]): Int32Array {
  const place = new Map<string, number>();
  for (const address of addresses) if (address !== null) place.set(address, 0);
  const digits = new Map([...place.keys()].map((address) => [address, addressDigits(address)]));
  const order = [...place.keys()].sort((a, b) => ((digits.get(a) ?? '') < (digits.get(b) ?? '') ? -1 : 1));
  for (let at = 0; at < order.length; at++) place.set(order[at], at);
  const ranks = new Int32Array(addresses.length);
  for (let at = 0; at < ranks.length; at++) {
    const address = addresses[at];
    ranks[at] = address === null ? -1 - at : (place.get(address) ?? 0);
  }
  return ranks;
}

/** Digits of one length, so that text compares as the number does. */
function addressDigits(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray();
  return bytes
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .padStart(32, '0');
}

/** A session whose address is not known yet may be given one. */
type OpenSession = Omit<BgpSession, 'peerAddress'> & { peerAddress: string | null };

class SessionList {
  readonly list: OpenSession[] = [];
  readonly #model: NetworkModel;
  readonly #at = new Map<number, OpenSession[]>();

  constructor(model: NetworkModel) {
    this.#model = model;
    for (const { at, peerAsn, peerAddress, neighbor } of model.sessions) {
      this.add(at, peerAsn, peerAddress, neighbor >= 0 ? neighbor : this.#neighborAt(at, peerAsn));
    }
  }

  add(point: number, peerAsn: number, peerAddress: string | null, neighbor: number): OpenSession {
    const router = this.#model.points[point].router;
    const session = { point, router, peerAsn, peerAddress, neighbor };
    this.list.push(session);
    this.#at.set(point, [...(this.#at.get(point) ?? []), session]);
    return session;
  }

  ofNeighbor(point: number, h: number): BgpSession {
    const present = this.#at.get(point)?.find(({ neighbor }) => neighbor === h);
    return present ?? this.add(point, this.#model.neighbors[h].asn ?? 0, null, h);
  }

  ofPeer(point: number, asn: number, address: string | null): BgpSession {
    const here = this.#at.get(point) ?? [];
    for (const session of here) if (session.peerAsn === asn && session.peerAddress === address) return session;
    const fitting = here.filter(
      ({ peerAsn, peerAddress }) =>
        (asn === 0 || peerAsn === asn) && (address === null || peerAddress === null || peerAddress === address),
    );
    // A session that is known by less than the advertisement may be any of several.
    if (fitting.length === 1 && (asn !== 0 || address !== null)) {
      // With the address it is taken: a route of another address came on another session.
      fitting[0].peerAddress ??= address;
      return fitting[0];
    }
    return this.add(point, asn, address, this.#neighborAt(point, asn));
  }

  /** The neighbor with this ASN that may enter here, where there is one. */
  #neighborAt(point: number, peerAsn: number): number {
    if (peerAsn === 0) return -1;
    return this.#model.neighbors.findIndex(({ asn, ingress }) => asn === peerAsn && ingress.includes(point));
  }
}
