/**
 * Where inner routers send the traffic of one prefix at a time.
 *
 * Mostly without playing the decision process: routes that are told by iBGP and equal up to the MED are decided between by
 * the metric (RFC 4271 §9.1.2.2 e), where one of them is nearer than all others.
 */
import { ADVERTISEMENT } from './communities.ts';
import { innerDecision } from './decision-at-rest.ts';
import { bestRoutes, hasMeds, possibleRoutes } from './open-routes.ts';
import { NO_ROUTE } from './routes.ts';
import type { Routing } from './routing.ts';

/** Of the routes that inner routers are told: equal up to the MED, or not, or nobody knows which they are. */
type State = 'level' | 'uneven' | 'open';

export class InnerRouters {
  readonly #routing: Routing;
  #prefix = -1;
  /** The router that all others send to; -1 where there is no one. */
  #owner = -1;
  #state: State = 'open';
  /** A router tells one of several, nobody knows which. */
  #isUnsure = false;
  /** Int32: routes that routers tell by iBGP, by router. */
  readonly #told: Int32Array;
  #toldCount = 0;

  constructor(routing: Routing) {
    this.#routing = routing;
    this.#told = new Int32Array(routing.speakers.network.model.routers.length);
  }

  /** After routes have changed. */
  reset(): void {
    this.#prefix = -1;
  }

  /** Whether an inner router sends traffic for k to router `to`. Where reflectors tell it routes, nobody knows which. */
  sendsOn(k: number, inner: number, to: number): boolean {
    if (k !== this.#prefix) this.#look(k);
    if (this.#owner === to) return true;
    if (this.#state === 'open') return false;
    const nearest = this.#state === 'level' ? this.#nearest(inner) : -1;
    if (nearest >= 0) return nearest === to;
    if (this.#isUnsure) return false;
    const { speakers, routes, best } = this.#routing;
    const decision = innerDecision(speakers, routes, best, k, inner);
    return (
      decision !== null &&
      decision.best !== null &&
      decision.remaining.every(({ route }) => routes.router[route] === to)
    );
  }

  #look(k: number): void {
    const { speakers, routes, best, open } = this.#routing;
    const n = speakers.network.model.routers.length;
    const openHere = open.get(k);
    this.#prefix = k;
    this.#isUnsure = false;
    this.#owner = best[k * n] < 0 ? -1 : routes.router[best[k * n]];
    this.#state = speakers.ibgp.isFullMesh ? 'level' : 'open';
    this.#toldCount = 0;
    for (let router = 0; router < n; router++) {
      const route = best[k * n + router];
      const owner = route < 0 ? -1 : routes.router[route];
      if (owner !== this.#owner) this.#owner = -1;
      if (route < NO_ROUTE) this.#state = 'open';
      if (owner !== router) continue;
      this.#tell(route);
      if (openHere === undefined || openHere[router] === NO_ROUTE) continue;
      this.#isUnsure = true;
      for (const other of possibleRoutes(this.#routing, k, router, n)) this.#compare(other);
    }
    const { start, isInjected } = routes;
    const isPlain = !isInjected.subarray(start[k], start[k + 1]).includes(1);
    if (!isPlain && this.#state === 'level') this.#state = 'uneven';
    if (this.#isMatterOfOrder(k)) this.#state = 'open';
  }

  /** Best external routes that lose by their MED are told too: which one is met first decides then. */
  #isMatterOfOrder(k: number): boolean {
    const { speakers, routes } = this.#routing;
    const { bestExternal, alwaysCompareMed, innerTraits } = speakers;
    if (!bestExternal || alwaysCompareMed || innerTraits.groupsByNeighborAs) return false;
    return hasMeds(routes, bestRoutes(routes, k));
  }

  #tell(route: number): void {
    if (this.#routing.routes.withheld[route] >= ADVERTISEMENT) return;
    this.#told[this.#toldCount++] = route;
    this.#compare(route);
  }

  #compare(route: number): void {
    const { localPref, asPathLength, origin, med } = this.#routing.routes;
    const first = this.#told[0];
    const isEqual =
      localPref[route] === localPref[first] &&
      asPathLength[route] === asPathLength[first] &&
      origin[route] === origin[first] &&
      med[route] === med[first];
    if (!isEqual && this.#state === 'level') this.#state = 'uneven';
  }

  /** The one router that tells a route and is nearer than all others that do; -1 where there is none. */
  #nearest(inner: number): number {
    const { speakers, routes } = this.#routing;
    const { innerMetric, model } = speakers.network;
    let nearest = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let t = 0; t < this.#toldCount; t++) {
      const router = routes.router[this.#told[t]];
      const metric = innerMetric[inner * model.routers.length + router];
      if (metric === least) nearest = -1;
      else if (metric < least) {
        least = metric;
        nearest = router;
      }
    }
    return nearest;
  }
}
