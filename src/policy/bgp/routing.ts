/** What BGP comes to: the best route of every router for every prefix. */
import type { RouterFormat } from '../../model/network-model.ts';
import { FullMesh } from './full-mesh.ts';
import { ibgpTopology } from './ibgp.ts';
import type { BgpNetwork } from './network.ts';
import type { OpenChoices } from './open-routes.ts';
import type { BgpOptions } from './options.ts';
import { playOut } from './played-row.ts';
import { DECISION_TRAITS, type DecisionTraits } from './router-os.ts';
import type { RouteTable } from './routes.ts';
import type { BgpSpeakers } from './speakers.ts';

export interface Routing {
  readonly speakers: BgpSpeakers;
  readonly routes: RouteTable;
  /**
   * Int32 [prefix × router]: a route, or NO_ROUTE, UNDETERMINED, UNSTABLE. Of several routes that nobody can tell apart any
   * one where all of them leave at one point.
   */
  readonly best: Int32Array;
  /** Where it is one of several; `possibleRoutes` gives them. */
  readonly open: OpenChoices;
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
  const router = new PrefixRouting(speakers, routes, known);
  for (let k = 0; k < model.prefixes.count; k++) if (isWanted === null || isWanted[k] === 1) router.decide(k);
  return router;
}

/** One prefix at a time: `decide` writes its rows, again where its routes have changed. */
export class PrefixRouting implements Routing {
  readonly speakers: BgpSpeakers;
  readonly routes: RouteTable;
  readonly best: Int32Array;
  readonly open: OpenChoices;
  readonly #mesh: FullMesh | null;

  /** Rows start as those of `known`. */
  constructor(speakers: BgpSpeakers, routes: RouteTable, known: Routing | null = null) {
    const { prefixes, routers } = speakers.network.model;
    this.speakers = speakers;
    this.routes = routes;
    this.best = known?.best.slice() ?? new Int32Array(prefixes.count * routers.length);
    this.open = new Map(known?.open);
    this.#mesh = speakers.ibgp.isFullMesh ? new FullMesh(speakers, routes) : null;
  }

  decide(k: number): void {
    this.open.delete(k);
    if (this.#mesh?.decide(k, this.best, this.open) !== true) playOut(this.speakers, this, k);
  }
}
