import { FaultList, shown } from '../model/fault-list.ts';
import { canonicalAddress } from '../model/ip-prefix.ts';
import type { Relation } from '../model/network-model.ts';
import { readCsv } from './csv.ts';

/** Where the session with a peer of the table stands. */
export interface MappedSession {
  readonly line: number;
  /** Canonical text. */
  readonly peerAddress: string;
  /** Id of a node of the topology. */
  readonly router: string;
  /** Name of an interface of the router, or null. Sessions that name the same one share its capacity. */
  readonly interface: string | null;
  /** Id of the neighbor that also hands traffic in over this session, or null. */
  readonly neighbor: string | null;
  readonly relation: Relation | null;
}

const RELATIONS: readonly string[] = ['customer', 'peer', 'provider'] satisfies Relation[];

/**
 * Reads a mapping file: `peerAddress,router[,interface][,neighbor][,relation]`, one line per session.
 *
 * @throws EgressoError FORMAT_INVALID with `/line/N/column` pointers.
 */
export function parseSessionMap(text: string, name = 'the session map'): MappedSession[] {
  const records = readCsv(text, name, {
    required: ['peerAddress', 'router'],
    optional: ['interface', 'neighbor', 'relation'],
  });
  const faults = new FaultList();
  const lineOf = new Map<string, number>();
  const sessions = records.map(({ line, fields }) => {
    const address = canonicalAddress(fields.peerAddress);
    const first = lineOf.get(address ?? '');
    if (address === null) faults.add(`/line/${line}/peerAddress`, `${shown(fields.peerAddress)} is no IP address`);
    else if (first !== undefined) faults.add(`/line/${line}/peerAddress`, `${address} stands in line ${first} already`);
    else lineOf.set(address, line);
    if (fields.router === '') faults.add(`/line/${line}/router`, 'the router is empty');
    if (fields.relation !== '' && !RELATIONS.includes(fields.relation)) {
      faults.add(`/line/${line}/relation`, `${shown(fields.relation)} is none of ${RELATIONS.join(', ')}`);
    }
    return {
      line,
      peerAddress: address ?? '',
      router: fields.router,
      interface: fields.interface || null,
      neighbor: fields.neighbor || null,
      relation: (fields.relation || null) as Relation | null,
    };
  });
  if (faults.count > 0) throw faults.toError('FORMAT_INVALID', name);
  return sessions;
}
