/** `show bgp ipv4 unicast json` of FRR 8 in the neutral shape. */
import { type RibRoute, sortRib } from '../observe/rib.ts';

interface FrrPath {
  readonly bestpath?: boolean;
  readonly path?: string;
  readonly locPrf?: number;
  readonly metric?: number;
  readonly peerId?: string;
  readonly nexthops?: readonly { readonly ip?: string; readonly used?: boolean }[];
}

/** `peers`: node id by session address. */
export function frrRib(json: string, peers: ReadonlyMap<string, string>): RibRoute[] {
  const { routes = {} } = JSON.parse(json) as { routes?: Record<string, FrrPath[]> };
  return sortRib(
    Object.entries(routes).flatMap(([prefix, paths]) =>
      paths.map((path) => ({
        prefix,
        best: path.bestpath === true,
        peer: peers.get(path.peerId ?? '') ?? 'local',
        nextHop: path.nexthops?.find(({ used }) => used)?.ip ?? '',
        asPath: (path.path ?? '').split(' ').filter(Boolean).map(Number),
        localPref: path.locPrf ?? 100,
        med: path.metric ?? 0,
        communities: [],
      })),
    ),
  );
}
