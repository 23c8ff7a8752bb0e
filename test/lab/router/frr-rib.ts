/** `show bgp ipv4 unicast json detail` of FRR 8 in the neutral shape. */
import { originOf, type RibRoute, sortRib } from '../observe/rib.ts';

interface FrrPath {
  readonly aspath?: { readonly string?: string };
  readonly origin?: string;
  readonly bestpath?: { readonly overall?: boolean };
  readonly locPrf?: number;
  readonly metric?: number;
  readonly community?: { readonly list?: readonly string[] };
  readonly peer?: { readonly peerId?: string };
  readonly nexthops?: readonly { readonly ip?: string; readonly used?: boolean }[];
}

/** The first entry of a prefix is its head, without a peer. `peers`: node id by session address. */
export function frrRib(json: string, peers: ReadonlyMap<string, string>): RibRoute[] {
  const { routes = {} } = JSON.parse(json) as { routes?: Record<string, FrrPath[]> };
  return sortRib(
    Object.entries(routes).flatMap(([prefix, entries]) =>
      entries
        .filter(({ peer }) => peer !== undefined)
        .map((path) => ({
          prefix,
          best: path.bestpath?.overall === true,
          peer: peers.get(path.peer?.peerId ?? '') ?? 'local',
          nextHop: path.nexthops?.find(({ used }) => used)?.ip ?? '',
          asPath: (path.aspath?.string ?? '').split(' ').filter(Boolean).map(Number),
          origin: originOf(path.origin),
          localPref: path.locPrf ?? 100,
          med: path.metric ?? 0,
          communities: path.community?.list ?? [],
        })),
    ),
  );
}
