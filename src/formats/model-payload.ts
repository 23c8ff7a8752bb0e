import { ORIGINS } from '../model/network-model.ts';
import type { Attachment, AttachmentPoint } from './attachment.ts';
import type { BgpPeer, BgpTable } from './bgp-table.ts';
import { GrowingColumn } from './growing-column.ts';
import type { ImportSettings } from './import-options.ts';
import type { ImportedTraffic } from './imported-traffic.ts';
import type { PointCapacities } from './synthetic-capacity.ts';
import type { Topology } from './topology.ts';

/** Everything that goes into the payload of a model. */
export interface ImportedNetwork {
  readonly name: string;
  readonly settings: ImportSettings;
  readonly metadata: object;
  readonly topology: Topology;
  /** By id of a node. */
  readonly routerAddresses: ReadonlyMap<string, string>;
  readonly table: BgpTable;
  readonly attachment: Attachment;
  readonly traffic: ImportedTraffic;
  readonly capacities: PointCapacities;
}

/**
 * The payload of a model. Columns of numbers are typed arrays, Float64 for measures and integers (-1 where one is
 * missing), Int32 for indices and offsets: in msgpack their bytes are the binary columns.
 */
export type ModelPayload = { readonly [key: string]: unknown };

/** Brings an imported network into the shape of `docs/model.md`: short lists as rows, long ones as columns. */
export function toPayload(network: ImportedNetwork): ModelPayload {
  const { name, settings, metadata, topology, attachment } = network;
  return {
    version: 1,
    name,
    asn: settings.asn,
    unit: settings.unit,
    metadata,
    ...pointLists(network),
    links: topology.links.map(({ from, to, metric }) => ({
      from: topology.nodes[from].id,
      to: topology.nodes[to].id,
      distance: metric,
      ...(topology.directed && { directed: true }),
    })),
    neighbors: attachment.neighbors.map(({ id, asn, relation, ingress }) => ({
      id,
      asn,
      ...(relation !== null && { relation }),
      ingress: Array.from(ingress, (point) => attachment.points[point].id),
    })),
    ...routeLists(network),
    traffic: trafficColumns(network),
    sessions: attachment.sessions.map(({ at, peerAsn, peerAddress, neighbor, relation }) => ({
      at: attachment.points[at].id,
      peerAsn,
      ...(peerAddress !== null && { peerAddress }),
      ...(neighbor >= 0 && { neighbor: attachment.neighbors[neighbor].id }),
      ...(relation !== null && { relation }),
    })),
  };
}

/** Only routers where something is attached are listed; inner routers are named by links alone. */
function pointLists({ topology, routerAddresses, attachment, capacities }: ImportedNetwork): object {
  const capacityOf = (point: number): object => ({
    ingressCapacity: capacities.ingressCapacity[point],
    egressCapacity: capacities.egressCapacity[point],
  });
  const routers = new Map<number, object>();
  const interfaces: object[] = [];
  attachment.points.forEach(({ id, node, isInterface }, point) => {
    const router = topology.nodes[node].id;
    const address = routerAddresses.get(router);
    if (isInterface) interfaces.push({ id, router, ...capacityOf(point) });
    routers.set(node, {
      id: router,
      ...(address !== undefined && { address }),
      ...(isInterface ? {} : capacityOf(point)),
    });
  });
  return { routers: [...routers.values()], ...(interfaces.length > 0 && { interfaces }) };
}

function routeLists({ table, attachment, traffic }: ImportedNetwork): object {
  const ranges = Array.from(traffic.kept, (k) => [table.start[k], table.start[k + 1]]);
  const count = ranges.reduce((sum, [from, to]) => sum + to - from, 0);
  const rows = new Int32Array(count);
  const prefix = new Int32Array(count);
  let next = 0;
  ranges.forEach(([from, to], i) => {
    for (let row = from; row < to; row++) {
      rows[next] = row;
      prefix[next++] = i;
    }
  });
  const pointIndex = pointIndices(attachment.points);
  const peerOf = (row: number): BgpPeer => table.peers[table.peer[row]];
  return {
    prefixes: { prefix: Array.from(traffic.kept, (k) => table.prefixes[k]) },
    advertisements: {
      prefix,
      at: Int32Array.from(rows, (row) => pointIndex[attachment.sessions[table.peer[row]].at]),
      peerAsn: Float64Array.from(rows, (row) => peerOf(row).asn),
      peerAddress: Array.from(rows, (row) => peerOf(row).address),
      nextHop: Array.from(rows, (row) => table.nextHops[table.nextHop[row]]),
      asPath: pathColumn(table, rows),
      origin: Array.from(rows, (row) => ORIGINS[table.origin[row]]),
      med: Float64Array.from(rows, (row) => table.med[row]),
      ...(rows.some((row) => table.localPref[row] >= 0) && {
        localPref: Float64Array.from(rows, (row) => table.localPref[row]),
      }),
      communities: communityColumn(table, rows),
    },
  };
}

/** What each point counts as in a payload: routers without interfaces first, then interfaces. */
function pointIndices(points: readonly AttachmentPoint[]): Int32Array {
  let routerCount = 0;
  let interfaceCount = points.filter(({ isInterface }) => !isInterface).length;
  return Int32Array.from(points, ({ isInterface }) => (isInterface ? interfaceCount++ : routerCount++));
}

function pathColumn(table: BgpTable, rows: Int32Array): object {
  const offsets = new Int32Array(rows.length + 1);
  const values = new GrowingColumn(Float64Array);
  rows.forEach((row, i) => {
    const from = table.pathStart[table.path[row]];
    const to = table.pathStart[table.path[row] + 1];
    for (let hop = from; hop < to; hop++) values.push(table.pathAsns[hop]);
    // A route that the peer itself originates reaches us over eBGP with its ASN.
    if (from === to) values.push(table.peers[table.peer[row]].asn);
    offsets[i + 1] = values.count;
  });
  return { offsets, values: values.values.slice() };
}

function communityColumn(table: BgpTable, rows: Int32Array): object {
  const offsets = new Int32Array(rows.length + 1);
  const values: string[] = [];
  rows.forEach((row, i) => {
    values.push(...table.communitySets[table.communities[row]]);
    offsets[i + 1] = values.length;
  });
  return { offsets, values };
}

function trafficColumns({ traffic }: ImportedNetwork): object {
  const prefix = new Int32Array(traffic.neighbor.length);
  for (let i = 0; i < traffic.kept.length; i++) prefix.fill(i, traffic.start[i], traffic.start[i + 1]);
  return { neighbor: traffic.neighbor, prefix, volume: traffic.volume };
}
