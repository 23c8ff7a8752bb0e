/** A route with the way that it came, and what of it goes on to an iBGP peer: RFC 4271 §9.2, RFC 4456. */
import { ADVERTISEMENT, LOOP } from './communities.ts';
import type { Candidate } from './decision.ts';
import type { IbgpPeer } from './ibgp.ts';
import type { RouteTable } from './routes.ts';
import type { BgpSpeakers } from './speakers.ts';

/** A route as a router holds it, with the way that it came. */
export interface HeldRoute extends Candidate {
  /** Router that announced it, or -1 for an eBGP route. */
  readonly from: number;
  readonly learnedFrom: IbgpPeer['role'] | 'external';
  /** Router that learned it by eBGP (ORIGINATOR_ID where it was reflected). */
  readonly originator: number;
  /** CLUSTER_LIST, nearest first. */
  readonly clusterList: readonly number[];
  /** Communities let it be told to others. */
  readonly isTold: boolean;
}

/** One peer of every router, with an identifier that nobody knows; no router tells its routes to another. */
const CONTROLLER = Number.MIN_SAFE_INTEGER;
export const FROM_CONTROLLER = {
  isExternal: false,
  identifier: CONTROLLER,
  peerAddress: CONTROLLER,
  learnedFrom: 'peer',
  isTold: false,
} as const;

export function externalRoute(routes: RouteTable, r: number): HeldRoute {
  return {
    route: r,
    localPref: routes.localPref[r],
    asPathLength: routes.asPathLength[r],
    origin: routes.origin[r],
    med: routes.med[r],
    neighborAs: routes.neighborAs[r],
    isExternal: true,
    igpMetric: 0,
    identifier: routes.identifier[r],
    clusterListLength: 0,
    peerAddress: routes.peerAddress[r],
    from: -1,
    learnedFrom: 'external',
    originator: routes.router[r],
    clusterList: [],
    isTold: routes.withheld[r] !== ADVERTISEMENT && routes.withheld[r] !== LOOP,
  };
}

/** What `router` holds of a route that its peer may tell; null where the peer does not, or where it is dropped. */
export function announce(
  { network, ibgp, metric }: BgpSpeakers,
  route: HeldRoute,
  peer: IbgpPeer,
  router: number,
): HeldRoute | null {
  if (!route.isTold) return null;
  const isReflected = !route.isExternal;
  if (isReflected) {
    // To a peer that calls us its reflector, we are a client, and the other way around.
    const toClient = peer.role === 'reflector';
    // RFC 4456 §6: from a client to all, from others to clients only; and only reflectors reflect.
    if (ibgp.cluster[peer.router] < 0) return null;
    if (route.learnedFrom !== 'client' && !toClient) return null;
    // RFC 4456 §8: neither the originator nor a cluster that it has passed takes it again.
    if (route.originator === router || route.from === router) return null;
  }
  const clusterList = isReflected ? [ibgp.cluster[peer.router], ...route.clusterList] : [];
  if (ibgp.cluster[router] >= 0 && clusterList.includes(ibgp.cluster[router])) return null;
  return {
    ...route,
    isExternal: false,
    igpMetric: metric[router * network.model.routers.length + route.originator],
    identifier: network.identifierRank[route.originator],
    clusterListLength: clusterList.length,
    peerAddress: network.addressRank[peer.router],
    from: peer.router,
    learnedFrom: peer.role,
    clusterList,
  };
}
