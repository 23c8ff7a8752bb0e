/** What BGP comes to: the best route of every router for every prefix. */
import type { RouterFormat } from '../../model/network-model.ts';
import { FullMesh } from './full-mesh.ts';
import { ibgpTopology } from './ibgp.ts';
import type { BgpNetwork } from './network.ts';
import type { BgpOptions } from './options.ts';
import { type RouterView, restingViews } from './propagation.ts';
import { DECISION_TRAITS, type DecisionTraits } from './router-os.ts';
import { NO_ROUTE, type RouteTable, UNDETERMINED, UNSTABLE } from './routes.ts';
import type { BgpSpeakers } from './speakers.ts';

export interface Routing {
  readonly speakers: BgpSpeakers;
  readonly routes: RouteTable;
  /** Int32 [prefix × router]: a route, or NO_ROUTE, UNDETERMINED, UNSTABLE. */
  readonly best: Int32Array;
}

/** `formats`: router OS of each router. */
export function bgpSpeakers(network: BgpNetwork, options: BgpOptions, formats: readonly RouterFormat[]): BgpSpeakers {
  const { addPath, bestExternal, alwaysCompareMed, deterministicMed, compareRouterId, multipath } = options;
  const traitsOf = (format: RouterFormat): DecisionTraits => {
    const usual = DECISION_TRAITS[format];
    return {
      comparesIgpMetric: usual.comparesIgpMetric,
      groupsByNeighborAs: deterministicMed ?? usual.groupsByNeighborAs,
      prefersOldest: compareRouterId === undefined ? usual.prefersOldest : !compareRouterId,
      isMultipath: multipath ?? usual.isMultipath,
    };
  };
  const traits = formats.map(traitsOf);
  return {
    network,
    ibgp: ibgpTopology(network.model, options),
    addPath,
    bestExternal,
    alwaysCompareMed,
    traits,
    metric: comparedMetrics(network.metric, traits),
    // Nobody says what they are: they are taken to do what leaves most open.
    innerTraits: traitsOf('frr'),
  };
}

/** Routers that compare no metrics find all other routers that they reach equally near. */
function comparedMetrics(metric: Float64Array, traits: readonly DecisionTraits[]): Float64Array {
  const n = traits.length;
  return metric.map((value, at) => {
    const [from, to] = [Math.floor(at / n), at % n];
    return traits[from].comparesIgpMetric || from === to || value === Number.POSITIVE_INFINITY ? value : 1;
  });
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
  const router = new PrefixRouting(speakers, routes, best);
  for (let k = 0; k < model.prefixes.count; k++) if (isWanted === null || isWanted[k] === 1) router.decide(k);
  return router;
}

/** One prefix at a time: `decide` writes its row of `best`, again where its routes have changed. */
export class PrefixRouting implements Routing {
  readonly speakers: BgpSpeakers;
  readonly routes: RouteTable;
  readonly best: Int32Array;
  readonly #mesh: FullMesh | null;

  constructor(speakers: BgpSpeakers, routes: RouteTable, best: Int32Array) {
    this.speakers = speakers;
    this.routes = routes;
    this.best = best;
    this.#mesh = speakers.ibgp.isFullMesh ? new FullMesh(speakers, routes) : null;
  }

  decide(k: number): void {
    if (this.#mesh?.decide(k, this.best) !== true) playOut(this.speakers, this.routes, k, this.best);
  }
}

function playOut(speakers: BgpSpeakers, routes: RouteTable, k: number, best: Int32Array): void {
  const n = speakers.network.model.routers.length;
  const views = restingViews(speakers, routes, k);
  if (views === null) best.fill(UNSTABLE, k * n, (k + 1) * n);
  else if (views.some((view, router) => isOpenToOthers(speakers, view, routes, router)))
    best.fill(UNDETERMINED, k * n, (k + 1) * n);
  else
    best.set(
      views.map((view, router) => bestOf(view, routes, router)),
      k * n,
    );
}

/** Between routes of several routers, so that what this one tells the others is open too. */
function isOpenToOthers(
  { ibgp }: BgpSpeakers,
  { decision: { step, remaining } }: RouterView,
  routes: RouteTable,
  router: number,
): boolean {
  if (step !== 'undetermined') return false;
  if (ibgp.cluster[router] < 0 && !remaining.some(({ isExternal }) => isExternal)) return false;
  return remaining.some(({ route }) => routes.router[route] !== routes.router[remaining[0].route]);
}

function bestOf({ decision: { best, step, remaining } }: RouterView, routes: RouteTable, router: number): number {
  if (best === null) return NO_ROUTE;
  if (step !== 'undetermined') return best.route;
  // Routes of one other router lead to the same place: that router decides between them.
  const owner = routes.router[best.route];
  return owner !== router && remaining.every(({ route }) => routes.router[route] === owner) ? best.route : UNDETERMINED;
}
