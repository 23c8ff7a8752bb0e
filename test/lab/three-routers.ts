/** The network of most labs: three border routers in a triangle, and one neighbor that hands traffic in. */
import type { LabNeighbor, LabTopology } from './network/topology.ts';

const link = (from: string, to: string, cost: number) => ({ from, to, cost, reverseCost: cost });

/** C1 is at b1; `upstreams` are where traffic may leave. */
export function threeRouters(upstreams: readonly LabNeighbor[]): LabTopology {
  return {
    asn: 64500,
    routers: [
      { id: 'b1', kind: 'frr' },
      { id: 'b2', kind: 'bird' },
      { id: 'b3', kind: 'frr' },
    ],
    links: [link('b1', 'b2', 10), link('b1', 'b3', 20), link('b2', 'b3', 15)],
    neighbors: [{ id: 'C1', asn: 64501, at: ['b1'], announces: [{ prefix: '10.1.0.0/24' }] }, ...upstreams],
  };
}
