import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, type DecisionStep, decide } from '../../../src/policy/bgp/decision.ts';

const STRICT = { alwaysCompareMed: false, deterministicMed: true, prefersOldest: false, sharesLoad: null };

const base: Candidate = {
  route: 0,
  localPref: 100,
  asPathLength: 2,
  origin: 1,
  med: 10,
  neighborAs: 64601,
  isExternal: false,
  igpMetric: 10,
  identifier: 5,
  clusterListLength: 1,
  peerAddress: 5,
};

/** Better by one step, as bad as can be by every later one. */
const STEPS: readonly (readonly [DecisionStep, Partial<Candidate>])[] = [
  ['local-pref', { localPref: 101, asPathLength: 9, origin: 2, med: 99, igpMetric: 99, identifier: 9 }],
  ['as-path-length', { asPathLength: 1, origin: 2, med: 99, igpMetric: 99, identifier: 9 }],
  ['origin', { origin: 0, med: 99, igpMetric: 99, identifier: 9 }],
  ['med', { med: 9, igpMetric: 99, identifier: 9, clusterListLength: 9 }],
  ['ebgp-over-ibgp', { isExternal: true, identifier: 9, clusterListLength: 9 }],
  ['igp-metric', { igpMetric: 9, identifier: 9, clusterListLength: 9, peerAddress: 9 }],
  ['router-id', { identifier: 4, clusterListLength: 9, peerAddress: 9 }],
  ['cluster-list-length', { clusterListLength: 0, peerAddress: 9 }],
  ['peer-address', { peerAddress: 4 }],
];

describe('decide', () => {
  it.each(STEPS)('%s decides before everything that follows', (step, better) => {
    const routes = [base, { ...base, ...better, route: 1 }];
    for (const candidates of [routes, routes.toReversed()]) {
      expect(decide(candidates, STRICT)).toMatchObject({ best: { route: 1 }, step });
    }
  });

  it('MEDs of different neighbor ASes do not compare', () => {
    const other = { ...base, route: 1, med: 0, neighborAs: 64602, igpMetric: 99 };
    expect(decide([base, other], STRICT)).toMatchObject({ best: { route: 0 }, step: 'igp-metric' });
    const always = { ...STRICT, alwaysCompareMed: true };
    expect(decide([base, other], always)).toMatchObject({ best: { route: 1 }, step: 'med' });
  });

  it('a third route cannot bring back one that lost by MED', () => {
    const lost = { ...base, route: 1, med: 20, igpMetric: 1 };
    const other = { ...base, route: 2, neighborAs: 64602, igpMetric: 5 };
    for (const order of [
      [base, lost, other],
      [other, base, lost],
      [lost, other, base],
    ]) {
      expect(decide(order, STRICT)).toMatchObject({ best: { route: 2 }, step: 'igp-metric' });
    }
  });

  it('where routers take routes as they came, MEDs that do not all compare leave it open', () => {
    const asTheyCame = { ...STRICT, deterministicMed: false };
    const lost = { ...base, route: 1, med: 20 };
    const other = { ...base, route: 2, neighborAs: 64602 };
    expect(decide([base, lost, other], asTheyCame)).toMatchObject({ step: 'undetermined', remaining: { length: 3 } });
    expect(decide([base, lost], asTheyCame)).toMatchObject({ best: { route: 0 }, step: 'med' });
    expect(decide([base, { ...other, igpMetric: 1 }], asTheyCame)).toMatchObject({ best: { route: 2 } });
  });

  it('the distance of an external route does not count', () => {
    const [a, b] = [
      { ...base, isExternal: true, igpMetric: 9 },
      { ...base, isExternal: true, route: 1, identifier: 4 },
    ];
    expect(decide([a, b], STRICT)).toMatchObject({ best: { route: 1 }, step: 'router-id' });
  });

  it('between external routes the older one cannot be known, between internal ones it does not matter', () => {
    const oldest = { ...STRICT, prefersOldest: true };
    const lower = { ...base, route: 1, identifier: 4 };
    expect(decide([base, lower], oldest)).toMatchObject({ best: { route: 1 }, step: 'router-id' });
    const external = [base, lower].map((route) => ({ ...route, isExternal: true }));
    expect(decide(external, oldest)).toMatchObject({ step: 'undetermined', remaining: external });
  });

  it('an identifier that is not known can be compared with no other', () => {
    const unknown = { ...base, route: 1, identifier: -1 };
    const higher = { ...base, route: 2, identifier: 9 };
    expect(decide([base, unknown, higher], STRICT)).toMatchObject({ step: 'undetermined', remaining: [base, unknown] });
    expect(decide([unknown, { ...unknown, identifier: -2 }], STRICT)).toMatchObject({ step: 'undetermined' });
    const same = { ...unknown, route: 2, clusterListLength: 0 };
    expect(decide([unknown, same], STRICT)).toMatchObject({ best: { route: 2 }, step: 'cluster-list-length' });
    const address = { ...base, route: 1, peerAddress: -1 };
    expect(decide([base, address], STRICT)).toMatchObject({ step: 'undetermined', remaining: [base, address] });
    expect(decide([base, { ...unknown, igpMetric: 99 }], STRICT)).toMatchObject({ best: base, step: 'igp-metric' });
  });

  it('under multipath what ties up to the metric, and looks the same, is used together', () => {
    const multipath = { ...STRICT, sharesLoad: (a: Candidate, b: Candidate) => a.neighborAs === b.neighborAs };
    const lower = { ...base, route: 1, identifier: 4 };
    const other = { ...base, route: 2, identifier: 3, neighborAs: 64602 };
    expect(decide([base, lower], multipath)).toMatchObject({ step: 'undetermined', remaining: [base, lower] });
    expect(decide([base, lower, other], multipath)).toMatchObject({ best: other, step: 'router-id' });
    expect(decide([base, { ...lower, igpMetric: 9 }], multipath)).toMatchObject({
      best: { route: 1 },
      step: 'igp-metric',
    });
  });

  it('a next hop that does not resolve excludes a route; nothing is left of none', () => {
    const far = { ...base, route: 1, localPref: 999, igpMetric: Number.POSITIVE_INFINITY };
    expect(decide([base, far], STRICT)).toMatchObject({ best: { route: 0 }, step: 'only-route' });
    expect(decide([far], STRICT)).toMatchObject({ best: null, step: 'only-route', remaining: [] });
  });

  it('full ties are told', () => {
    expect(decide([base, { ...base, route: 1 }], STRICT)).toMatchObject({ best: { route: 0 }, step: 'undetermined' });
  });

  const small = (max: number) => fc.integer({ min: 0, max });
  const unknownOr = (max: number) => fc.integer({ min: -2, max });
  const candidates = fc
    .array(
      fc.record({
        localPref: small(1),
        asPathLength: small(1),
        origin: small(2),
        med: small(2),
        neighborAs: small(2),
        isExternal: fc.boolean(),
        igpMetric: fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY),
        identifier: unknownOr(3),
        clusterListLength: small(1),
        peerAddress: unknownOr(3),
      }),
      { maxLength: 8 },
    )
    .map((routes) => routes.map((route, index) => ({ ...route, route: index })));

  const flags = fc.record({
    alwaysCompareMed: fc.boolean(),
    deterministicMed: fc.boolean(),
    prefersOldest: fc.boolean(),
    sharesLoad: fc.constantFrom(null, (a: Candidate, b: Candidate) => a.neighborAs === b.neighborAs),
  });

  it('is free of the order of its candidates', () => {
    const shuffled = candidates.chain((routes) =>
      fc.tuple(fc.constant(routes), fc.shuffledSubarray(routes, { minLength: routes.length })),
    );
    fc.assert(
      fc.property(shuffled, flags, ([routes, order], options) => {
        const [first, second] = [decide(routes, options), decide(order, options)];
        expect([second.best, second.step]).toEqual([first.best, first.step]);
        expect(new Set(second.remaining)).toEqual(new Set(first.remaining));
      }),
      { numRuns: 3000 },
    );
  });

  it('routes that lose change nothing where MEDs compare everywhere', () => {
    fc.assert(
      fc.property(candidates, (routes) => {
        const options = { ...STRICT, alwaysCompareMed: true };
        const { best, remaining } = decide(routes, options);
        expect(decide(remaining, options).best).toEqual(best);
      }),
    );
  });
});
