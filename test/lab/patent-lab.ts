/**
 * The patent's Example 1 as a network: b1 and b2 toward the neighbors, b3 and b4 toward the providers that announce P1
 * and P2. OSPF costs give d(i,j) in the direction of the traffic; the other direction costs 1,000, or else
 * b1, b3, b2, b4 (10 + 20 + 10 = 40) would be nearer than d(b1,b4) = 50.
 */
import type { LabLink, LabTopology } from './network/topology.ts';

export const PATENT_P1 = '10.20.30.0/24';
export const PATENT_P2 = '10.20.40.0/24';
const AGAINST_TRAFFIC = 1_000;

const link = (from: string, to: string, cost: number): LabLink => ({ from, to, cost, reverseCost: AGAINST_TRAFFIC });
const destinations = [{ prefix: PATENT_P1 }, { prefix: PATENT_P2 }];

/** Inside and neighbors of Example 1, whoever announces the prefixes. */
export const patentNetwork = {
  asn: 64500,
  routers: [
    { id: 'b1', kind: 'frr' },
    { id: 'b2', kind: 'bird' },
    { id: 'b3', kind: 'frr' },
    { id: 'b4', kind: 'bird' },
  ],
  links: [link('b1', 'b3', 10), link('b1', 'b4', 50), link('b2', 'b3', 20), link('b2', 'b4', 10)],
  neighbors: [
    { id: 'A1', asn: 64501, at: ['b1', 'b2'], announces: [{ prefix: '10.1.0.0/24' }] },
    { id: 'A2', asn: 64502, at: ['b1', 'b2'], announces: [{ prefix: '10.2.0.0/24' }] },
  ],
} satisfies LabTopology;

export const patentTopology: LabTopology = {
  ...patentNetwork,
  neighbors: [
    ...patentNetwork.neighbors,
    { id: 'U3', asn: 64601, at: ['b3'], announces: destinations },
    { id: 'U4', asn: 64602, at: ['b4'], announces: destinations },
  ],
};
