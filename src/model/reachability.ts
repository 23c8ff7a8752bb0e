import { type FaultList, shown } from './fault-list.ts';
import type { Neighbor, Point, PrefixTable } from './network-model.ts';
import type { TrafficPairs } from './traffic.ts';

export interface ReachabilityTables {
  readonly points: readonly Point[];
  readonly neighbors: readonly Neighbor[];
  /** Null where it is open, so that no path is missed. */
  readonly routerDistance: Float64Array | null;
  readonly prefixes: PrefixTable;
  readonly pairs: TrafficPairs;
  readonly eligible: Uint8Array | null;
  /** Uint8 [neighbors] and [prefixes], 1 where faults that have been told leave open what can be carried. */
  readonly isNeighborOpen: Uint8Array;
  readonly isPrefixOpen: Uint8Array;
}

/** Tells every pair that no plan can carry: no egress at all, none that is eligible, or none with a path to it. */
export function checkReachability(tables: ReachabilityTables, faults: FaultList): void {
  const { prefixes, pairs, neighbors, isNeighborOpen, isPrefixOpen } = tables;
  let firstArc = 0;
  for (let k = 0; k < prefixes.count; k++) {
    const slotCount = prefixes.egressStart[k + 1] - prefixes.egressStart[k];
    for (let pair = pairs.start[k]; pair < pairs.start[k + 1]; pair++, firstArc += slotCount) {
      const h = pairs.neighbor[pair];
      if (isNeighborOpen[h] === 1 || isPrefixOpen[k] === 1) continue;
      const obstacle = obstacleOf(tables, h, k, firstArc);
      if (obstacle === null) continue;
      const names = `${shown(neighbors[h].id)} to ${shown(prefixes.ids[k])}`;
      faults.add(() => pairs.pointer(pair), `traffic from ${names} cannot be carried: ${obstacle}`);
    }
  }
}

function obstacleOf(tables: ReachabilityTables, h: number, k: number, firstArc: number): string | null {
  const { points, neighbors, routerDistance, prefixes, eligible } = tables;
  const routerCount = Math.sqrt(routerDistance?.length ?? 0);
  const firstSlot = prefixes.egressStart[k];
  const slotCount = prefixes.egressStart[k + 1] - firstSlot;
  let isAnyEligible = false;
  for (let slot = 0; slot < slotCount; slot++) {
    if (eligible !== null && eligible[firstArc + slot] === 0) continue;
    isAnyEligible = true;
    if (routerDistance === null) return null;
    const to = points[prefixes.egressPoint[firstSlot + slot]].router;
    for (const ingress of neighbors[h].ingress) {
      if (routerDistance[points[ingress].router * routerCount + to] < Infinity) return null;
    }
  }
  if (slotCount === 0) return 'the prefix has no egress';
  return isAnyEligible
    ? 'no ingress of the neighbor reaches an eligible egress'
    : 'no egress is eligible for the neighbor';
}
