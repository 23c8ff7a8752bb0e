/** What every router takes for one prefix where its BGP has to be played out, and what of it is open. */
import { maySharePath } from './as-path.ts';
import { ADVERTISEMENT } from './communities.ts';
import type { Candidate } from './decision.ts';
import { bestRoutes, type Choices, equalRoutes, hasMeds, leaveOpen } from './open-routes.ts';
import { type RouterView, restingViews } from './propagation.ts';
import { NO_ROUTE, type RouteTable, UNDETERMINED, UNSTABLE } from './routes.ts';
import type { BgpSpeakers } from './speakers.ts';

/** Writes prefix k to `best` and `open`. */
export function playOut(speakers: BgpSpeakers, { routes, best, open }: Choices, k: number): void {
  const n = speakers.network.model.routers.length;
  const first = k * n;
  const views = restingViews(speakers, routes, k);
  if (views === null || isOpenAtAll(speakers, views, routes, k)) {
    best.fill(views === null ? UNSTABLE : UNDETERMINED, first, first + n);
    const all = bestRoutes(routes, k);
    for (let router = 0; router < n; router++) leaveOpen(open, k, router, standIn(all, routes, router), n);
    return;
  }
  for (let router = 0; router < n; router++) {
    const route = bestOf(speakers, views, routes, router);
    const { best: chosen, remaining } = views[router].decision;
    const owner = chosen === null ? router : routes.router[chosen.route];
    best[first + router] = route;
    if (route === UNDETERMINED) {
      const left = [...remaining, ...asNear(views[router])].map((one) => one.route);
      leaveOpen(open, k, router, standIn(left, routes, router), n);
    } else if (route >= 0 && isTiedAt(views, owner)) leaveOpen(open, k, router, route, n);
  }
}

const isTiedAt = (views: readonly RouterView[], router: number): boolean =>
  views[router].decision.step === 'undetermined';

/** One of the routes that stands for all: of another router where there is one, as a router's own stands for its own. */
function standIn(among: readonly number[], routes: RouteTable, router: number): number {
  return among.find((route) => routes.router[route] !== router) ?? among[0] ?? NO_ROUTE;
}

/** Whether a choice is open that others go by: they may come to something else than was played. */
function isOpenAtAll(
  { ibgp, alwaysCompareMed }: BgpSpeakers,
  views: readonly RouterView[],
  routes: RouteTable,
  k: number,
): boolean {
  return views.some(({ decision: { step, remaining } }, router) => {
    if (step !== 'undetermined') return false;
    if (ibgp.cluster[router] < 0 && !remaining.some(({ isExternal }) => isExternal)) return false;
    const one = remaining[0].route;
    const isSilent = (route: number) => routes.withheld[route] >= ADVERTISEMENT;
    if (remaining.some(({ route }) => routes.router[route] !== routes.router[one] || isSilent(route) !== isSilent(one)))
      return true;
    const isAlike = remaining.every(
      ({ route }) => routes.neighborAs[route] === routes.neighborAs[one] && routes.med[route] === routes.med[one],
    );
    return !isAlike && !alwaysCompareMed && hasMeds(routes, equalRoutes(routes, k, one));
  });
}

function bestOf(speakers: BgpSpeakers, views: readonly RouterView[], routes: RouteTable, router: number): number {
  const { best, step, remaining } = views[router].decision;
  if (best === null) return NO_ROUTE;
  const owner = routes.router[best.route];
  if (owner === router) {
    const isHere = remaining.every(({ route }) => routes.point[route] === routes.point[best.route]);
    return step !== 'undetermined' || isHere ? best.route : UNDETERMINED;
  }
  // Routes of one other router lead to the same place: that router decides between them.
  if (remaining.some(({ route }) => routes.router[route] !== owner)) return UNDETERMINED;
  // Which paths are used together is up to what the others choose.
  const mayShare =
    speakers.traits[router].isMultipath &&
    asNear(views[router]).some(
      ({ route }) =>
        routes.router[route] !== owner &&
        possibleAt(views, routes, route).some((a) =>
          possibleAt(views, routes, best.route).some((b) => maySharePath(speakers.network, routes, a, b)),
        ),
    );
  return mayShare ? UNDETERMINED : best.route;
}

/** What the router of a route may tell in its place. */
function possibleAt(views: readonly RouterView[], routes: RouteTable, route: number): number[] {
  const owner = routes.router[route];
  const remaining = views[owner].decision.remaining.map((one) => one.route);
  return remaining.includes(route) ? remaining.filter((one) => routes.router[one] === owner) : [route];
}

/** Routes by iBGP of other routers than the best one's that tie with it up to the metric. */
function asNear({ held, decision: { best } }: RouterView): readonly Candidate[] {
  if (best === null || best.isExternal) return [];
  return held.filter(
    (one) =>
      !one.isExternal &&
      one.route !== best.route &&
      one.localPref === best.localPref &&
      one.asPathLength === best.asPathLength &&
      one.origin === best.origin &&
      one.igpMetric === best.igpMetric,
  );
}
