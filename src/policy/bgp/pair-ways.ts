/**
 * Where the traffic of a pair enters and leaves when BGP is at rest.
 *
 * The neighbor is one AS that gives equal local preference to all of its sessions with us: it takes the shortest AS path
 * (RFC 4271 §9.1.2.2 a), the lowest origin (b), the lowest MED (c; we are one neighbor AS); a tie between points is left
 * undetermined. A router whose own choice is open tells any of its routes, and what follows holds for each. The MED of a route is what our export policy sets, else none: a received one is not passed on (§5.1.4). From
 * the ingress router on, every router on a shortest path looks the destination up again, the egress router included.
 */
import { ORIGINS } from '../../model/network-model.ts';
import type { RouteChange } from '../document.ts';
import type { PolicyRules } from '../policy-rules.ts';
import { HopByHop } from './hop-by-hop.ts';
import { compareOffers, emptyOffers, type IngressStep, medsOfNone, NO_MED, type Offers, stepTo } from './offers.ts';
import { bestRoutes, possibleRoutes } from './open-routes.ts';
import type { BgpOptions } from './options.ts';
import { isOffered, NO_ROUTE, UNDETERMINED } from './routes.ts';
import type { Routing } from './routing.ts';

/** Beside NO_ROUTE, UNDETERMINED and UNSTABLE: a router on the way sends the traffic elsewhere. */
export const DEFLECTED = -4;

const UNCHANGED: RouteChange = {};

export class PairWays {
  readonly #routing: Routing;
  readonly #policy: PolicyRules;
  readonly #hops: HopByHop | null;
  readonly #offers: Offers;
  /** What a neighbor may take a route without MED for. */
  readonly #medsOfNone: readonly number[];
  /** The last answer of `isOffered`: a neighbor is mostly told the same route everywhere. */
  #askedRoute = -1;
  #offeredTo = -1;
  #offeredPrefix = -1;
  #askedNeighbor = -1;
  #answer = false;

  constructor(
    routing: Routing,
    policy: PolicyRules,
    { forwarding, neighborMissingMed }: Pick<BgpOptions, 'forwarding' | 'neighborMissingMed'>,
  ) {
    this.#routing = routing;
    this.#policy = policy;
    this.#hops = forwarding === 'hop-by-hop' ? new HopByHop(routing) : null;
    this.#medsOfNone = medsOfNone(neighborMissingMed);
    this.#offers = emptyOffers(routing.speakers.network.sessions.length);
  }

  /** After routes or policy have changed. */
  reset(): void {
    this.#askedRoute = -1;
    this.#offeredTo = -1;
    this.#hops?.reset();
  }

  /** What neighbor h is told of prefix k, or may be. The answer is valid until the next call. */
  offers(h: number, k: number): Offers {
    const { speakers, routes, best, open } = this.#routing;
    const { network } = speakers;
    const offers = this.#offers;
    if (h === this.#offeredTo && k === this.#offeredPrefix) return offers;
    this.#offeredTo = h;
    this.#offeredPrefix = k;
    const first = k * network.model.routers.length;
    const openHere = open.size === 0 ? undefined : open.get(k);
    let count = 0;
    const sessions = network.sessionsOf[h];
    for (let s = 0; s < sessions.length; s++) {
      const session = sessions[s];
      const { router } = network.sessions[session];
      let route = best[first + router];
      let isSure = 1;
      if (openHere !== undefined && openHere[router] !== NO_ROUTE) {
        const told = this.#told(k, router, h);
        if (told === 'never') continue;
        if (told === 'maybe') isSure = 0;
        route = openHere[router];
      } else if (route < 0 || !this.#isOffered(route, h)) continue;
      const rule = this.#policy.ruleFor('export', session, k);
      if (rule?.action === 'reject') continue;
      const { origin, med = NO_MED, prepend } = rule === null ? UNCHANGED : rule.set;
      // RFC 4271 §9.1.2: who finds its own AS in a path drops it.
      if (prepend !== undefined && prepend.asn === network.model.neighbors[h].asn) continue;
      offers.session[count] = session;
      // Our own AS is put in front once (RFC 4271 §5.1.2 b), then policy adds to it.
      offers.asPathLength[count] = routes.asPathLength[route] + 1 + (prepend?.count ?? 0);
      offers.origin[count] = origin === undefined ? routes.origin[route] : ORIGINS.indexOf(origin);
      offers.isSure[count] = isSure;
      offers.med[count++] = med;
    }
    offers.count = count;
    return offers;
  }

  /** Whether a router tells h of k, whatever route it may have taken; export policy aside. */
  isTold(k: number, router: number, h: number): boolean {
    const { speakers, best, open } = this.#routing;
    const at = k * speakers.network.model.routers.length + router;
    if ((open.get(k)?.[router] ?? NO_ROUTE) !== NO_ROUTE) return this.#told(k, router, h) === 'always';
    return best[at] >= 0 && this.#isOffered(best[at], h);
  }

  /**
   * The point where h enters with traffic for k, whatever it is told: NO_ROUTE where that is nothing, UNDETERMINED where it may
   * be any.
   */
  ingress(h: number, k: number): number {
    const offers = this.offers(h, k);
    if (offers.count === 0) return NO_ROUTE;
    const point = this.#entered(offers, this.#medsOfNone[0]);
    const isOpen = this.#medsOfNone.length > 1 && this.#entered(offers, this.#medsOfNone[1]) !== point;
    return isOpen ? UNDETERMINED : point;
  }

  /** The point of the best offer that is sure to be there, unless one elsewhere may be as good. */
  #entered(offers: Offers, medOfNone: number): number {
    const { sessions } = this.#routing.speakers.network;
    const { count, session, isSure } = offers;
    let chosen = -1;
    for (let o = 0; o < count; o++) {
      if (isSure[o] === 1 && (chosen < 0 || compareOffers(offers, o, chosen, medOfNone) < 0)) chosen = o;
    }
    if (chosen < 0) return UNDETERMINED;
    const { point } = sessions[session[chosen]];
    for (let o = 0; o < count; o++) {
      if (sessions[session[o]].point !== point && compareOffers(offers, o, chosen, medOfNone) <= 0) return UNDETERMINED;
    }
    return point;
  }

  /** Whether h, where it is told of k at `point` at all, prefers that to all that it may be told elsewhere. */
  isPreferredWhereTold(h: number, k: number, point: number): boolean {
    const offers = this.offers(h, k);
    const { sessions } = this.#routing.speakers.network;
    const isHere = (o: number): boolean => sessions[offers.session[o]].point === point;
    const all = Array.from({ length: offers.count }, (_, o) => o);
    return this.#medsOfNone.every((none) =>
      all.every((o) => !isHere(o) || all.every((other) => isHere(other) || compareOffers(offers, o, other, none) < 0)),
    );
  }

  /** All points where h may enter: several where nothing tells which. */
  possibleIngress(h: number, k: number): number[] {
    const offers = this.offers(h, k);
    const { sessions } = this.#routing.speakers.network;
    const all = Array.from({ length: offers.count }, (_, o) => o);
    const best = this.#medsOfNone.flatMap((none) =>
      all.filter((o) => all.every((other) => offers.isSure[other] === 0 || compareOffers(offers, o, other, none) <= 0)),
    );
    return [...new Set(best.map((o) => sessions[offers.session[o]].point))];
  }

  /** All points where traffic for k may leave that entered at a router: those of the best routes, where BGP leaves it open. */
  possibleEgress(k: number, router: number): number[] {
    const egress = this.egress(k, router);
    if (egress === NO_ROUTE) return [];
    if (egress >= 0) return [egress];
    const { routes } = this.#routing;
    return [...new Set(bestRoutes(routes, k).map((route) => routes.point[route]))];
  }

  /** The step by which h takes the offers at `point` over all others. */
  ingressStep(h: number, k: number, point: number): IngressStep {
    const offers = this.offers(h, k);
    if (offers.count === 0) return 'not-offered';
    const { sessions } = this.#routing.speakers.network;
    return stepTo(offers, (o) => sessions[offers.session[o]].point, point, this.#medsOfNone[0]);
  }

  /** Whether h may be told of k at a point. */
  isOfferedAt(h: number, k: number, point: number): boolean {
    const { count, session } = this.offers(h, k);
    const { sessions } = this.#routing.speakers.network;
    return session.subarray(0, count).some((one) => sessions[one].point === point);
  }

  /** How many points h may be told of k at. */
  offeredPointCount(h: number, k: number): number {
    const { count, session } = this.offers(h, k);
    const { sessions } = this.#routing.speakers.network;
    let points = 0;
    for (let o = 0; o < count; o++)
      if (o === 0 || sessions[session[o]].point !== sessions[session[o - 1]].point) points++;
    return points;
  }

  /** The point where traffic for k leaves that entered at a router: NO_ROUTE, UNDETERMINED, UNSTABLE or DEFLECTED. */
  egress(k: number, router: number): number {
    const { speakers, routes, best } = this.#routing;
    const n = speakers.network.model.routers.length;
    const route = best[k * n + router];
    if (route < 0) return route;
    const owner = routes.router[route];
    const own = best[k * n + owner];
    if (own < 0) return own;
    if (routes.router[own] !== owner) return DEFLECTED;
    return this.deflectedAt(k, router, owner) < 0 ? routes.point[own] : DEFLECTED;
  }

  /** Whether it leaves at `point`; the way is looked at only where it may. */
  leavesAt(k: number, router: number, point: number): boolean {
    const { speakers, routes, best } = this.#routing;
    const first = k * speakers.network.model.routers.length;
    const route = best[first + router];
    const own = route < 0 ? route : best[first + routes.router[route]];
    return own >= 0 && routes.point[own] === point && this.egress(k, router) === point;
  }

  /** The first router between two that sends traffic for k to yet another, or -1; inner routers count on from the last router. */
  deflectedAt(k: number, from: number, to: number): number {
    return this.#hops?.deflectedAt(k, from, to) ?? -1;
  }

  /** For which of the routes that a router may have taken it tells h of k. */
  #told(k: number, router: number, h: number): 'always' | 'maybe' | 'never' {
    const { speakers, routes } = this.#routing;
    const possible = possibleRoutes(this.#routing, k, router, speakers.network.model.routers.length);
    const count = possible.filter((route) => isOffered(speakers.network, routes, route, h)).length;
    return count === 0 ? 'never' : count === possible.length ? 'always' : 'maybe';
  }

  #isOffered(route: number, h: number): boolean {
    if (route !== this.#askedRoute || h !== this.#askedNeighbor) {
      this.#askedRoute = route;
      this.#askedNeighbor = h;
      this.#answer = isOffered(this.#routing.speakers.network, this.#routing.routes, route, h);
    }
    return this.#answer;
  }
}
