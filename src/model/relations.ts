import type { AdvertisementTable, Neighbor, Relation, Session } from './network-model.ts';

/**
 * Uint8 [advertisements], 1 where a route was learned from a peer or a provider, and so goes to customers only.
 *
 * The relation is that of the session at the same point with the same peer ASN and, where both tell one, the same
 * address; else that of a neighbor with this ASN. Where several apply, one peer or provider among them is enough: to
 * carry traffic that must not be carried is worse than to carry none.
 */
export function learnedFromUpstream(
  advertisements: AdvertisementTable,
  sessions: readonly Session[],
  neighbors: readonly Neighbor[],
): Uint8Array {
  const sessionsOf = Map.groupBy(sessions, ({ at, peerAsn }) => peerKey(at, peerAsn));
  const neighborsOf = Map.groupBy(neighbors, ({ asn }) => asn);
  const isUpstream = new Uint8Array(advertisements.count);
  for (let a = 0; a < advertisements.count; a++) {
    const asn = advertisements.peerAsn[a];
    if (asn === 0) continue;
    const address = advertisements.peerAddress[a];
    const relations = (sessionsOf.get(peerKey(advertisements.at[a], asn)) ?? [])
      .filter(({ peerAddress }) => address === null || peerAddress === null || peerAddress === address)
      .map(({ relation, neighbor }) => relation ?? neighbors[neighbor]?.relation ?? null);
    const known = relations.some((relation) => relation !== null)
      ? relations
      : (neighborsOf.get(asn) ?? []).map(({ relation }) => relation);
    isUpstream[a] = known.some(isPeerOrProvider) ? 1 : 0;
  }
  return isUpstream;
}

export function isPeerOrProvider(relation: Relation | null): boolean {
  return relation === 'peer' || relation === 'provider';
}

/** One number for a point and an ASN; ASNs are below 2^32 and points below 2^21, so it is exact. */
function peerKey(point: number, asn: number): number {
  return point * 2 ** 32 + asn;
}
