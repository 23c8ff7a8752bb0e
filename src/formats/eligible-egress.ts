import { isPeerOrProvider } from '../model/relations.ts';
import type { Attachment } from './attachment.ts';
import type { BgpTable } from './bgp-table.ts';

/** For one prefix: who can send to it, and through which points for all of them. */
export interface CommonEgress {
  /** Int32, ascending: points that are eligible for every neighbor not refused; never empty. */
  readonly points: Int32Array;
  /** Neighbors for which no point was left beside those before them. */
  readonly refused: readonly number[];
}

/**
 * Finds, for a prefix and its senders, the egress points that are eligible for as many of them as possible, taken in
 * their order. Eligible means what it means in the model: the neighbor would take one of the routes advertised there.
 */
export function commonEgressOf(
  table: BgpTable,
  { sessions, neighbors, neighborSource }: Attachment,
): (prefix: number, senders: Iterable<number>) => CommonEgress {
  const isUpstream = table.peers.map(({ asn }, peer) => {
    const { relation } = sessions[peer];
    return relation === null
      ? neighbors.some((neighbor) => neighbor.asn === asn && isPeerOrProvider(neighbor.relation))
      : isPeerOrProvider(relation);
  });
  const isTaken = (row: number, h: number): boolean => {
    const { asn, relation } = neighbors[h];
    if (isUpstream[table.peer[row]] && isPeerOrProvider(relation)) return false;
    const path = table.path[row];
    return !table.pathAsns.subarray(table.pathStart[path], table.pathStart[path + 1]).includes(asn);
  };
  return (prefix, senders) => {
    const rows = Array.from(
      { length: table.start[prefix + 1] - table.start[prefix] },
      (_, i) => table.start[prefix] + i,
    );
    const pointOf = (row: number): number => sessions[table.peer[row]].at;
    const refused: number[] = [];
    let points = new Set(rows.map(pointOf));
    // A neighbor that the map does not name has no relation, and an ASN that was chosen because no path contains it.
    for (const h of neighborSource === 'map' ? senders : []) {
      const left = new Set(rows.filter((row) => points.has(pointOf(row)) && isTaken(row, h)).map(pointOf));
      if (left.size === 0) refused.push(h);
      else points = left;
    }
    return { points: Int32Array.from(points).sort(), refused };
  };
}
