import { FaultList, shown } from '../model/fault-list.ts';
import { canonicalAddress } from '../model/ip-prefix.ts';
import { readCsv } from './csv.ts';
import type { Topology } from './topology.ts';

/**
 * Reads a file `router,address`: the addresses by which routers know each other, which are their BGP identifiers unless the
 * model says otherwise. By id of a node of the topology; canonical text.
 *
 * @throws EgressoError FORMAT_INVALID with `/line/N/column` pointers.
 */
export function parseRouterAddresses(text: string, topology: Topology, name = 'the routers'): Map<string, string> {
  const nodes = new Set(topology.nodes.map(({ id }) => id));
  const faults = new FaultList();
  const addressOf = new Map<string, string>();
  const routerOf = new Map<string, string>();
  for (const { line, fields } of readCsv(text, name, { required: ['router', 'address'] })) {
    const { router } = fields;
    const address = canonicalAddress(fields.address);
    if (!nodes.has(router)) faults.add(`/line/${line}/router`, `${shown(router)} is no node of the topology`);
    else if (addressOf.has(router)) faults.add(`/line/${line}/router`, `${shown(router)} has an address already`);
    const other = routerOf.get(address ?? '');
    if (address === null) faults.add(`/line/${line}/address`, `${shown(fields.address)} is no IP address`);
    else if (other !== undefined) faults.add(`/line/${line}/address`, `${address} is that of ${shown(other)} already`);
    else {
      addressOf.set(router, address);
      routerOf.set(address, router);
    }
  }
  if (faults.count > 0) throw faults.toError('FORMAT_INVALID', name);
  return addressOf;
}
