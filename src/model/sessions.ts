import { compareOptional, type Directory } from './directory.ts';
import type { FaultList } from './fault-list.ts';
import { RELATIONS } from './neighbors.ts';
import type { Session } from './network-model.ts';
import { readAddresses, readChoices, readReferences, readUint32 } from './read-column.ts';
import { openTable } from './table.ts';
import { SESSION_KINDS } from './tables.ts';

/** Reads `sessions`, sorted by point, peer ASN, peer address, neighbor, relation. */
export function readSessions(
  payload: Readonly<Record<string, unknown>>,
  points: Directory,
  neighbors: Directory,
  faults: FaultList,
): Session[] {
  const table = openTable(payload, 'sessions', SESSION_KINDS, faults);
  const at = readReferences(table.column('at'), points, true);
  const peerAsn = readUint32(table.column('peerAsn'), null);
  const peerAddress = readAddresses(table.column('peerAddress'));
  const neighbor = readReferences(table.column('neighbor'), neighbors, false);
  const relation = readChoices(table.column('relation'), RELATIONS);
  return peerAddress
    .map((address, row) => ({
      at: at[row],
      peerAsn: peerAsn[row],
      peerAddress: address,
      neighbor: neighbor[row],
      relation: relation[row],
    }))
    .sort(
      (a, b) =>
        a.at - b.at ||
        a.peerAsn - b.peerAsn ||
        compareOptional(a.peerAddress, b.peerAddress) ||
        a.neighbor - b.neighbor ||
        compareOptional(a.relation, b.relation),
    );
}
