/** Texts that call the operator's own policy, on routers that take nothing from a session without one (RFC 8212). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ordered, type RouterPolicy } from '../../src/policy/document.ts';
import type { RenderContext } from '../../src/policy/render/renderer.ts';
import { rendererFor } from '../../src/policy/render/renderers.ts';
import { Lab } from './lab.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import type { RibRoute } from './observe/rib.ts';
import { describeLab } from './setup/describe-lab.ts';

/** Of the AS itself, which BIRD has by a static route and its policy tells neighbors. */
const AGGREGATE = '192.0.2.0/24';
const [PLANNED, REFUSED] = ['198.51.100.0/24', '203.0.113.0/24'];
const topology: LabTopology = {
  asn: 64500,
  routers: [
    { id: 'b1', kind: 'frr' },
    { id: 'b2', kind: 'bird' },
  ],
  links: [{ from: 'b1', to: 'b2', cost: 10, reverseCost: 10 }],
  neighbors: [
    { id: 'A1', asn: 64501, at: ['b1'], announces: [{ prefix: '10.1.0.0/24' }] },
    { id: 'A2', asn: 64502, at: ['b2'], announces: [{ prefix: '10.2.0.0/24' }] },
    { id: 'U1', asn: 64601, at: ['b1'], announces: [{ prefix: PLANNED }, { prefix: REFUSED }] },
    { id: 'U2', asn: 64602, at: ['b2'], announces: [{ prefix: PLANNED }, { prefix: REFUSED }] },
  ],
};

/** What the operator has: REFUSED is taken from nobody, and nobody is told of PLANNED with its MED. */
const BASE = {
  frr: `ip prefix-list REFUSED seq 5 permit ${REFUSED}
route-map FROM_UPSTREAM deny 10
 match ip address prefix-list REFUSED
exit
route-map FROM_UPSTREAM permit 20
 set local-preference 70
exit
route-map TO_NEIGHBORS permit 10
 set metric 7
exit
route-map OPEN permit 10
exit
`,
  bird: `protocol static own4 { ipv4; route ${AGGREGATE} blackhole; }
function FROM_UPSTREAM() { if net = ${REFUSED} then return false; bgp_local_pref = 70; return true; }
function TO_NEIGHBORS() {
  if source != RTS_BGP && source != RTS_STATIC then return false;
  bgp_med = 7;
  return true;
}
`,
};

const policyOf = (router: string, upstream: string, neighbor: string): RouterPolicy => ({
  router,
  sessions: [
    {
      session: neighbor,
      import: [],
      export: [{ prefixes: [PLANNED], action: 'accept', set: ordered({ med: 50 }), isOwn: true }],
    },
    {
      session: upstream,
      import: [{ prefixes: [PLANNED, REFUSED], action: 'accept', set: ordered({ localPref: 300 }), isOwn: true }],
      export: [],
    },
  ],
});

describeLab('base policies', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start(topology);
    await lab.converged();
  }, 60_000);

  afterAll(() => lab?.stop());

  const addressOf = (router: string, peer: string): string =>
    lab.node(router).sessions.find((one) => one.peer === peer)!.peerAddress;

  const contextOf = (router: string, upstream: string, neighbor: string, isNamed: boolean): RenderContext => ({
    asn: 64500,
    sessions: [[neighbor, { export: 'TO_NEIGHBORS' }] as const, [upstream, { import: 'FROM_UPSTREAM' }] as const].map(
      ([name, base]) => ({
        name,
        peerAddress: addressOf(router, name),
        peerAsn: 0,
        ...(isNamed && { base }),
      }),
    ),
  });

  const learned = async (router: string, peer: string): Promise<RibRoute[]> =>
    (await lab.router(router).rib()).filter((one) => one.peer === peer);

  const seen = (router: string, upstream: string, neighbor: string, localPref: number | null, med: number) =>
    waitFor(`${router} with local preference ${localPref} and MED ${med}`, async () => {
      const routes = await learned(router, upstream);
      expect(routes.map((one) => [one.prefix, one.localPref])).toEqual([[PLANNED, localPref]]);
      const told = (await learned(neighbor, router)).filter(({ prefix }) => prefix === PLANNED);
      expect(told).toMatchObject([{ prefix: PLANNED, med }]);
      return true;
    });

  test('FRR: the rules come on top of the base, which is attached again; no session is left without a policy', async () => {
    const router = lab.router('b1');
    const [up, down] = [addressOf('b1', 'U1'), addressOf('b1', 'A1')];
    await router.applyChange(`${BASE.frr}router bgp 64500
 address-family ipv4 unicast
  neighbor ${up} route-map FROM_UPSTREAM in
  neighbor ${up} route-map OPEN out
  neighbor ${down} route-map OPEN in
  neighbor ${down} route-map TO_NEIGHBORS out
 exit-address-family
 bgp ebgp-requires-policy
exit
`);
    await seen('b1', 'U1', 'A1', 70, 7);
    const [policy, context] = [policyOf('b1', 'U1', 'A1'), contextOf('b1', 'U1', 'A1', true)];
    const none = { router: 'b1', sessions: [] };
    const renderer = rendererFor('frr');
    await router.applyChange(renderer.render(policy, context));
    await seen('b1', 'U1', 'A1', 300, 50);
    await router.applyChange(renderer.change(policy, none, context));
    await seen('b1', 'U1', 'A1', 70, 7);
    expect(await router.runningConfig()).not.toMatch(/EGRESSO|KEPT/);

    // Where nobody names the base, what is left takes every route, and the session stays.
    const unnamed = contextOf('b1', 'U1', 'A1', false);
    await router.applyChange(renderer.change(none, policy, unnamed));
    await router.applyChange(renderer.change(policy, none, unnamed));
    await waitFor('routes of a session whose policy went', async () => {
      expect((await learned('b1', 'U1')).map(({ prefix }) => prefix).sort()).toEqual([PLANNED, REFUSED]);
      return true;
    });
  });

  test('BIRD: so do filters that call functions, which may tell routes of other protocols', async () => {
    const router = lab.router('b2');
    const [policy, context] = [policyOf('b2', 'U2', 'A2'), contextOf('b2', 'U2', 'A2', true)];
    const none = { router: 'b2', sessions: [] };
    const renderer = rendererFor('bird');
    const apply = async (text: string): Promise<void> => {
      expect(await router.check(`${BASE.bird}${text}`)).toMatchObject({ status: 0 });
      await router.applyPolicy(`${BASE.bird}${text}`);
    };
    await apply(renderer.render(none, context));
    await seen('b2', 'U2', 'A2', 70, 7);
    await apply(renderer.change(none, policy, context));
    await seen('b2', 'U2', 'A2', 300, 50);
    expect((await learned('A2', 'b2')).map(({ prefix }) => prefix)).toContain(AGGREGATE);
    await apply(renderer.change(policy, none, context));
    await seen('b2', 'U2', 'A2', 70, 7);
  });
});
