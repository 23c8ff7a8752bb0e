/** Policies to render: one with everything that a rule can hold, and random ones. */
import fc from 'fast-check';
import {
  ordered,
  type PolicyRule,
  type RouteChange,
  type RouterPolicy,
  treatmentOf,
} from '../../../src/policy/document.ts';
import type { RenderContext } from '../../../src/policy/render/renderer.ts';

export const context: RenderContext = {
  asn: 64500,
  sessions: [
    { name: 'A1', peerAddress: '198.51.100.1', peerAsn: 64501 },
    { name: 'U3', peerAddress: '198.51.100.3', peerAsn: 64601 },
    { name: 'U6', peerAddress: '2001:db8:ffff::6', peerAsn: 64602 },
    { name: 'upstream', peerAddress: null, peerAsn: 0 },
  ],
};

const [V4, V6] = [
  ['10.20.30.0/24', '10.20.40.0/24', '192.0.2.128/25'],
  ['2001:db8:1::/48', '2001:db8:2::/48'],
];

const rule = (
  prefixes: readonly string[],
  action: PolicyRule['action'],
  set: RouteChange = {},
  isOwn = true,
): PolicyRule => ({
  prefixes: [...prefixes],
  action,
  set: ordered(set),
  isOwn,
});

/** GoBGP can set no origin, and needs the address of every session: `withOrigin` false leaves both out. */
export function fullPolicy(withOrigin = true): RouterPolicy {
  const origin = withOrigin ? { origin: 'incomplete' as const } : {};
  return {
    router: 'b3',
    sessions: [
      {
        session: 'A1',
        import: [],
        export: [
          rule(V4.slice(0, 2), 'accept', { med: 100 }),
          rule(V4.slice(2), 'reject'),
          rule(V6, 'accept', { prepend: { asn: 64500, count: 3 } }),
          rule(['203.0.113.0/24'], 'reject', {}, false),
        ],
      },
      {
        session: 'U3',
        import: [
          rule(V4.slice(0, 2), 'accept', {
            localPref: 200,
            med: 0,
            ...origin,
            prepend: { asn: 64601, count: 2 },
            communities: ['64500:7040', '64500:1:2', '64500:666'],
          }),
        ],
        export: [],
      },
      { session: 'U6', import: [rule(V6, 'accept', { localPref: 4294967295 })], export: [] },
      { session: 'upstream', import: [rule(['0.0.0.0/0'], 'accept', { localPref: 50 }, false)], export: [] },
    ].filter(({ session }) => withOrigin || session !== 'upstream'),
  };
}

/** What the full policy may follow: one rule that stays, one that goes, one whose prefixes change. */
export function earlierPolicy(): RouterPolicy {
  return {
    router: 'b3',
    sessions: [
      {
        session: 'A1',
        import: [],
        export: [
          rule([V4[1], '198.51.100.0/24'], 'accept', { med: 100 }),
          rule(['203.0.113.0/24'], 'reject', {}, false),
        ],
      },
      {
        session: 'U3',
        import: [rule(['198.18.0.0/15'], 'accept', { localPref: 300, communities: ['64500:9'] })],
        export: [],
      },
    ],
  };
}

/** Prefixes in one order: lists that were edited in place have theirs in another. */
export function sorted({ router, sessions }: RouterPolicy): RouterPolicy {
  const inOrder = (one: PolicyRule): PolicyRule => ({ ...one, prefixes: one.prefixes.toSorted() });
  return {
    router,
    sessions: sessions.map((one) => ({
      session: one.session,
      import: one.import.map(inOrder),
      export: one.export.map(inOrder),
    })),
  };
}

export const emptyPolicy: RouterPolicy = { router: 'b3', sessions: [] };

const octet = fc.integer({ min: 0, max: 255 });
const prefixes4 = fc.uniqueArray(
  fc.tuple(octet, octet).map(([a, b]) => `10.${a}.${b}.0/24`),
  { minLength: 1, maxLength: 4 },
);
const prefixes6 = fc.uniqueArray(
  fc.integer({ min: 1, max: 0xffff }).map((n) => `2001:db8:${n.toString(16)}::/48`),
  { minLength: 1, maxLength: 3 },
);
const uint32 = fc.integer({ min: 0, max: 4294967295 });
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const community = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 65535 })).map((parts) => parts.join(':')),
  fc.tuple(uint32, uint32, uint32).map((parts) => parts.join(':')),
);

const ruleArbitrary = (withOrigin: boolean): fc.Arbitrary<PolicyRule> =>
  fc
    .record({
      prefixes: fc.oneof(prefixes4, prefixes6),
      action: fc.constantFrom('accept' as const, 'accept' as const, 'reject' as const),
      localPref: some(uint32),
      med: some(uint32),
      origin: withOrigin
        ? some(fc.constantFrom('igp' as const, 'egp' as const, 'incomplete' as const))
        : fc.constant(undefined),
      prepend: some(
        fc.record({ asn: fc.integer({ min: 1, max: 4294967295 }), count: fc.integer({ min: 1, max: 16 }) }),
      ),
      communities: some(fc.uniqueArray(community, { minLength: 1, maxLength: 3 })),
      isOwn: fc.boolean(),
    })
    .map(({ prefixes, action, isOwn, ...set }) => ({
      prefixes,
      action,
      set: action === 'reject' ? {} : ordered(set as RouteChange),
      isOwn,
    }));

/** Those of plans are one for each treatment. */
const rulesArbitrary = (withOrigin: boolean, maxLength: number): fc.Arbitrary<PolicyRule[]> =>
  fc
    .array(ruleArbitrary(withOrigin), { maxLength })
    .map((rules) =>
      rules.filter(
        (rule, at) =>
          !rule.isOwn || rules.findIndex((other) => other.isOwn && treatmentOf(other) === treatmentOf(rule)) === at,
      ),
    );

export const policyArbitrary = (withOrigin: boolean): fc.Arbitrary<RouterPolicy> =>
  fc
    .tuple(
      ...context.sessions
        .filter(({ name }) => withOrigin || name !== 'upstream')
        .map(({ name }) =>
          fc.record({
            session: fc.constant(name),
            import: rulesArbitrary(withOrigin, 3),
            export: rulesArbitrary(withOrigin, 2),
          }),
        ),
    )
    .map((sessions) => ({
      router: 'b3',
      sessions: sessions.filter((one) => one.import.length + one.export.length > 0),
    }));
