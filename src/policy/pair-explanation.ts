/** Why BGP brings a pair where it does: the deciding steps, and by name what stands between it and its plan. */
import type { PlannedWays } from '../plan/planned-ways.ts';
import type { Decision } from './bgp/decision.ts';
import { decisionAtRest, innerDecision } from './bgp/decision-at-rest.ts';
import { possibleRoutes } from './bgp/open-routes.ts';
import { DEFLECTED, type PairWays } from './bgp/pair-ways.ts';
import { restingViews } from './bgp/propagation.ts';
import type { DecisionTraits } from './bgp/router-os.ts';
import { NO_ROUTE, UNDETERMINED, UNSTABLE } from './bgp/routes.ts';
import type { Routing } from './bgp/routing.ts';
import { decisionOptions } from './bgp/speakers.ts';
import type { Finding } from './finding.ts';
import type { PairReport } from './report.ts';
import type { Setting } from './setting.ts';
import { waysToSettle } from './ways-to-settle.ts';

/** A pair, its neighbor h and prefix k, and the points where BGP has it; negative as `PairWays` has them. */
interface FoundPair {
  readonly pair: number;
  readonly h: number;
  readonly k: number;
  readonly status: PairReport['status'];
  readonly ingress: number;
  readonly egress: number;
}

const NAMES = new Map([
  [NO_ROUTE, 'none'],
  [UNDETERMINED, 'undetermined'],
  [UNSTABLE, 'unstable'],
  [DEFLECTED, 'deflected'],
]);

export class PairExplanation {
  readonly #setting: Setting;
  readonly #routing: Routing;
  readonly #ways: PairWays;

  constructor(setting: Setting, routing: Routing, ways: PairWays) {
    this.#setting = setting;
    this.#routing = routing;
    this.#ways = ways;
  }

  report({ pair, h, k, status, ingress, egress }: FoundPair, planned: PlannedWays): PairReport {
    const { neighbors, prefixes, points, traffic } = this.#setting.model;
    const wanted = { ingress: planned.ingress[pair], egress: planned.egress[pair] };
    const nameOf = (point: number): string => NAMES.get(point) ?? points[point].id;
    return {
      neighbor: neighbors[h].id,
      prefix: prefixes.ids[k],
      volume: traffic.volume[pair],
      status,
      planned: { ingress: points[wanted.ingress].id, egress: points[wanted.egress].id },
      found: { ingress: nameOf(ingress), egress: nameOf(egress) },
      ingressStep:
        ingress >= 0 ? this.#ways.ingressStep(h, k, ingress) : ingress === NO_ROUTE ? 'not-offered' : 'undetermined',
      egressStep: this.#egressStep(k, points[wanted.ingress].router, egress),
    };
  }

  /** What keeps traffic for k that enters at a router from leaving at `wanted`: it leaves at `egress`. */
  findings(k: number, router: number, wanted: number, egress: number): Finding[] {
    return [this.#hiddenPath(k, router, wanted), this.#openChoice(k, router, egress)].filter((one) => one !== null);
  }

  /** The step by which the ingress router decides. */
  #egressStep(k: number, router: number, egress: number): PairReport['egressStep'] {
    if (egress === DEFLECTED) return 'deflected';
    if (egress === UNDETERMINED) return 'undetermined';
    const { speakers, routes, best } = this.#routing;
    const decision = decisionAtRest(speakers, routes, best, k, router);
    if (decision === null) return 'unstable';
    return decision.best === null ? 'no-route' : decision.step;
  }

  /** Routes that a router, one on the way, or the one that it sends traffic to has nothing to tell apart by. */
  #openChoice(k: number, router: number, egress: number): Finding | null {
    if (egress !== UNDETERMINED && egress !== DEFLECTED) return null;
    const { speakers, routes, best } = this.#routing;
    const { routers, points, prefixes } = this.#setting.model;
    const route = best[k * routers.length + router];
    const owner = route < 0 ? router : routes.router[route];
    const between = egress === DEFLECTED ? this.#ways.deflectedAt(k, router, owner) : -1;
    if (between >= routers.length) return this.#innerRouter(k, router, owner, between - routers.length);
    const chooser = between < 0 ? owner : between;
    const decision = decisionAtRest(speakers, routes, best, k, chooser);
    const isTied = decision?.step === 'undetermined';
    // What it uses beside its best may be up to what others choose.
    if (!isTied && best[k * routers.length + chooser] !== UNDETERMINED) return null;
    const possible = isTied
      ? decision.remaining.map((one) => one.route)
      : possibleRoutes(this.#routing, k, chooser, routers.length);
    const at = [...new Set(possible.map((one) => points[routes.point[one]].id))].sort();
    return {
      kind: 'undetermined',
      message: `${routers[chooser].id} may send ${prefixes.ids[k]} to any of ${at.join(', ')}: nothing that is known of its routes there tells which${this.#ifSettled(decision, speakers.traits[chooser])}`,
    };
  }

  /** What would have to be said for an open choice to be known, where that would do. */
  #ifSettled(decision: Decision | null, traits: DecisionTraits): string {
    if (decision?.step !== 'undetermined') return '';
    const { speakers, routes } = this.#routing;
    const choice = { routes: decision.remaining, options: decisionOptions(speakers, routes, traits) };
    const ways = waysToSettle(this.#setting.model, routes, choice);
    return ways === null ? '' : `; it is known if ${ways}`;
  }

  #innerRouter(k: number, from: number, to: number, inner: number): Finding {
    const { routers, prefixes, innerRouters } = this.#setting.model;
    const way = `${prefixes.ids[k]} from ${routers[from].id} to ${routers[to].id}`;
    const { speakers, routes, best } = this.#routing;
    const decision = speakers.ibgp.isFullMesh ? innerDecision(speakers, routes, best, k, inner) : null;
    const why = decision === null ? ', as choices of other routers are open' : '';
    const what = speakers.ibgp.isFullMesh
      ? `which may send it elsewhere${why}${this.#ifSettled(decision, speakers.innerTraits)}`
      : 'and nobody knows what reflectors tell it: it has to be listed among the routers';
    return { kind: 'inner-router', message: `${way} passes ${innerRouters.ids[inner]}, ${what}` };
  }

  /** Where a reflector keeps the planned route from a router that is to use it. */
  #hiddenPath(k: number, router: number, egress: number): Finding | null {
    const { speakers, routes } = this.#routing;
    if (speakers.ibgp.isFullMesh) return null;
    const views = restingViews(speakers, routes, k);
    if (views === null || views[router].held.some(({ route }) => routes.point[route] === egress)) return null;
    const { routers, points, prefixes } = this.#setting.model;
    const reflectors = speakers.ibgp.peers[router]
      .filter(({ role }) => role === 'reflector')
      .map((peer) => routers[peer.router].id);
    const by = reflectors.length > 0 ? `by its reflectors ${reflectors.join(', ')}` : 'by reflection';
    return {
      kind: 'hidden-path',
      message: `${routers[router].id} is not told the path of ${prefixes.ids[k]} at ${points[egress].id}: it is hidden ${by}`,
    };
  }
}
