/**
 * The eBGP routes of a network in columns, as they were received and as import policy leaves them.
 */
import { learnedFromUpstream } from '../../model/relations.ts';
import { ADVERTISEMENT, EXPORT, withheldBy } from './communities.ts';
import { addressRanks, type BgpNetwork } from './network.ts';

/** Local preference of a route that nothing gives one. */
export const DEFAULT_LOCAL_PREF = 100;

/** What a router may have in place of a route. No usable one: */
export const NO_ROUTE = -1;
/** Nothing that routers compare tells which. */
export const UNDETERMINED = -2;
/** BGP does not come to rest, or in more than one way. */
export const UNSTABLE = -3;

/** What import policy may change. */
export interface RouteAttributes {
  /** Uint8 [routes], 0 where import policy rejects the route. */
  readonly isAccepted: Uint8Array;
  readonly localPref: Float64Array;
  readonly asPathLength: Int32Array;
  /** What it has of those was put in front by import policy: an ASN, so many times; 0 where it was not. */
  readonly prependAsn: Float64Array;
  readonly prependCount: Int32Array;
  /** Uint8, index into `ORIGINS`. */
  readonly origin: Uint8Array;
  /** Where the route has none, what it counts as. */
  readonly med: Float64Array;
}

/** Grouped by prefix. Columns are owned by the table and never written after it was built. */
export interface RouteTable extends RouteAttributes {
  readonly count: number;
  /** Int32 [prefixes + 1]. */
  readonly start: Int32Array;
  readonly prefix: Int32Array;
  /** Index into `network.sessions`. */
  readonly session: Int32Array;
  readonly router: Int32Array;
  readonly point: Int32Array;
  /** Equal where the neighbor AS is equal; an unknown AS is like no other. */
  readonly neighborAs: Float64Array;
  /** Place of the peer's BGP identifier among all; -1 - session where it is not known, which compares with no other. */
  readonly identifier: Int32Array;
  /** Place of the peer's address among all; -1 - session where it is not known. */
  readonly peerAddress: Int32Array;
  /** Int32 [routes], index into `model.advertisements`, or -1 for an assumed path. */
  readonly advertisement: Int32Array;
  /** Uint8 [routes], 1 where the route was learned from a peer or provider, and goes to customers only. */
  readonly isUpstream: Uint8Array;
  /** Uint8 [routes], whom it may not be told: NOTHING, EXPORT, ADVERTISEMENT, LOOP of `communities.ts`. */
  readonly withheld: Uint8Array;
  /** Uint8 [routes], 1 for a path that a controller tells every router by iBGP, as if from the router at the peer. */
  readonly isInjected: Uint8Array;
}

/**
 * The routes before any policy. A prefix without advertisements has one equal path at each of its egress points; a route
 * without AS path is one AS long; a local preference that an advertisement carries holds where no policy sets another; one
 * without MED counts as one of `medOfNone`.
 */
export function receivedRoutes(network: BgpNetwork, medOfNone = 0): RouteTable {
  const { model } = network;
  const { prefixes, advertisements } = model;
  const advertised = new Int32Array(prefixes.count);
  for (let a = 0; a < advertisements.count; a++) advertised[advertisements.prefix[a]]++;
  const start = new Int32Array(prefixes.count + 1);
  for (let k = 0; k < prefixes.count; k++) {
    const slots = prefixes.egressStart[k + 1] - prefixes.egressStart[k];
    start[k + 1] = start[k] + (advertised[k] > 0 ? advertised[k] : slots);
  }
  const table = emptyTable(start, start[prefixes.count], medOfNone);
  const upstream = learnedFromUpstream(advertisements, model.sessions, model.neighbors);
  const identifierRank = addressRanks(advertisements.peerRouterId);
  const addressRank = addressRanks(network.sessions.map(({ peerAddress }) => peerAddress));
  for (let k = 0, a = 0; k < prefixes.count; k++) {
    for (let r = start[k]; r < start[k + 1]; r++) {
      table.prefix[r] = k;
      const isAdvertised = advertised[k] > 0;
      const session = isAdvertised
        ? network.receivedOn[a]
        : network.assumedAt[prefixes.egressPoint[prefixes.egressStart[k] + r - start[k]]];
      const { point, router } = network.sessions[session];
      table.session[r] = session;
      table.point[r] = point;
      table.router[r] = router;
      table.peerAddress[r] = addressRank[session];
      // No AS number is negative: an unknown one is told by its session.
      table.neighborAs[r] = -1 - session;
      table.advertisement[r] = isAdvertised ? a : -1;
      table.identifier[r] = -1 - session;
      if (!isAdvertised) continue;
      const hopCount = advertisements.asPathStart[a + 1] - advertisements.asPathStart[a];
      const first = hopCount > 0 ? advertisements.asPath[advertisements.asPathStart[a]] : advertisements.peerAsn[a];
      if (first !== 0) table.neighborAs[r] = first;
      if (advertisements.localPref[a] >= 0) table.localPref[r] = advertisements.localPref[a];
      table.asPathLength[r] = Math.max(1, hopCount);
      table.origin[r] = advertisements.origin[a];
      if (advertisements.med[a] >= 0) table.med[r] = advertisements.med[a];
      if (identifierRank[a] >= 0) table.identifier[r] = identifierRank[a];
      table.isUpstream[r] = upstream[a];
      table.withheld[r] = withheldBy(advertisements.communities[a]);
      a++;
    }
  }
  return table;
}

function emptyTable(start: Int32Array, count: number, medOfNone: number): RouteTable {
  return {
    count,
    start,
    prefix: new Int32Array(count),
    session: new Int32Array(count),
    router: new Int32Array(count),
    point: new Int32Array(count),
    neighborAs: new Float64Array(count),
    identifier: new Int32Array(count),
    peerAddress: new Int32Array(count),
    advertisement: new Int32Array(count),
    isUpstream: new Uint8Array(count),
    withheld: new Uint8Array(count),
    isInjected: new Uint8Array(count),
    isAccepted: new Uint8Array(count).fill(1),
    localPref: new Float64Array(count).fill(DEFAULT_LOCAL_PREF),
    asPathLength: new Int32Array(count).fill(1),
    prependAsn: new Float64Array(count),
    prependCount: new Int32Array(count),
    origin: new Uint8Array(count),
    med: new Float64Array(count).fill(medOfNone),
  };
}

/**
 * Whether neighbor h takes a route: no AS of the path is its own (RFC 4271 §9.1.2), and relations and communities let it have
 * it.
 */
export function isOffered(network: BgpNetwork, routes: RouteTable, route: number, h: number): boolean {
  const { neighbors, advertisements } = network.model;
  const { asn, relation } = neighbors[h];
  const session = network.sessions[routes.session[route]];
  if (routes.withheld[route] === EXPORT || routes.withheld[route] === ADVERTISEMENT) return false;
  if (session.neighbor === h || (asn !== null && session.peerAsn === asn)) return false;
  if (routes.isUpstream[route] === 1 && (relation === 'peer' || relation === 'provider')) return false;
  if (asn === null) return true;
  if (routes.prependAsn[route] === asn) return false;
  const a = routes.advertisement[route];
  if (a < 0) return true;
  for (let hop = advertisements.asPathStart[a]; hop < advertisements.asPathStart[a + 1]; hop++) {
    if (advertisements.asPath[hop] === asn) return false;
  }
  return true;
}
