/** AS paths as import policy leaves them, hop by hop. */
import type { BgpNetwork } from './network.ts';
import type { RouteTable } from './routes.ts';

/** What is not known of a path. */
const UNKNOWN_HOP = -1;

/** Whether two routes of equal length may have one AS path: where a hop is not known, they may. */
export function maySharePath(network: BgpNetwork, routes: RouteTable, a: number, b: number): boolean {
  if (routes.asPathLength[a] !== routes.asPathLength[b]) return false;
  for (let hop = 0; hop < routes.asPathLength[a]; hop++) {
    const [one, other] = [hopOf(network, routes, a, hop), hopOf(network, routes, b, hop)];
    if (one !== other && one !== UNKNOWN_HOP && other !== UNKNOWN_HOP) return false;
  }
  return true;
}

function hopOf({ model }: BgpNetwork, routes: RouteTable, route: number, at: number): number {
  if (at < routes.prependCount[route]) return routes.prependAsn[route];
  const { asPath, asPathStart, peerAsn } = model.advertisements;
  const a = routes.advertisement[route];
  if (a < 0) return UNKNOWN_HOP;
  const hop = asPathStart[a] + at - routes.prependCount[route];
  if (hop < asPathStart[a + 1]) return asPath[hop];
  return peerAsn[a] === 0 ? UNKNOWN_HOP : peerAsn[a];
}
