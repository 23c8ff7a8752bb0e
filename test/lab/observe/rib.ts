/** A routing table in one shape, whichever daemon holds it. */

/** RFC 4271 4.3 a. */
export type Origin = 'igp' | 'egp' | 'incomplete';

export interface RibRoute {
  readonly prefix: string;
  /** The one that the decision process chose. */
  readonly best: boolean;
  /** Node id of the session's other side; `local` for a path that was injected here. */
  readonly peer: string;
  readonly nextHop: string;
  readonly asPath: readonly number[];
  readonly origin: Origin;
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

/** How the daemons write it: by name in either case, or by number. */
export function originOf(text: string | number | undefined): Origin {
  const name = String(text ?? '').toLowerCase();
  return name === 'igp' || name === '0' ? 'igp' : name === 'egp' || name === '1' ? 'egp' : 'incomplete';
}
