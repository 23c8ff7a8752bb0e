/**
 * Which overrides the routers follow, as far as BGP tells. gobgpd's own choice tells what it announces; what each router tells shows
 * whether that router takes it: every path comes with the local-pref that the router has given it, and local-pref is compared before
 * anything else (RFC 4271 §9.1.1), so that a router prefers an override to all that it tells with less. Where they are equal it keeps
 * its own, which is by eBGP (§9.1.2.2 d). Over a session without add-path a router tells only what it prefers, and takes back its own
 * path when it comes to prefer ours.
 *
 * What a router does not tell is not seen: a filter on the session that refuses ours, a next hop that it cannot resolve. Traffic shows it.
 */
import { DEFAULT_LOCAL_PREF } from '../decision/plain-choice.ts';
import { isOwn, type OwnMark, type ReceivedRoute } from '../gobgp/path.ts';

export interface ReadBackOptions extends OwnMark {
  /** Point by next hop. */
  readonly points: ReadonlyMap<string, string>;
}

/** Point by prefix, of the overrides that every router with a path of its own prefers; `routes`: all paths of their prefixes. */
export function followedOverrides(
  routes: Iterable<ReceivedRoute>,
  { points, ...mark }: ReadBackOptions,
): Map<string, string> {
  const own = new Map<string, ReceivedRoute>();
  const others = new Map<string, ReceivedRoute[]>();
  for (const route of routes) {
    const { prefix, neighbor, isBest, communities } = route;
    // One of a session that is marked is ours, reflected.
    if (isOwn(route, mark) && isBest) own.set(prefix, route);
    else if (neighbor !== '' && !communities.includes(mark.community))
      others.set(prefix, [...(others.get(prefix) ?? []), route]);
  }
  const followed = new Map<string, string>();
  for (const [prefix, route] of own) {
    const point = points.get(route.nextHop);
    const isPreferred = (others.get(prefix) ?? []).every(
      (other) => other.pathId !== 0 && localPref(other) < localPref(route),
    );
    if (point !== undefined && isPreferred) followed.set(prefix, point);
  }
  return followed;
}

function localPref(route: ReceivedRoute): number {
  return route.localPref ?? DEFAULT_LOCAL_PREF;
}
