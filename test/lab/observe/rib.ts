/** A routing table in one shape, whichever daemon holds it. */

export interface RibRoute {
  readonly prefix: string;
  /** The one that the decision process chose. */
  readonly best: boolean;
  /** Node id of the session's other side; `local` for a path that was injected here. */
  readonly peer: string;
  readonly nextHop: string;
  readonly asPath: readonly number[];
  /** 100 where the daemon leaves the default out. */
  readonly localPref: number;
  /** 0 where there is none: both compare alike (RFC 4271 9.1.2.2 c). */
  readonly med: number;
  readonly communities: readonly string[];
}

/** Sorted by prefix, best first, then by peer: equal tables, equal JSON. */
export function sortRib(routes: readonly RibRoute[]): RibRoute[] {
  const key = (route: RibRoute): string => `${route.prefix} ${route.best ? 0 : 1} ${route.peer} ${route.nextHop}`;
  return routes
    .map((route) => ({ route, order: key(route) }))
    .sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
    .map(({ route }) => route);
}

/** The chosen route of a prefix, or undefined. */
export function bestRoute(routes: readonly RibRoute[], prefix: string): RibRoute | undefined {
  return routes.find((route) => route.best && route.prefix === prefix);
}
