/** What BGP comes to: the best route of every router for every prefix. */
import type { RouterFormat } from '../../model/network-model.ts';
import { FullMesh } from './full-mesh.ts';
import { ibgpTopology } from './ibgp.ts';
import type { BgpNetwork } from './network.ts';
import type { BgpOptions } from './options.ts';
import { type BgpSpeakers, type RouterView, restingViews } from './propagation.ts';
import { NO_ROUTE, type RouteTable, UNDETERMINED, UNSTABLE } from './routes.ts';

export interface Routing {
  readonly speakers: BgpSpeakers;
  readonly routes: RouteTable;
  /** Int32 [prefix × router]: a route, or NO_ROUTE, UNDETERMINED, UNSTABLE. */
  readonly best: Int32Array;
}

/** Of the router OSes, BIRD alone compares router ids of eBGP routes without being told to. */
const OLDEST_WINS: ReadonlySet<string> = new Set(['frr', 'gobgp', 'junos', 'iosxr']);

/** Those that group routes by neighbor AS without being told to; FRR, BIRD and GoBGP take them as they came. */
const BY_NEIGHBOR_AS: ReadonlySet<string> = new Set(['junos', 'iosxr']);

/** `format`: router OS of routers for which the model says none. */
export function bgpSpeakers(network: BgpNetwork, options: BgpOptions, format: RouterFormat | null = null): BgpSpeakers {
  const { addPath, bestExternal, alwaysCompareMed, deterministicMed, compareRouterId } = options;
  const isOldest = (of: RouterFormat | null) =>
    compareRouterId === undefined ? OLDEST_WINS.has(of ?? format ?? '') : !compareRouterId;
  const isByAs = (of: RouterFormat | null) => deterministicMed ?? BY_NEIGHBOR_AS.has(of ?? format ?? 'junos');
  return {
    network,
    ibgp: ibgpTopology(network.model, options),
    addPath,
    bestExternal,
    alwaysCompareMed,
    deterministicMed: Uint8Array.from(network.model.routers, (router) => (isByAs(router.format) ? 1 : 0)),
    prefersOldest: Uint8Array.from(network.model.routers, (router) => (isOldest(router.format) ? 1 : 0)),
  };
}

/**
 * Decides for all routers and prefixes. `isWanted` (Uint8 [prefixes]) leaves out the others, whose rows are copied from
 * `known`, a routing of the same network whose routes differ for the wanted prefixes only.
 */
export function routeAll(
  speakers: BgpSpeakers,
  routes: RouteTable,
  isWanted: Uint8Array | null = null,
  known: Routing | null = null,
): Routing {
  const { model } = speakers.network;
  const best = known === null ? new Int32Array(model.prefixes.count * model.routers.length) : known.best.slice();
  const mesh = speakers.ibgp.isFullMesh ? new FullMesh(speakers, routes) : null;
  for (let k = 0; k < model.prefixes.count; k++) {
    if (isWanted !== null && isWanted[k] === 0) continue;
    if (mesh?.decide(k, best) !== true) playOut(speakers, routes, k, best);
  }
  return { speakers, routes, best };
}

function playOut(speakers: BgpSpeakers, routes: RouteTable, k: number, best: Int32Array): void {
  const n = speakers.network.model.routers.length;
  const views = restingViews(speakers, routes, k);
  if (views === null) best.fill(UNSTABLE, k * n, (k + 1) * n);
  else if (views.some((view) => isOpenBetweenRouters(view, routes))) best.fill(UNDETERMINED, k * n, (k + 1) * n);
  else
    best.set(
      views.map((view, router) => bestOf(view, routes, router)),
      k * n,
    );
}

/** What such a router tells the others is open too. */
function isOpenBetweenRouters({ decision: { step, remaining } }: RouterView, routes: RouteTable): boolean {
  if (step !== 'undetermined') return false;
  return remaining.some(({ route }) => routes.router[route] !== routes.router[remaining[0].route]);
}

function bestOf({ decision: { best, step, remaining } }: RouterView, routes: RouteTable, router: number): number {
  if (best === null) return NO_ROUTE;
  if (step !== 'undetermined') return best.route;
  // Routes of one other router lead to the same place: that router decides between them.
  const owner = routes.router[best.route];
  return owner !== router && remaining.every(({ route }) => routes.router[route] === owner) ? best.route : UNDETERMINED;
}
