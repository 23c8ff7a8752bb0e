/** How the routers of our AS run BGP: what the decision process has to know beside routes. */
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import type { Fault } from '../../errors.ts';
import { given } from '../../model/given.ts';
import type { NetworkModel } from '../../model/network-model.ts';

const closed = { additionalProperties: false } as const;

const ClusterSchema = Type.Object(
  {
    reflectors: Type.Array(Type.String(), { minItems: 1, description: 'Routers that reflect.' }),
    clients: Type.Array(Type.String(), { description: 'Routers that speak iBGP with these reflectors only.' }),
  },
  closed,
);

export const BgpOptionsSchema = Type.Object(
  {
    clusters: Type.Array(ClusterSchema, {
      default: [],
      description: 'Route reflector clusters (RFC 4456). Reflectors, and routers in no cluster, form a full mesh.',
    }),
    addPath: Type.Boolean({ default: false, description: 'Reflectors announce every path they hold (RFC 7911).' }),
    bestExternal: Type.Boolean({
      default: false,
      description: 'Routers announce their best eBGP route also where an iBGP route is better.',
    }),
    alwaysCompareMed: Type.Boolean({
      default: false,
      description: 'MEDs of routes from different neighbor ASes are compared too.',
    }),
    missingMed: Type.Enum(['best', 'worst'], {
      default: 'best',
      description:
        'What our routers take a route without MED for: the lowest one (RFC 4271 §9.1.2.2 c), or the highest (`bgp bestpath med missing-as-worst` in FRR and IOS-XR, `default bgp_med` in BIRD; not in GoBGP and Junos).',
    }),
    neighborMissingMed: Type.Enum(['best', 'worst', 'unknown'], {
      default: 'best',
      description:
        'What neighbors take it for. Unless best, the point where they are to enter tells a MED of its own where MEDs decide.',
    }),
    deterministicMed: Type.Boolean({
      description:
        'Routes are compared by neighbor AS first, so that MEDs do not make the choice a matter of order. Default: as the router OS does without configuration, so in Junos and IOS-XR only.',
    }),
    compareRouterId: Type.Boolean({
      description:
        'Of equal eBGP routes the lower router id wins (RFC 4271 §9.1.2.2 f), not the older one. Default: as the router OS does without configuration, so in BIRD only.',
    }),
    multipath: Type.Boolean({
      description:
        'Equal routes are used together: eBGP routes of one neighbor AS, iBGP routes of one AS path and one metric. Default: as the router OS does without configuration, so in FRR only.',
    }),
    nextHopMetric: Type.Enum(['igp', 'external'], {
      default: 'igp',
      description: 'external: next hops resolve over OSPF type-2 externals, whose metric is the same from everywhere.',
    }),
    forwarding: Type.Enum(['hop-by-hop', 'tunnel'], {
      default: 'hop-by-hop',
      description: 'hop-by-hop: routers on the way look the destination up again.',
    }),
  },
  closed,
);

/** Of the router OS where they are left out. */
type OfRouterOs = 'compareRouterId' | 'deterministicMed' | 'multipath';

export type BgpOptions = Omit<Static<typeof BgpOptionsSchema>, OfRouterOs> & {
  readonly [option in OfRouterOs]?: boolean;
};

/** Fills in the defaults of options that have been checked. */
export function completeBgpOptions(options: Partial<BgpOptions>): BgpOptions {
  const { compareRouterId: _, deterministicMed: __, multipath: ___, ...required } = BgpOptionsSchema.properties;
  return { ...(Value.Create(Type.Object(required, closed)) as object), ...given(options) } as BgpOptions;
}

/** What the schema cannot say: clusters are of routers of the model, each in one place. */
export function bgpOptionFaults(options: Partial<BgpOptions>, model: NetworkModel, base: string): Fault[] {
  return clusterFaults(completeBgpOptions(options), model, base);
}

function clusterFaults({ clusters }: BgpOptions, { routers }: NetworkModel, base: string): Fault[] {
  const known = new Set(routers.map(({ id }) => id));
  const placed = new Set<string>();
  return clusters.flatMap((cluster, c) =>
    (['reflectors', 'clients'] as const).flatMap((role) =>
      cluster[role].flatMap((id, at) => {
        const pointer = `${base}/clusters/${c}/${role}/${at}`;
        if (!known.has(id)) return [{ pointer, message: `must be the id of a router, not ${JSON.stringify(id)}` }];
        if (placed.has(id)) return [{ pointer, message: `${JSON.stringify(id)} has a place in a cluster already` }];
        placed.add(id);
        return [];
      }),
    ),
  );
}
