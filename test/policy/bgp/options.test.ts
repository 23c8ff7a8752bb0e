/** What options of BGP change: small networks with one answer each, known by hand. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import type { NetworkModel } from '../../../src/model/network-model.ts';
import { decisionAtRest } from '../../../src/policy/bgp/decision-at-rest.ts';
import { bgpNetwork } from '../../../src/policy/bgp/network.ts';
import { WORST_MED } from '../../../src/policy/bgp/offers.ts';
import { type BgpOptions, completeBgpOptions } from '../../../src/policy/bgp/options.ts';
import { restingViews } from '../../../src/policy/bgp/propagation.ts';
import { receivedRoutes } from '../../../src/policy/bgp/routes.ts';
import { bgpSpeakers, routeAll } from '../../../src/policy/bgp/routing.ts';
import { policyFor } from '../../../src/policy/policy.ts';
import { Dice, planOf, randomNetwork } from '../random-network.ts';

interface Outcome {
  /** Router where each router sends the one prefix, or null. */
  readonly egress: Record<string, string | null>;
  /** Step by which each router decides. */
  readonly step: Record<string, string | undefined>;
  /** Where the routes leave that the first router holds. */
  readonly held: string[];
}

function outcome(model: NetworkModel, options: Partial<BgpOptions>): Outcome {
  const bgp = completeBgpOptions({ deterministicMed: true, ...options });
  const network = bgpNetwork(model, bgp.nextHopMetric);
  const speakers = bgpSpeakers(
    network,
    bgp,
    model.routers.map(() => 'bird'),
  );
  const routes = receivedRoutes(network, bgp.missingMed === 'worst' ? WORST_MED : 0);
  const { best } = routeAll(speakers, routes);
  const ownerOf = (route: number): string => model.routers[routes.router[route]].id;
  const views = restingViews(speakers, routes, 0) ?? [];
  return {
    egress: Object.fromEntries(
      model.routers.map(({ id }, router) => [id, best[router] < 0 ? null : ownerOf(best[router])]),
    ),
    step: Object.fromEntries(
      model.routers.map(({ id }, router) => [id, decisionAtRest(speakers, routes, best, 0, router)?.step]),
    ),
    held: [...new Set(views[0]?.held.map(({ route }) => ownerOf(route)))].sort(),
  };
}

type Link = readonly [from: string, to: string, distance: number];

/** `ingress`: where each neighbor enters. */
const network = (
  ids: readonly string[],
  links: readonly Link[],
  routes: readonly object[],
  ingress: Readonly<Record<string, string>> = { A1: ids[0] },
): NetworkModel =>
  buildModel({
    version: 1,
    asn: 64500,
    routers: ids.map((id, at) => ({ id, address: `192.0.2.${at + 1}` })),
    links: links.map(([from, to, distance]) => ({ from, to, distance })),
    neighbors: Object.entries(ingress).map(([id, at], n) => ({ id, asn: 64501 + n, ingress: [at] })),
    prefixes: [{ id: 'P1', prefix: '10.0.0.0/8' }],
    advertisements: routes,
    traffic: Object.keys(ingress).map((neighbor) => ({ neighbor, prefix: 'P1', volume: 1 })),
  });

const route = (at: string, peerAsn: number, more: object = {}) => ({
  prefix: 'P1',
  at,
  peerAsn,
  peerAddress: `198.51.100.${(peerAsn - 64600) * 10 + at.charCodeAt(at.length - 1) - 48}`,
  asPath: [peerAsn, 64700],
  ...more,
});

describe('always-compare-med', () => {
  const links: readonly Link[] = [
    ['a', 'e1', 1],
    ['a', 'e2', 9],
  ];
  /** MED and neighbor AS of the near route and of the far one; without the option and with it, egress of a and step of e1. */
  it.each([
    ['a lower MED of another AS', [10, 64601], [0, 64602], ['e1', 'ebgp-over-ibgp'], ['e2', 'med']],
    ['a lower MED of the same AS', [10, 64601], [0, 64601], ['e2', 'med'], ['e2', 'med']],
    ['equal MEDs of two ASes', [10, 64601], [10, 64602], ['e1', 'ebgp-over-ibgp'], ['e1', 'ebgp-over-ibgp']],
  ] as const)('%s', (_what, near, far, without, withIt) => {
    const model = network(
      ['a', 'e1', 'e2'],
      links,
      [near, far].map(([med, asn], at) => route(`e${at + 1}`, asn, { med })),
    );
    for (const [alwaysCompareMed, [egress, step]] of [
      [false, without],
      [true, withIt],
    ] as const) {
      expect(outcome(model, { alwaysCompareMed })).toMatchObject({ egress: { a: egress }, step: { e1: step } });
    }
  });

  it('decides what a plan needs a rule for', () => {
    const model = network(['a', 'e1', 'e2'], links, [route('e1', 64601, { med: 10 }), route('e2', 64602)]);
    const rules = (egress: string, alwaysCompareMed: boolean) => {
      const bgp = { alwaysCompareMed };
      const result = policyFor(model, planOf(model, [['A1', 'P1', 'a', egress]]), { bgp, verify: true });
      expect(result.status).toBe('proven');
      return [result.ruleCount, result.pairs.reports[0].egressStep];
    };
    expect(rules('e1', false)).toEqual([0, 'igp-metric']);
    expect(rules('e1', true)).toEqual([1, 'only-route']);
    expect(rules('e2', false)).toEqual([1, 'only-route']);
    expect(rules('e2', true)).toEqual([0, 'only-route']);
  });
});

describe('a route without MED', () => {
  /** MEDs of the near and of the far route; egress of a, and step of e1, as the lowest one and as the highest. */
  it.each([
    ['against 0', [undefined, 0], ['e1', 'ebgp-over-ibgp'], ['e2', 'med']],
    ['against 5', [undefined, 5], ['e1', 'only-route'], ['e2', 'med']],
    ['that is far, against 0', [0, undefined], ['e1', 'ebgp-over-ibgp'], ['e1', 'only-route']],
    ['that is far, against 5', [5, undefined], ['e2', 'med'], ['e1', 'only-route']],
    ['against none', [undefined, undefined], ['e1', 'ebgp-over-ibgp'], ['e1', 'ebgp-over-ibgp']],
    ['against the highest', [0xffffffff, undefined], ['e2', 'med'], ['e1', 'ebgp-over-ibgp']],
  ] as const)('%s', (_what, meds, best, worst) => {
    const model = network(
      ['a', 'e1', 'e2'],
      [
        ['a', 'e1', 1],
        ['a', 'e2', 9],
      ],
      meds.map((med, at) => route(`e${at + 1}`, 64601, med === undefined ? {} : { med })),
    );
    for (const [missingMed, [egress, step]] of [
      ['best', best],
      ['worst', worst],
    ] as const) {
      expect(outcome(model, { missingMed })).toMatchObject({ egress: { a: egress }, step: { e1: step } });
    }
  });

  it('is the best one in GoBGP and Junos, whatever is asked for', () => {
    const model = network(['a', 'e1'], [['a', 'e1', 1]], [route('e1', 64601)]);
    const plan = planOf(model, [['A1', 'P1', 'a', 'e1']]);
    for (const format of ['gobgp', 'junos']) {
      expect(() => policyFor(model, plan, { format, bgp: { missingMed: 'worst' } })).toThrow(
        expect.objectContaining({
          code: 'OPTIONS_INVALID',
          errors: [expect.objectContaining({ pointer: '/options/bgp/missingMed' })],
        }),
      );
    }
    expect(policyFor(model, plan, { format: 'iosxr', bgp: { missingMed: 'worst' } }).status).toBe('proven');
  });
});

describe('best external', () => {
  const model = network(
    ['a', 'e1', 'e2'],
    [
      ['a', 'e1', 1],
      ['a', 'e2', 1],
    ],
    [route('e1', 64601, { localPref: 200 }), route('e2', 64602)],
  );

  it('tells others the route behind the best one', () => {
    expect(outcome(model, {})).toMatchObject({ held: ['e1'], step: { a: 'only-route' } });
    const told = outcome(model, { bestExternal: true });
    expect(told).toMatchObject({ held: ['e1', 'e2'], step: { a: 'local-pref' } });
    // All the same everybody leaves at e1.
    expect(told.egress).toEqual({ a: 'e1', e1: 'e1', e2: 'e1' });
  });

  it('is told to a reflector, which keeps it to itself', () => {
    const clusters = [{ reflectors: ['e1'], clients: ['a', 'e2'] }];
    expect(outcome(model, { clusters, bestExternal: true }).held).toEqual(['e1']);
    expect(outcome(model, { clusters, addPath: true }).held).toEqual(['e1']);
    expect(outcome(model, { clusters, addPath: true, bestExternal: true }).held).toEqual(['e1', 'e2']);
  });

  it('never changes where a router of a full mesh sends traffic', () => {
    let compared = 0;
    for (let seed = 0; seed < 300; seed++) {
      const random = randomNetwork(new Dice(seed), { crowded: true });
      const speak = (bestExternal: boolean) => {
        const bgp = completeBgpOptions({ bestExternal, deterministicMed: true, compareRouterId: true });
        const on = bgpNetwork(random, bgp.nextHopMetric);
        const formats = random.routers.map(() => 'bird' as const);
        return { speakers: bgpSpeakers(on, bgp, formats), routes: receivedRoutes(on) };
      };
      const [without, withIt] = [speak(false), speak(true)];
      for (let k = 0; k < random.prefixes.count; k++) {
        const [few, more] = [without, withIt].map(({ speakers, routes }) => restingViews(speakers, routes, k));
        if (few === null || more === null) continue;
        compared++;
        expect({ seed, k, best: more.map(({ decision }) => decision.best?.route) }).toEqual({
          seed,
          k,
          best: few.map(({ decision }) => decision.best?.route),
        });
      }
    }
    expect(compared).toBeGreaterThan(500);
  });
});

describe('two clusters', () => {
  // c1 is nearer to e2, of the other cluster; its own reflector is nearer to e1.
  const clustered = (ingress: Record<string, string>): NetworkModel =>
    network(
      ['c1', 'e1', 'e2', 'rr1', 'rr2'],
      [
        ['c1', 'e2', 2],
        ['c1', 'rr1', 9],
        ['rr1', 'e1', 1],
        ['rr1', 'rr2', 20],
        ['rr2', 'e2', 1],
      ],
      [route('e1', 64601), route('e2', 64602)],
      ingress,
    );
  const model = clustered({ A1: 'c1' });
  const clusters = [
    { reflectors: ['rr1'], clients: ['c1', 'e1'] },
    { reflectors: ['rr2'], clients: ['e2'] },
  ];
  const plan = planOf(model, [['A1', 'P1', 'c1', 'e2']]);

  it('a reflector hides the route of the other cluster, and the finding names it', () => {
    const found = outcome(model, { clusters });
    expect(found).toMatchObject({
      egress: { c1: 'e1', rr1: 'e1', rr2: 'e2' },
      held: ['e1'],
      step: { c1: 'only-route' },
    });
    const both = clustered({ A1: 'c1', A2: 'e1' });
    const ways = [
      ['A1', 'P1', 'c1', 'e2'],
      ['A2', 'P1', 'e1', 'e1'],
    ] as const;
    const result = policyFor(both, planOf(both, ways), { bgp: { clusters, forwarding: 'tunnel' } });
    expect(result).toMatchObject({
      status: 'refuted',
      findings: [
        {
          kind: 'hidden-path',
          message: 'c1 is not told the path of P1 at e2: it is hidden by its reflectors rr1',
        },
      ],
    });
  });

  it('with all paths c1 has both and takes the nearer one', () => {
    expect(outcome(model, { clusters, addPath: true })).toMatchObject({
      egress: { c1: 'e2', rr1: 'e1', rr2: 'e2' },
      held: ['e1', 'e2'],
      step: { c1: 'igp-metric' },
    });
    const result = policyFor(model, plan, { bgp: { clusters, addPath: true, forwarding: 'tunnel' } });
    expect(result).toMatchObject({ status: 'proven', ruleCount: 0 });
  });

  it('a plan of one egress brings it through both reflectors by local preference', () => {
    const result = policyFor(model, plan, { bgp: { clusters, forwarding: 'tunnel' } });
    expect(result).toMatchObject({ status: 'proven', ruleCount: 1 });
  });

  it('a route that comes by two reflectors of one cluster is one route', () => {
    const pair = [{ reflectors: ['rr1', 'rr2'], clients: ['c1', 'e1', 'e2'] }];
    // Both reflectors are nearer to one egress each, and c1 hears of both.
    expect(outcome(model, { clusters: pair })).toMatchObject({ held: ['e1', 'e2'], egress: { c1: 'e2' } });
    const single = network(
      ['c1', 'e1', 'rr1', 'rr2'],
      [
        ['c1', 'e1', 2],
        ['rr1', 'e1', 1],
        ['rr2', 'e1', 1],
      ],
      [route('e1', 64601)],
    );
    const one = outcome(single, { clusters: [{ reflectors: ['rr1', 'rr2'], clients: ['c1', 'e1'] }] });
    expect(one).toMatchObject({ held: ['e1'], egress: { c1: 'e1' }, step: { c1: 'peer-address' } });
  });
});

describe('two reflectors, each nearer to the client of the other', () => {
  const model = network(
    ['e1', 'e2', 'rr1', 'rr2'],
    [
      ['rr1', 'e1', 9],
      ['rr1', 'e2', 3],
      ['rr2', 'e1', 3],
      ['rr2', 'e2', 9],
    ],
    [route('e1', 64601), route('e2', 64602)],
    { A1: 'rr1' },
  );
  const clusters = [
    { reflectors: ['rr1'], clients: ['e1'] },
    { reflectors: ['rr2'], clients: ['e2'] },
  ];

  it('may rest with both at either egress: that fails, and a plan of one egress settles it', () => {
    expect(outcome(model, { clusters }).egress).toMatchObject({ rr1: null, rr2: null });
    for (const egress of ['e1', 'e2']) {
      const plan = planOf(model, [['A1', 'P1', 'rr1', egress]]);
      expect(policyFor(model, plan, { bgp: { clusters } })).toMatchObject({ status: 'proven', ruleCount: 1 });
    }
  });

  it('rest in one way where all paths are told', () => {
    expect(outcome(model, { clusters, addPath: true }).egress).toMatchObject({ rr1: 'e2', rr2: 'e1' });
  });
});
