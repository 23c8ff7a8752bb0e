/** Routers that are no border routers carry what these send each other. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { planOf } from './random-network.ts';

describe('inner routers', () => {
  // Of two ways from a to e1 and e2, core has another one in mind than a: it is at e2.
  const network = (own: object = {}) =>
    buildModel({
      version: 1,
      asn: 64500,
      routers: ['a', 'e1', 'e2'].map((id, at) => ({ id, address: `192.0.2.${at + 1}` })),
      links: [
        { from: 'a', to: 'core', distance: 1 },
        { from: 'core', to: 'e1', distance: 5 },
        { from: 'core', to: 'e2', distance: 5 },
      ],
      neighbors: [{ id: 'C1', asn: 64501, ingress: ['a', 'e1'] }],
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8' }],
      advertisements: ['e1', 'e2'].map((at, n) => ({
        prefix: 'P1',
        at,
        peerAsn: 64601 + n,
        peerAddress: `198.51.100.${n + 1}`,
        asPath: [64601 + n],
      })),
      traffic: [{ neighbor: 'C1', prefix: 'P1', volume: 1 }],
      ...own,
    });
  const result = (model: NetworkModel, egress: string, bgp: object = {}) =>
    policyFor(model, planOf(model, [['C1', 'P1', 'a', egress]]), { bgp, ingress: 'advertise' });

  it('are looked at on the way', () => {
    // Both egress points are open and equally near; by router id a and core take e1.
    expect(result(network(), 'e1')).toMatchObject({ status: 'proven' });
    expect(result(network(), 'e2').difference.filter(({ direction }) => direction === 'import')).toHaveLength(1);
    // A one-way link: a is as near to e1 by core as core is to e2 by itself.
    const detour = network({
      links: [
        { from: 'a', to: 'core', distance: 1 },
        { from: 'core', to: 'e1', distance: 5 },
        { from: 'core', to: 'e2', distance: 1, directed: true },
        { from: 'e2', to: 'core', distance: 9, directed: true },
        { from: 'a', to: 'e2', distance: 7, directed: true },
      ],
    });
    // core is nearer to e2 and would take it: the plan that leaves at e1 gets a rule, by which core goes to e1 too.
    const ruled = result(detour, 'e1');
    expect(ruled.status).toBe('proven');
    expect(ruled.difference.filter(({ direction }) => direction === 'import')).toHaveLength(1);
  });

  it('under reflectors are told what nobody knows, unless all routers agree or traffic is tunneled', () => {
    const clusters = [{ reflectors: ['a'], clients: ['e1', 'e2'] }];
    const both = network({
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8' }],
      neighbors: [
        { id: 'C1', asn: 64501, ingress: ['a'] },
        { id: 'C2', asn: 64502, ingress: ['e2'] },
      ],
      traffic: ['C1', 'C2'].map((neighbor) => ({ neighbor, prefix: 'P1', volume: 1 })),
    });
    const plan = planOf(both, [
      ['C1', 'P1', 'a', 'e1'],
      ['C2', 'P1', 'e2', 'e2'],
    ]);
    expect(policyFor(both, plan).status).toBe('proven');
    expect(policyFor(both, plan, { bgp: { clusters } }).findings).toEqual([
      {
        kind: 'inner-router',
        message:
          'P1 from a to e1 passes core, and nobody knows what reflectors tell it: it has to be listed among the routers',
      },
    ]);
    expect(policyFor(both, plan, { bgp: { clusters, forwarding: 'tunnel' } }).status).toBe('proven');
    expect(result(network(), 'e1', { clusters }).status).toBe('proven');
  });
});
