/**
 * Choices that BGP leaves open. A router takes one of several routes and tells its neighbors that one, nobody knows which.
 * They are equal in local-pref, AS-path length and origin (RFC 4271 §9.1.2.2 a and b): what comes later in the process
 * may be unknown, or a matter of order.
 */
import { NO_ROUTE, type RouteTable } from './routes.ts';

/** Of few prefixes mostly, so by prefix: Int32 [routers], where its choice is open one of those routes, else NO_ROUTE. */
export type OpenChoices = Map<number, Int32Array>;

/** What routers take, as `Routing` has it. */
export interface Choices {
  readonly routes: RouteTable;
  readonly best: Int32Array;
  readonly open: OpenChoices;
}

/** Notes that the choice of a router for prefix k is open; `route` stands for all of them. */
export function leaveOpen(open: OpenChoices, k: number, router: number, route: number, routerCount: number): void {
  let row = open.get(k);
  if (row === undefined) {
    row = new Int32Array(routerCount).fill(NO_ROUTE);
    open.set(k, row);
  }
  row[router] = route;
}

/** All routes of prefix k that a router may have taken: none where it has none, one where its choice is known. */
export function possibleRoutes(
  { routes, best, open }: Choices,
  k: number,
  router: number,
  routerCount: number,
): number[] {
  const at = k * routerCount + router;
  const standIn = open.get(k)?.[router] ?? NO_ROUTE;
  if (standIn === NO_ROUTE) return best[at] < 0 ? [] : [best[at]];
  const owner = routes.router[standIn];
  const isOfOwner = best[at] >= 0 || owner === router;
  return equalRoutes(routes, k, standIn).filter((r) => !isOfOwner || routes.router[r] === owner);
}

/** The routes of prefix k that are best by what is compared first, and the same at every router. */
export function bestRoutes(routes: RouteTable, k: number): number[] {
  const { start, isAccepted } = routes;
  let best = NO_ROUTE;
  for (let r = start[k]; r < start[k + 1]; r++) {
    if (isAccepted[r] === 1 && (best === NO_ROUTE || compareFirst(routes, r, best) < 0)) best = r;
  }
  return best === NO_ROUTE ? [] : equalRoutes(routes, k, best);
}

/** The accepted routes of prefix k that are as good as `route` by local-pref, AS-path length and origin. */
export function equalRoutes(routes: RouteTable, k: number, route: number): number[] {
  const equal: number[] = [];
  for (let r = routes.start[k]; r < routes.start[k + 1]; r++) {
    if (routes.isAccepted[r] === 1 && compareFirst(routes, r, route) === 0) equal.push(r);
  }
  return equal;
}

/** Whether MEDs of one neighbor AS differ among routes that are equal up to there: then they decide somewhere. */
export function hasMeds({ neighborAs, med }: RouteTable, equal: readonly number[]): boolean {
  return equal.some((a) => equal.some((b) => neighborAs[a] === neighborAs[b] && med[a] !== med[b]));
}

function compareFirst({ localPref, asPathLength, origin }: RouteTable, a: number, b: number): number {
  return localPref[b] - localPref[a] || asPathLength[a] - asPathLength[b] || origin[a] - origin[b];
}
