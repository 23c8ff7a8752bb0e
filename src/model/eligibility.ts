import { advertisementStart } from './egress.ts';
import type { AdvertisementTable, Neighbor, NetworkModel, PrefixTable, Session } from './network-model.ts';
import { isPeerOrProvider, learnedFromUpstream } from './relations.ts';
import type { TrafficPairs } from './traffic.ts';

/**
 * `TrafficTable.eligible`: an egress of a prefix is not eligible for a neighbor that would refuse every route
 * advertised there. It refuses a route with its own ASN in the AS path (RFC 4271 §9.1.2), and is not sent one that was
 * learned from a peer or provider unless it is a customer; where no relation is known, nothing is refused for it.
 */
export function eligibleArcs(
  prefixes: PrefixTable,
  pairs: TrafficPairs,
  advertisements: AdvertisementTable,
  sessions: readonly Session[],
  neighbors: readonly Neighbor[],
): Uint8Array | null {
  const advertised = advertisementStart(advertisements, prefixes.count);
  const refuses = refusal(advertisements, sessions, neighbors);
  const arcCount = countArcs(prefixes, pairs);
  let eligible: Uint8Array | null = null;
  let firstArc = 0;
  for (let k = 0; k < prefixes.count; k++) {
    const firstSlot = prefixes.egressStart[k];
    const slotCount = prefixes.egressStart[k + 1] - firstSlot;
    // Slots and advertisements of a prefix both ascend by point, so they are walked together.
    let from = advertised[k];
    for (let slot = 0; slot < slotCount && from < advertised[k + 1]; slot++) {
      const point = prefixes.egressPoint[firstSlot + slot];
      while (from < advertised[k + 1] && advertisements.at[from] < point) from++;
      let to = from;
      while (to < advertised[k + 1] && advertisements.at[to] === point) to++;
      for (let pair = pairs.start[k]; pair < pairs.start[k + 1] && from < to; pair++) {
        if (pairs.volume[pair] === 0 || !refuses(pairs.neighbor[pair], from, to)) continue;
        eligible ??= new Uint8Array(arcCount).fill(1);
        eligible[firstArc + (pair - pairs.start[k]) * slotCount + slot] = 0;
      }
      from = to;
    }
    firstArc += (pairs.start[k + 1] - pairs.start[k]) * slotCount;
  }
  return eligible;
}

function countArcs({ count, egressStart }: PrefixTable, { start }: TrafficPairs): number {
  let arcs = 0;
  for (let k = 0; k < count; k++) arcs += (start[k + 1] - start[k]) * (egressStart[k + 1] - egressStart[k]);
  return arcs;
}

/** Whether neighbor h takes none of the advertisements from `from` to before `to`. */
function refusal(
  advertisements: AdvertisementTable,
  sessions: readonly Session[],
  neighbors: readonly Neighbor[],
): (h: number, from: number, to: number) => boolean {
  const { asPath, asPathStart } = advertisements;
  const isUpstream = learnedFromUpstream(advertisements, sessions, neighbors);
  const asnOf = Float64Array.from(neighbors, ({ asn }) => asn ?? -1);
  const takesUpstream = neighbors.map(({ relation }) => !isPeerOrProvider(relation));
  return (h, from, to) => {
    for (let a = from; a < to; a++) {
      if (isUpstream[a] === 1 && !takesUpstream[h]) continue;
      let hop = asPathStart[a];
      while (hop < asPathStart[a + 1] && asPath[hop] !== asnOf[h]) hop++;
      if (hop === asPathStart[a + 1]) return false;
    }
    return true;
  };
}

/** Arcs of the prefixes before k: where its own start in `TrafficTable.eligible`. */
export function arcsBefore({ prefixes, traffic }: Pick<NetworkModel, 'prefixes' | 'traffic'>, k: number): number {
  let count = 0;
  for (let p = 0; p < k; p++) {
    count += (traffic.start[p + 1] - traffic.start[p]) * (prefixes.egressStart[p + 1] - prefixes.egressStart[p]);
  }
  return count;
}
