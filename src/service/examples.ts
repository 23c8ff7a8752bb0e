/** Bodies and answers that the OpenAPI document shows. Each body can be sent as it stands; a test does. */

import { EXAMPLE_PLAN } from './example-plan.ts';

/** Example Object of OpenAPI. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

/** Of one media type, by name. */
export type Examples = Readonly<Record<string, Example>>;

/** `examples/patent-example-1.json`. */
const EXAMPLE_1 = {
  version: 1,
  name: 'patent example 1',
  asn: 64500,
  unit: 'Mbit/s',
  routers: [
    { id: 'b1', ingressCapacity: 50, egressCapacity: 0 },
    { id: 'b2', ingressCapacity: 60, egressCapacity: 0 },
    { id: 'b3', ingressCapacity: 0, egressCapacity: 75 },
    { id: 'b4', ingressCapacity: 0, egressCapacity: 50 },
  ],
  distances: [
    { from: 'b1', to: 'b3', distance: 10 },
    { from: 'b1', to: 'b4', distance: 50 },
    { from: 'b2', to: 'b3', distance: 20 },
    { from: 'b2', to: 'b4', distance: 10 },
  ],
  neighbors: [
    { id: 'A1', ingress: ['b1', 'b2'] },
    { id: 'A2', ingress: ['b1', 'b2'] },
  ],
  prefixes: [
    { id: 'P1', prefix: '10.20.30.0/24', egress: ['b3', 'b4'] },
    { id: 'P2', prefix: '10.20.40.0/24', egress: ['b3', 'b4'] },
  ],
  traffic: [
    { neighbor: 'A1', prefix: 'P1', volume: 30 },
    { neighbor: 'A1', prefix: 'P2', volume: 15 },
    { neighbor: 'A2', prefix: 'P1', volume: 25 },
    { neighbor: 'A2', prefix: 'P2', volume: 30 },
  ],
};

export const SOLVE_EXAMPLES: Examples = {
  single: {
    summary: 'Example 1 of the patent, one egress for each prefix: cost 1850',
    value: { model: EXAMPLE_1 },
  },
  multiple: {
    summary: 'The same with several egresses for each prefix: cost 1250',
    value: { model: EXAMPLE_1, options: { variant: 'mes' } },
  },
};

export const VALIDATE_EXAMPLES: Examples = {
  valid: { summary: 'A model without faults', value: { model: EXAMPLE_1 } },
  faulty: { summary: 'A model that lacks nearly everything', value: { model: { version: 1, routers: [] } } },
};

export const GAP_EXAMPLES: Examples = {
  small: {
    summary: 'Three jobs, two machines; machine 0 must not take job 1',
    value: {
      costs: [
        [1, 4, 3],
        [5, 2, 6],
      ],
      weights: [
        [3, 3, 3],
        [3, 3, 3],
      ],
      capacities: [6, 3],
      forbidden: [[0, 1]],
    },
  },
};

export const BATCH_EXAMPLES: Examples = {
  growth: {
    summary: 'Example 1 of the patent as it is, with other traffic, and with several egresses for each prefix',
    value: {
      model: EXAMPLE_1,
      variations: [
        { id: 'as it is' },
        {
          id: 'one pair grows',
          traffic: [...EXAMPLE_1.traffic.slice(0, 3), { neighbor: 'A2', prefix: 'P2', volume: 35 }],
        },
        { id: 'several egresses', options: { variant: 'mes' } },
      ],
    },
  },
};

export const POLICY_EXAMPLES: Examples = {
  bird: {
    summary: 'Policy for BIRD that makes BGP do what the plan says, and the proof',
    value: { model: EXAMPLE_1, plan: EXAMPLE_PLAN, options: { format: 'bird', verify: true } },
  },
};

export const EXPLAIN_EXAMPLES: Examples = {
  pair: {
    summary: 'Why the traffic from A1 to P1 goes where it goes',
    value: { model: EXAMPLE_1, plan: EXAMPLE_PLAN, options: { prefix: 'P1', neighbor: 'A1' } },
  },
};
