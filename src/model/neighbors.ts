import { canonicalOrder, checkUnique, type Directory, IdDirectory } from './directory.ts';
import type { FaultList } from './fault-list.ts';
import type { Neighbor, Relation } from './network-model.ts';
import { groupPoints } from './point-lists.ts';
import { readChoices, readReferences, readTexts, readUint32 } from './read-column.ts';
import { openTable } from './table.ts';
import { NEIGHBOR_KINDS } from './tables.ts';

export const RELATIONS: readonly Relation[] = ['customer', 'peer', 'provider'];

export interface NeighborTables {
  readonly neighbors: readonly Neighbor[];
  readonly neighborDirectory: Directory;
  /** Uint8 [neighbors], 1 where In(h) is at fault. */
  readonly isIngressFaulty: Uint8Array;
}

export function readNeighbors(
  payload: Readonly<Record<string, unknown>>,
  points: Directory,
  faults: FaultList,
): NeighborTables {
  const table = openTable(payload, 'neighbors', NEIGHBOR_KINDS, faults);
  const ids = readTexts(table.column('id'), true).map((id) => id ?? '');
  const asns = readUint32(table.column('asn'), -1);
  const relations = readChoices(table.column('relation'), RELATIONS);
  const order = canonicalOrder(ids);
  checkUnique(ids, order, (row) => table.pointer(row, 'id'), faults);
  const lists = table.lists('ingress', true);
  const entries = readReferences(lists.items, points, true);
  const ingress = groupPoints(lists, entries, order);
  const neighbors = Array.from(order, (row, h) => ({
    id: ids[row],
    asn: asns[row] < 0 ? null : asns[row],
    relation: relations[row],
    ingress: Int32Array.from(ingress.rows.subarray(ingress.start[h], ingress.start[h + 1]), (item) => entries[item]),
  }));
  const sortedIds = neighbors.map(({ id }) => id);
  return {
    neighbors,
    neighborDirectory: new IdDirectory('neighbor', sortedIds, order),
    isIngressFaulty: ingress.isFaulty.map((isFaulty, h) => (neighbors[h].ingress.length === 0 ? 1 : isFaulty)),
  };
}
