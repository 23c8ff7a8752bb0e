/**
 * The routes that each router holds for one prefix when iBGP has come to rest, in any topology: RFC 4271 §9.2 (an iBGP
 * route is not told to iBGP peers), RFC 4456 (reflection), RFC 7911 (reflectors announce all paths), best external.
 *
 * Played from three starts: routers act one after another, in both directions, and all at once. Where a start does not
 * come to rest, or two rest differently, the outcome is up to timing, and the state is null.
 */

import { maySharePath } from './as-path.ts';
import { ADVERTISEMENT, LOOP } from './communities.ts';
import { type Candidate, type Decision, type DecisionOptions, decide } from './decision.ts';
import type { IbgpPeer, IbgpTopology } from './ibgp.ts';
import type { BgpNetwork } from './network.ts';
import type { DecisionTraits } from './router-os.ts';
import { NO_ROUTE, type RouteTable } from './routes.ts';

export interface BgpSpeakers {
  readonly network: BgpNetwork;
  readonly ibgp: IbgpTopology;
  readonly addPath: boolean;
  readonly bestExternal: boolean;
  readonly alwaysCompareMed: boolean;
  /** By router. */
  readonly traits: readonly DecisionTraits[];
  /** Float64 [router × router], row-major from × to: `network.metric` as the routers compare it. */
  readonly metric: Float64Array;
  /** Of inner routers. */
  readonly innerTraits: DecisionTraits;
}

/** A route as a router holds it, with the way that it came. */
interface HeldRoute extends Candidate {
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

export interface RouterView {
  readonly held: readonly Candidate[];
  readonly decision: Decision;
}

interface RouterState {
  readonly held: readonly HeldRoute[];
  readonly decision: Decision;
  /** What it may tell others. */
  readonly announced: readonly HeldRoute[];
}

/** Sweeps until rest: a path needs a few hops; what moves longer than this moves forever. */
const MAX_SWEEPS = 40;

const SILENT: RouterState = { held: [], decision: { best: null, step: 'only-route', remaining: [] }, announced: [] };

/** View of every router for prefix k; null where BGP does not come to rest, or in more than one way. */
export function restingViews(speakers: BgpSpeakers, routes: RouteTable, k: number): readonly RouterView[] | null {
  const external = startingRoutes(speakers, routes, k);
  const order = external.map((_, router) => router);
  const starts = [
    () => oneAfterAnother(speakers, routes, external, order),
    () => oneAfterAnother(speakers, routes, external, order.toReversed()),
    () => allAtOnce(speakers, routes, external, order),
  ];
  let first: readonly RouterState[] | null = null;
  for (const start of starts) {
    const end = start();
    if (end === null) return null;
    if (first !== null && !isSameChoice(first, end)) return null;
    first ??= end;
  }
  return first;
}

/**
 * What a router decides for prefix k, from the best routes of all (`best` as in `Routing`): in a full mesh it holds its own
 * eBGP routes and what the others took by eBGP. Null where BGP does not come to rest.
 */
export function decisionAtRest(
  speakers: BgpSpeakers,
  routes: RouteTable,
  best: Int32Array,
  k: number,
  router: number,
): Decision | null {
  const n = speakers.network.model.routers.length;
  const ofAll = best.subarray(k * n, (k + 1) * n);
  const { isInjected, start } = routes;
  const isPlain = !isInjected.subarray(start[k], start[k + 1]).includes(1);
  if (!speakers.ibgp.isFullMesh || !isPlain || ofAll.some((route) => route < NO_ROUTE)) {
    return restingViews(speakers, routes, k)?.[router].decision ?? null;
  }
  const held: HeldRoute[] = [];
  for (let r = routes.start[k]; r < routes.start[k + 1]; r++) {
    if (routes.isAccepted[r] === 1 && routes.router[r] === router) held.push(externalRoute(routes, r));
  }
  for (let other = 0; other < n; other++) {
    const route = ofAll[other];
    if (other === router || route < 0 || routes.router[route] !== other) continue;
    const received = announce(speakers, externalRoute(routes, route), { router: other, role: 'peer' }, router);
    if (received !== null) held.push(received);
  }
  return decide(held, optionsOf(speakers, routes, router));
}

/**
 * What an inner router decides for prefix k, as one of the full mesh that learns nothing by eBGP; null where what others tell
 * it is open.
 */
export function innerDecision(
  speakers: BgpSpeakers,
  routes: RouteTable,
  best: Int32Array,
  k: number,
  inner: number,
): Decision | null {
  const { network, innerTraits } = speakers;
  const n = network.model.routers.length;
  const held: HeldRoute[] = [];
  const metricTo = (router: number): number => network.innerMetric[inner * n + router];
  for (let router = 0; router < n; router++) {
    const route = best[k * n + router];
    if (route < NO_ROUTE) return null;
    if (route < 0 || routes.router[route] !== router || routes.isInjected[route] === 1) continue;
    const peer = { router, role: 'peer' } as const;
    const told = announce(speakers, externalRoute(routes, route), peer, router);
    if (told !== null) held.push({ ...told, igpMetric: metricTo(router) });
  }
  for (let r = routes.start[k]; r < routes.start[k + 1]; r++) {
    if (routes.isInjected[r] === 0 || routes.isAccepted[r] === 0 || routes.withheld[r] === LOOP) continue;
    held.push({ ...externalRoute(routes, r), ...FROM_CONTROLLER, igpMetric: metricTo(routes.router[r]) });
  }
  return decide(held, decisionOptions(speakers, routes, innerTraits));
}

/** What each router holds that no other of ours tells it: its eBGP routes, and what a controller injects. */
function startingRoutes({ network, metric, traits }: BgpSpeakers, routes: RouteTable, k: number): HeldRoute[][] {
  const n = network.model.routers.length;
  const held: HeldRoute[][] = network.model.routers.map(() => []);
  for (let r = routes.start[k]; r < routes.start[k + 1]; r++) {
    if (routes.isAccepted[r] === 0) continue;
    if (routes.isInjected[r] === 0) held[routes.router[r]].push(externalRoute(routes, r));
    else if (routes.withheld[r] !== LOOP) {
      for (let router = 0; router < n; router++) {
        const distance = metric[router * n + routes.router[r]];
        // The peer is no next hop of the router itself: where metrics do not count, it is as near as any.
        const igpMetric = distance === 0 && !traits[router].comparesIgpMetric ? 1 : distance;
        held[router].push({ ...externalRoute(routes, r), ...FROM_CONTROLLER, igpMetric });
      }
    }
  }
  return held;
}

/** One peer of every router, with an identifier that nobody knows; no router tells its routes to another. */
const CONTROLLER = Number.MIN_SAFE_INTEGER;
const FROM_CONTROLLER = {
  isExternal: false,
  identifier: CONTROLLER,
  peerAddress: CONTROLLER,
  learnedFrom: 'peer',
  isTold: false,
} as const;

function externalRoute(routes: RouteTable, r: number): HeldRoute {
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

function optionsOf(speakers: BgpSpeakers, routes: RouteTable, router: number): DecisionOptions {
  return decisionOptions(speakers, routes, speakers.traits[router]);
}

function decisionOptions(
  { network, alwaysCompareMed }: BgpSpeakers,
  routes: RouteTable,
  { groupsByNeighborAs, prefersOldest, isMultipath }: DecisionTraits,
): DecisionOptions {
  return {
    alwaysCompareMed,
    deterministicMed: groupsByNeighborAs,
    prefersOldest,
    sharesLoad: isMultipath
      ? (a, b) => (a.isExternal ? a.neighborAs === b.neighborAs : maySharePath(network, routes, a.route, b.route))
      : null,
  };
}

type Start = (
  speakers: BgpSpeakers,
  routes: RouteTable,
  external: readonly HeldRoute[][],
  order: readonly number[],
) => readonly RouterState[] | null;

const oneAfterAnother: Start = (speakers, routes, external, order) => {
  const states: RouterState[] = external.map(() => SILENT);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let isChanged = false;
    for (const router of order) {
      const next = nextState(speakers, routes, external[router], states, router);
      isChanged ||= !isSameState(states[router], next);
      states[router] = next;
    }
    if (!isChanged) return states;
  }
  return null;
};

const allAtOnce: Start = (speakers, routes, external, order) => {
  let states: readonly RouterState[] = external.map(() => SILENT);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    const before = states;
    states = order.map((router) => nextState(speakers, routes, external[router], before, router));
    if (states.every((state, router) => isSameState(before[router], state))) return states;
  }
  return null;
};

function nextState(
  speakers: BgpSpeakers,
  routes: RouteTable,
  external: readonly HeldRoute[],
  states: readonly RouterState[],
  router: number,
): RouterState {
  const { ibgp, addPath, bestExternal } = speakers;
  const held = [...external];
  for (const peer of ibgp.peers[router]) {
    for (const route of states[peer.router].announced) {
      const received = announce(speakers, route, peer, router);
      if (received !== null) held.push(received);
    }
  }
  const options = optionsOf(speakers, routes, router);
  const choose = (candidates: readonly HeldRoute[]) => decide(candidates, options);
  const decision = choose(held);
  const best = decision.best as HeldRoute | null;
  const isReflector = ibgp.cluster[router] >= 0;
  if (isReflector && addPath) return { held, decision, announced: held };
  const announced = best === null ? [] : [best];
  if (bestExternal && best?.isExternal === false) {
    const outer = choose(external.filter(({ isExternal }) => isExternal)).best as HeldRoute | null;
    if (outer !== null) announced.push(outer);
  }
  return { held, decision, announced };
}

/** What `router` holds of a route that its peer may tell; null where the peer does not, or where it is dropped. */
function announce(
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

function isSameState(a: RouterState, b: RouterState): boolean {
  return (
    a.decision.best?.route === b.decision.best?.route &&
    a.decision.step === b.decision.step &&
    a.announced.length === b.announced.length &&
    a.announced.every(
      (route, at) =>
        route.route === b.announced[at].route &&
        route.from === b.announced[at].from &&
        route.clusterListLength === b.announced[at].clusterListLength,
    )
  );
}

function isSameChoice(a: readonly RouterState[], b: readonly RouterState[]): boolean {
  return a.every(({ decision }, router) => decision.best?.route === b[router].decision.best?.route);
}
