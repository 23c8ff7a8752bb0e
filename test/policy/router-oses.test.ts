/** What is proven depends on the OS of the routers: identifiers, metrics, several paths, what is kept. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { planOf } from './random-network.ts';

/** Routers that use one route of equal ones; else ties of the metric refute plans of several egress points on FRR. */
const SINGLE_PATH = { multipath: false };

describe('router OSes', () => {
  const triangle = (format: string, own: object = {}) =>
    buildModel({
      version: 1,
      asn: 64500,
      routers: ['a', 'e1', 'e2'].map((id, at) => ({ id, address: `192.0.2.${at + 1}`, format })),
      interfaces: [
        { id: 'e2:x', router: 'e2' },
        { id: 'e2:y', router: 'e2' },
      ],
      distances: [
        { from: 'a', to: 'e1', distance: 5 },
        { from: 'a', to: 'e2', distance: 5 },
        { from: 'e1', to: 'e2', distance: 9 },
      ],
      neighbors: [{ id: 'C1', asn: 64501, ingress: ['a'] }],
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8' }],
      traffic: [{ neighbor: 'C1', prefix: 'P1', volume: 1 }],
      ...own,
    });
  const route = (at: string, peerAsn: number, more: object = {}) => ({
    prefix: 'P1',
    at,
    peerAsn,
    peerAddress: `198.51.100.${at.length + peerAsn - 64600 + (at === 'e2:y' ? 10 : 0)}`,
    asPath: [peerAsn],
    ...more,
  });
  const rules = (model: NetworkModel, egress: string, options: object = {}) => {
    const result = policyFor(model, planOf(model, [['C1', 'P1', 'a', egress]]), { verify: true, ...options });
    expect(result.status).toBe('proven');
    return [result.ruleCount, result.pairs.reports[0].egressStep];
  };

  it('an identifier that is not known brings a rule, and decides nothing', () => {
    const ids = (...known: (string | null)[]) =>
      triangle('bird', {
        advertisements: ['e2:x', 'e2:y'].map((at, n) =>
          route(at, 64601 + n, known[n] === null ? {} : { peerRouterId: known[n] }),
        ),
      });
    for (const egress of ['e2:x', 'e2:y']) {
      expect(rules(ids(null, null), egress)).toEqual([1, 'only-route']);
      expect(rules(ids(null, '250.0.0.1'), egress)).toEqual([1, 'only-route']);
    }
    expect(rules(ids('250.0.0.1', '1.0.0.1'), 'e2:y')).toEqual([0, 'only-route']);
  });

  it('routers without an identifier of their own are not told apart by their names', () => {
    const routers = ['a', 'e1', 'e2'].map((id) => ({ id, format: 'bird' }));
    const model = triangle('bird', { routers, advertisements: [route('e1', 64601), route('e2:x', 64602)] });
    for (const egress of ['e1', 'e2:x']) expect(rules(model, egress)).toEqual([1, 'only-route']);
    const known = triangle('bird', { advertisements: [route('e1', 64601), route('e2:x', 64602)] });
    expect(rules(known, 'e1')).toEqual([0, 'router-id']);
  });

  it('the router OS of the texts is that of the decision', () => {
    const advertisements = ['e2:x', 'e2:y'].map((at, n) => route(at, 64601 + n, { peerRouterId: `${n + 1}.0.0.1` }));
    // Of BIRD the lower router id wins, of FRR the older route.
    expect(rules(triangle('bird', { advertisements }), 'e2:x')[0]).toBe(0);
    expect(rules(triangle('frr', { advertisements }), 'e2:x')[0]).toBe(1);
    expect(rules(triangle('bird', { advertisements }), 'e2:x', { format: 'frr' })[0]).toBe(1);
    expect(rules(triangle('frr', { advertisements }), 'e2:x', { format: 'bird' })[0]).toBe(0);
  });

  it('GoBGP does not know who is nearer', () => {
    const near = (format: string) =>
      triangle(format, {
        distances: [
          { from: 'a', to: 'e1', distance: 50 },
          { from: 'a', to: 'e2', distance: 1 },
          { from: 'e1', to: 'e2', distance: 60 },
        ],
        sessions: [{ at: 'a', peerAsn: 64501, peerAddress: '198.51.100.99', neighbor: 'C1' }],
        advertisements: [route('e1', 64601), route('e2:x', 64602)],
      });
    expect(rules(near('frr'), 'e2:x')).toEqual([0, 'igp-metric']);
    expect(rules(near('gobgp'), 'e1')).toEqual([0, 'router-id']);
    expect(rules(near('gobgp'), 'e2:x')).toEqual([1, 'only-route']);
  });

  it('FRR sends to both of two equal routes of one AS path, unless it is told not to', () => {
    const twoSites = (format: string, second = 64601) =>
      triangle(format, { advertisements: [route('e1', 64601), route('e2:x', second)] });
    expect(rules(twoSites('frr'), 'e1')).toEqual([1, 'only-route']);
    expect(rules(twoSites('frr', 64602), 'e1')).toEqual([0, 'router-id']);
    expect(rules(twoSites('frr'), 'e1', { bgp: SINGLE_PATH })).toEqual([0, 'router-id']);
    expect(rules(twoSites('junos'), 'e1')).toEqual([0, 'router-id']);
    expect(rules(twoSites('junos'), 'e1', { bgp: { multipath: true } })).toEqual([1, 'only-route']);
  });

  describe('prepending that is kept', () => {
    const kept = (router: string, session: string, direction: 'import' | 'export', asn: number) => [
      {
        router,
        sessions: [
          {
            session,
            import: [],
            export: [],
            [direction]: [
              { prefixes: ['10.0.0.0/8'], action: 'accept', set: { prepend: { asn, count: 1 } }, isOwn: false },
            ],
          },
        ],
      },
    ];
    const model = (second: object) =>
      triangle('junos', {
        advertisements: [
          route('e1', 64601, { med: 5, asPath: [64601, 64700] }),
          route('e2:x', 64601, { med: 0, asPath: [64601] }),
        ],
        distances: [
          { from: 'a', to: 'e1', distance: 1 },
          { from: 'a', to: 'e2', distance: 9 },
          { from: 'e1', to: 'e2', distance: 20 },
        ],
        ...second,
      });

    it('makes another neighbor AS, whose MED does not compare', () => {
      expect(rules(model({}), 'e2:x', { existing: kept('e2', 'AS64601', 'import', 64601) })).toEqual([1, 'only-route']);
      // Of 64999 the MED is not compared with that of 64601: the nearer one is taken.
      expect(rules(model({}), 'e1', { existing: kept('e2', 'AS64601', 'import', 64999) })).toEqual([1, 'igp-metric']);
    });

    it('of our own AS is dropped as a loop by the other routers', () => {
      const result = policyFor(model({}), planOf(model({}), [['C1', 'P1', 'a', 'e2:x']]), {
        existing: kept('e2', 'AS64601', 'import', 64500),
      });
      expect(result).toMatchObject({ status: 'refuted', pairs: { reports: [{ found: { egress: 'e1' } }] } });
    });

    it('of the AS of a neighbor is dropped by it', () => {
      for (const existing of [kept('e2', 'AS64601', 'import', 64501), kept('a', 'C1', 'export', 64501)]) {
        const result = policyFor(model({}), planOf(model({}), [['C1', 'P1', 'a', 'e2:x']]), { existing });
        expect(result.status).toBe('refuted');
      }
    });
  });

  it('a route that a rule which is kept marks no-export is told to nobody', () => {
    const model = triangle('bird', { advertisements: [route('e1', 64601)] });
    const marking = (communities: string[]) => [
      {
        router: 'e1',
        sessions: [
          {
            session: 'AS64601',
            import: [{ prefixes: ['10.0.0.0/8'], action: 'accept', set: { communities }, isOwn: false }],
            export: [],
          },
        ],
      },
    ];
    const found = (communities: string[]) =>
      policyFor(model, planOf(model, [['C1', 'P1', 'a', 'e1']]), { existing: marking(communities) }).status;
    expect([found(['64500:1']), found(['65535:65281'])]).toEqual(['proven', 'refuted']);
  });
});
