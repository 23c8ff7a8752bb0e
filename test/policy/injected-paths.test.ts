import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { plannedWays } from '../../src/plan/planned-ways.ts';
import { possibleRoutes } from '../../src/policy/bgp/open-routes.ts';
import { restingViews } from '../../src/policy/bgp/propagation.ts';
import { isOffered, UNDETERMINED } from '../../src/policy/bgp/routes.ts';
import { routeAll } from '../../src/policy/bgp/routing.ts';
import { withInjected } from '../../src/policy/injected-routes.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { synthesize } from '../../src/policy/synthesis.ts';
import { Dice, randomNetwork, randomPlan } from './random-network.ts';

const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));

/** Both prefixes from both providers; those at b4 are longer and carry more. */
const advertised = buildModel({
  ...example,
  advertisements: ['P1', 'P2'].flatMap((prefix) => [
    { prefix, at: 'b3', peerAsn: 64601, nextHop: '192.0.2.3', asPath: [64601] },
    {
      prefix,
      at: 'b4',
      peerAsn: 64602,
      peerAddress: '192.0.2.4',
      asPath: [64602, 64700],
      origin: 'incomplete',
      med: 5,
      communities: ['64602:1', '64602:1:2', 'no-peer'],
    },
  ]),
});

function planWith(egress: readonly string[]): Plan {
  const assignments = ['P1', 'P2'].flatMap((prefix) =>
    ['A1', 'A2'].map((neighbor, at) => ({ neighbor, prefix, ingress: `b${at + 1}`, egress: egress[at] })),
  );
  return { modelHash: advertised.hash, assignments } as unknown as Plan;
}

describe('injected paths', () => {
  it('are whole copies of the routes that import policy would prefer', () => {
    const { status, paths } = policyFor(advertised, planWith(['b4', 'b4']), { paths: true });
    expect(status).toBe('proven');
    expect(paths.map(({ prefix, router, nextHop }) => [prefix, router, nextHop])).toEqual([
      ['10.20.30.0/24', 'b4', '192.0.2.4'],
      ['10.20.40.0/24', 'b4', '192.0.2.4'],
    ]);
    expect(paths[0].inject).toBe(
      'gobgp global rib -a ipv4 add 10.20.30.0/24 identifier 1 origin incomplete nexthop 192.0.2.4 med 5 local-pref 200 ' +
        'aspath "64602 64700" community 64500:7040,64602:1,65535:65284 large-community 64602:1:2',
    );
    expect(paths[0].withdraw).toBe('gobgp global rib -a ipv4 del 10.20.30.0/24 identifier 1');
  });

  it('of IPv6 have next hops of IPv6, also where the session has IPv4 addresses', () => {
    const network = (nextHop: object) =>
      buildModel({
        ...example,
        prefixes: example.prefixes.map((one: { id: string }) =>
          one.id === 'P1' ? { ...one, prefix: '2001:db8::/32' } : one,
        ),
        advertisements: ['P1', 'P2'].flatMap((prefix) => [
          { prefix, at: 'b3', peerAsn: 64601, peerAddress: '192.0.2.3', asPath: [64601] },
          { prefix, at: 'b4', peerAsn: 64602, peerAddress: '192.0.2.4', asPath: [64602, 64700], ...nextHop },
        ]),
      });
    const result = (nextHop: object) => {
      const model = network(nextHop);
      return policyFor(model, { ...planWith(['b4', 'b4']), modelHash: model.hash }, { paths: true });
    };
    expect(result({})).toMatchObject({
      status: 'refuted',
      findings: [
        {
          kind: 'unsupported',
          message: expect.stringContaining('2001:db8::/32 at b4, session AS64602: no router resolves 192.0.2.4'),
        },
      ],
    });
    expect(result({ nextHop: '2001:db8:f::4' })).toMatchObject({ status: 'proven', findings: [] });
  });

  it('of several egress points are made equal', () => {
    const { status, paths } = policyFor(advertised, planWith(['b3', 'b4']), { paths: true });
    expect(status).toBe('proven');
    const [near, far] = paths.filter(({ prefix }) => prefix === '10.20.30.0/24');
    expect(near).toMatchObject({ router: 'b3', nextHop: '192.0.2.3', asPath: [64601, 64601], origin: 'incomplete' });
    expect(far).toMatchObject({ router: 'b4', asPath: [64602, 64700], origin: 'incomplete' });
    // A copy has no MED where the route has none, which counts as 0.
    expect([near.med, far.med]).toEqual([undefined, 0]);
    expect(near.inject).not.toContain(' med ');
    // A second path without an identifier of its own would take the place of the first.
    expect([near, far].map(({ identifier }) => identifier)).toEqual([1, 2]);
    for (const { identifier, inject, withdraw } of [near, far]) {
      expect(inject).toContain(` identifier ${identifier} `);
      expect(withdraw.endsWith(` identifier ${identifier}`)).toBe(true);
    }
  });

  it('carry well-known communities by number, and none is lost', () => {
    const withCommunities = (communities: readonly string[]) => {
      const model = buildModel({
        ...example,
        advertisements: ['P1', 'P2'].flatMap((prefix) => [
          { prefix, at: 'b3', peerAsn: 64601, nextHop: '192.0.2.3', asPath: [64601] },
          { prefix, at: 'b4', peerAsn: 64602, nextHop: '192.0.2.4', asPath: [64602, 64700], communities },
        ]),
      });
      return policyFor(model, { ...planWith(['b4', 'b4']), modelHash: model.hash }, { paths: true });
    };
    const { status, paths } = withCommunities(['No-Peer', 'GRACEFUL_SHUTDOWN', '64602:01']);
    expect(status).toBe('proven');
    expect(paths[0].communities).toEqual(['64500:7040', '64602:1', '65535:0', '65535:65284']);
    expect(withCommunities(['gold'])).toMatchObject({
      status: 'refuted',
      paths: [],
      findings: [{ kind: 'unsupported', message: expect.stringContaining('community "gold"') }, expect.anything()],
    });
  });

  it('are those of one router where only one is asked for', () => {
    const { paths } = policyFor(advertised, planWith(['b3', 'b4']), { paths: true, router: 'b3' });
    expect(new Set(paths.map(({ router }) => router))).toEqual(new Set(['b3']));
  });

  it('need an advertisement and a next hop', () => {
    const model = buildModel(example);
    const plan = { ...planWith(['b4', 'b4']), modelHash: model.hash };
    const { status, findings, paths } = policyFor(model, plan, { paths: true });
    expect([status, paths]).toEqual(['refuted', []]);
    expect(findings[0]).toMatchObject({ kind: 'unsupported', message: expect.stringContaining('next hop') });
  });

  it('are given only where they are asked for', () => {
    expect(policyFor(advertised, planWith(['b4', 'b4'])).paths).toEqual([]);
  });

  it('stand in place of import rules, and are proven as such', () => {
    const { routers, difference } = policyFor(advertised, planWith(['b3', 'b4']), { paths: true, format: 'frr' });
    expect(difference.every(({ direction }) => direction === 'export')).toBe(true);
    for (const { text } of routers) expect(text).not.toMatch(/local-preference|route-map \S+ in$/m);
    const existing = policyFor(advertised, planWith(['b3', 'b4'])).routers.map(({ router, format, text }) => ({
      router,
      format,
      text,
    }));
    const replaced = policyFor(advertised, planWith(['b3', 'b4']), { paths: true, existingTexts: existing });
    expect(replaced.difference.filter(({ direction }) => direction === 'import').map(({ change }) => change)).toEqual(
      existing.flatMap(({ text }) => (text.includes('local-preference') ? ['remove'] : [])),
    );
  });

  it('several that are equally near, from one controller, leave it open where routers would go by their ids', () => {
    const distances = example.distances.map((one: object) => ({ ...one, distance: 10 }));
    const routers = example.routers.map((one: object, at: number) => ({ ...one, address: `192.0.2.${at + 1}` }));
    const advertisements = [
      { prefix: 'P1', at: 'b3', peerAsn: 64601, nextHop: '192.0.2.33', asPath: [64601], peerRouterId: '192.0.2.33' },
      { prefix: 'P1', at: 'b4', peerAsn: 64602, nextHop: '192.0.2.44', asPath: [64602], peerRouterId: '192.0.2.44' },
      { prefix: 'P2', at: 'b3', peerAsn: 64601, nextHop: '192.0.2.33', asPath: [64601] },
      { prefix: 'P2', at: 'b4', peerAsn: 64602, nextHop: '192.0.2.44', asPath: [64602, 64700] },
    ];
    // P2 is made equal by rules, and then goes to b3 by its id.
    const model = buildModel({ ...example, routers, distances, advertisements });
    const ways = [
      ['A1', 'P1', 'b1', 'b3'],
      ['A2', 'P1', 'b2', 'b3'],
      ['A1', 'P2', 'b1', 'b4'],
      ['A2', 'P2', 'b2', 'b4'],
    ];
    const assignments = ways.map(([neighbor, prefix, ingress, egress]) => ({ neighbor, prefix, ingress, egress }));
    const plan = { modelHash: model.hash, assignments } as unknown as Plan;
    expect(policyFor(model, plan, { paths: true })).toMatchObject({ status: 'proven', paths: [{ router: 'b4' }] });
  });

  it('refuse steps, which are of rules', () => {
    expect(() => policyFor(advertised, planWith(['b4', 'b4']), { paths: true, steps: true })).toThrow(
      expect.objectContaining({
        code: 'OPTIONS_INVALID',
        errors: [expect.objectContaining({ pointer: '/options/steps' })],
      }),
    );
  });

  it('of random plans: one egress is proven wherever paths can be injected, several unless nobody can tell', () => {
    const seen = { ses: 0, mes: 0, open: 0 };
    for (let seed = 0; seed < 500; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { mixed: true });
      for (const variant of ['ses', 'mes'] as const) {
        const plan = randomPlan(model, variant, dice);
        if (plan === null) continue;
        const options = { paths: true, bgp: { multipath: false } };
        const { findings, pairs, paths } = policyFor(model, plan, options);
        if (findings.some(({ kind }) => kind === 'unsupported')) continue;
        if (pairs.failedCount === 0) {
          if (paths.length > 0) seen[variant]++;
          continue;
        }
        expect({ seed, variant }).toEqual({ seed, variant: 'mes' });
        for (const report of pairs.reports) {
          const { planned, found } = report;
          if (found.egress === planned.egress) {
            // A router may take a route that the neighbor may be told, or one that it may not.
            expect({ seed, ingress: found.ingress }).toEqual({ seed, ingress: 'undetermined' });
            expect({ seed, report, isSplit: maySplit(model, plan, report) }).toMatchObject({ isSplit: true });
          } else
            expect({ seed, egress: found.egress }).toMatchObject({
              egress: expect.stringMatching(/^(undetermined|deflected)$/),
            });
        }
        seen.open++;
      }
    }
    expect(seen.ses).toBeGreaterThan(80);
    expect(seen.mes).toBeGreaterThan(40);
    expect(seen.open).toBeGreaterThan(5);
  });

  it('are decided upon in the short way as they are by messages', () => {
    let injected = 0;
    for (let seed = 0; seed < 400; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { mixed: true, crowded: true });
      const plan = randomPlan(model, dice.pick(['ses', 'mes'] as const), dice);
      if (plan === null) continue;
      const options = parsePolicyOptions({}, model);
      const setting = settingOf(model, options);
      const { policies, own } = synthesize(setting, plannedWays(model, plan), options);
      const routes = withInjected(setting, setting.received, policies, own);
      const { best } = routeAll(setting.speakers, routes);
      for (let k = 0; k < model.prefixes.count; k++) {
        if (!routes.isInjected.subarray(routes.start[k], routes.start[k + 1]).includes(1)) continue;
        injected++;
        const views = restingViews(setting.speakers, routes, k);
        model.routers.forEach((_, router) => {
          const chosen = best[k * model.routers.length + router];
          const decision = views?.[router].decision;
          if (chosen >= 0) expect({ seed, k, route: decision?.best?.route }).toEqual({ seed, k, route: chosen });
          else if (chosen === UNDETERMINED)
            expect({ seed, k, step: decision?.step }).toMatchObject({ step: 'undetermined' });
        });
      }
    }
    expect(injected).toBeGreaterThan(300);
  });
});

/** Whether a router that the neighbor of a pair meets may take routes that this may be told, and others. */
function maySplit(
  model: NetworkModel,
  plan: Plan,
  pair: { readonly neighbor: string; readonly prefix: string },
): boolean {
  const options = parsePolicyOptions({ bgp: { multipath: false } }, model);
  const setting = settingOf(model, options);
  const { policies, own } = synthesize(setting, plannedWays(model, plan), options);
  const routing = routeAll(setting.speakers, withInjected(setting, setting.received, policies, own));
  const h = model.neighbors.findIndex(({ id }) => id === pair.neighbor);
  const k = model.prefixes.ids.indexOf(pair.prefix);
  const { network } = setting;
  return Array.from(network.sessionsOf[h]).some((session) => {
    const possible = possibleRoutes(routing, k, network.sessions[session].router, model.routers.length);
    const offered = possible.filter((route) => isOffered(network, routing.routes, route, h));
    return offered.length > 0 && offered.length < possible.length;
  });
}
