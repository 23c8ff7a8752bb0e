/** `gobgp global rib -j` of GoBGP 3 in the neutral shape. */
import { originOf, type RibRoute, sortRib } from '../observe/rib.ts';

interface GobgpAttribute {
  readonly type: number;
  readonly value?: number;
  readonly nexthop?: string;
  readonly metric?: number;
  readonly as_paths?: readonly { readonly asns?: readonly number[] }[];
  readonly communities?: readonly number[];
}

interface GobgpPath {
  readonly best?: boolean;
  readonly 'neighbor-ip'?: string;
  readonly attrs?: readonly GobgpAttribute[];
}

/** Path attribute type codes, RFC 4271 5.1 and RFC 1997. */
const ORIGIN = 1;
const AS_PATH = 2;
const NEXT_HOP = 3;
const MED = 4;
const LOCAL_PREF = 5;
const COMMUNITIES = 8;

/** `peers`: node id by session address. */
export function gobgpRib(json: string, peers: ReadonlyMap<string, string>): RibRoute[] {
  const table = JSON.parse(json === '' ? '{}' : json) as Record<string, GobgpPath[]>;
  return sortRib(
    Object.entries(table).flatMap(([prefix, paths]) =>
      paths.map((path) => {
        const attribute = (type: number): GobgpAttribute | undefined => path.attrs?.find((a) => a.type === type);
        return {
          prefix,
          best: path.best === true,
          peer: peers.get(path['neighbor-ip'] ?? '') ?? 'local',
          nextHop: attribute(NEXT_HOP)?.nexthop ?? '',
          asPath: (attribute(AS_PATH)?.as_paths ?? []).flatMap(({ asns = [] }) => asns),
          origin: originOf(attribute(ORIGIN)?.value),
          localPref: Number(attribute(LOCAL_PREF)?.value ?? 100),
          med: attribute(MED)?.metric ?? 0,
          communities: (attribute(COMMUNITIES)?.communities ?? []).map((c) => `${c >>> 16}:${c & 0xffff}`),
        };
      }),
    ),
  );
}
