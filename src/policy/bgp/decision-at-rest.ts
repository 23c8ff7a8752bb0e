/** What one router decides once the best routes of all are known: in a full mesh without playing anything. */
import { LOOP } from './communities.ts';
import { type Decision, decide } from './decision.ts';
import { announce, externalRoute, FROM_CONTROLLER, type HeldRoute } from './held-route.ts';
import { restingViews } from './propagation.ts';
import { NO_ROUTE, type RouteTable } from './routes.ts';
import { type BgpSpeakers, decisionOptions, optionsOf } from './speakers.ts';

/**
 * What a router decides for prefix k, from the best routes of all (`best` as in `Routing`): in a full mesh it holds its own
 * eBGP routes and what the others took by eBGP, unless they tell their best external ones beside. Null where BGP does not
 * come to rest.
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
  if (!speakers.ibgp.isFullMesh || speakers.bestExternal || !isPlain || ofAll.some((route) => route < NO_ROUTE)) {
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
