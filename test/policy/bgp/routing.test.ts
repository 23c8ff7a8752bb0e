/** What every router comes to, against messages in random order, and the cases where BGP has no one answer. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { type NetworkModel, ORIGINS } from '../../../src/model/network-model.ts';
import { AppliedPolicy } from '../../../src/policy/applied-policy.ts';
import { decisionAtRest } from '../../../src/policy/bgp/decision-at-rest.ts';
import { bgpNetwork } from '../../../src/policy/bgp/network.ts';
import { type BgpOptions, completeBgpOptions } from '../../../src/policy/bgp/options.ts';
import { restingViews } from '../../../src/policy/bgp/propagation.ts';
import { NO_ROUTE, receivedRoutes, UNDETERMINED, UNSTABLE } from '../../../src/policy/bgp/routes.ts';
import { bgpSpeakers, routeAll } from '../../../src/policy/bgp/routing.ts';
import type { PolicyRule, RouteChange, RouterPolicy } from '../../../src/policy/document.ts';
import { PolicyNames } from '../../../src/policy/policy-names.ts';
import { bestByMessages } from '../../oracle/bgp-messages.ts';
import { Dice, randomNetwork } from '../random-network.ts';

/** As RFC 4271 has it, unless `options` or the model say otherwise. */
function routed(model: NetworkModel, options: Partial<BgpOptions> = {}) {
  const bgp = completeBgpOptions({ deterministicMed: true, ...options });
  const network = bgpNetwork(model, bgp.nextHopMetric);
  const formats = model.routers.map(({ format }) => format ?? 'bird');
  const speakers = bgpSpeakers(network, bgp, formats);
  const routes = receivedRoutes(network);
  return { network, speakers, routes, routing: routeAll(speakers, routes) };
}

describe('routeAll', () => {
  it('comes to what messages come to, in any order', () => {
    let compared = 0;
    for (let seed = 0; seed < 600; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { crowded: true });
      const { network, routes, routing } = routed(model, { compareRouterId: true, deterministicMed: true });
      const mesh = { ...network, routerCount: model.routers.length };
      for (let k = 0; k < model.prefixes.count; k++) {
        const here = Array.from(routing.best.subarray(k * mesh.routerCount, (k + 1) * mesh.routerCount));
        if (here.some((route) => route === UNSTABLE || route === UNDETERMINED)) continue;
        compared++;
        expect({ seed, k, best: bestByMessages(mesh, routes, k, dice) }).toEqual({ seed, k, best: here });
      }
    }
    expect(compared).toBeGreaterThan(1000);
  });

  it('so it does under policies of any kind', () => {
    let compared = 0;
    for (let seed = 2000; seed < 2300; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { crowded: true });
      const { network, speakers, routes } = routed(model, { compareRouterId: true, deterministicMed: true });
      const names = new PolicyNames(network);
      const applied = new AppliedPolicy(network, names, randomPolicies(dice, model, names.sessions, network.sessions));
      const imported = applied.applyImport(routes);
      const { best } = routeAll(speakers, imported);
      const mesh = { ...network, routerCount: model.routers.length };
      for (let k = 0; k < model.prefixes.count; k++) {
        const here = Array.from(best.subarray(k * mesh.routerCount, (k + 1) * mesh.routerCount));
        if (here.some((route) => route === UNSTABLE || route === UNDETERMINED)) continue;
        compared++;
        for (const order of [new Dice(seed), new Dice(seed + 1)]) {
          expect({ seed, k, best: bestByMessages(mesh, imported, k, order) }).toEqual({ seed, k, best: here });
        }
      }
    }
    expect(compared).toBeGreaterThan(400);
  });

  it('the short way and the way of messages between states agree', () => {
    let open = 0;
    for (let seed = 1000; seed < 1600; seed++) {
      const model = randomNetwork(new Dice(seed), { crowded: true, mixed: true, anonymous: seed % 2 === 1 });
      const { speakers, routes, routing } = routed(model);
      for (let k = 0; k < model.prefixes.count; k++) {
        const views = restingViews(speakers, routes, k);
        model.routers.forEach((_, router) => {
          const best = routing.best[k * model.routers.length + router];
          if (best === UNSTABLE) expect(views).toBeNull();
          else if (best === UNDETERMINED) {
            open++;
            expect(views?.some(({ decision }) => decision.step === 'undetermined')).toBe(true);
          } else if (best >= 0) expect(views?.[router].decision.best?.route).toBe(best);
          else if (best === NO_ROUTE) expect(views?.[router].decision.best).toBeNull();
          const decision = decisionAtRest(speakers, routes, routing.best, k, router);
          expect([decision?.best?.route, decision?.step]).toEqual([
            views?.[router].decision.best?.route,
            views?.[router].decision.step,
          ]);
        });
      }
    }
    expect(open).toBeGreaterThan(100);
  });

  /** RFC 3345: two clusters whose reflectors see MEDs of one AS and metrics that go around. */
  it('tells that BGP does not come to rest', () => {
    const model = buildModel(oscillation());
    const clusters = [
      { reflectors: ['ra'], clients: ['a1', 'a2'] },
      { reflectors: ['rb'], clients: ['b1'] },
    ];
    expect(Array.from(routed(model, { clusters }).routing.best)).toContain(UNSTABLE);
    expect(Array.from(routed(model, { clusters, addPath: true }).routing.best)).not.toContain(UNSTABLE);
    expect(Array.from(routed(model).routing.best)).not.toContain(UNSTABLE);
  });

  it('a reflector hides what it does not prefer, unless it tells all paths', () => {
    const model = buildModel({
      version: 1,
      routers: ['c1', 'e1', 'e2', 'rr'].map((id, at) => ({ id, address: `192.0.2.${at + 1}` })),
      links: [
        { from: 'rr', to: 'e1', distance: 1 },
        { from: 'rr', to: 'e2', distance: 5 },
        { from: 'c1', to: 'e2', distance: 1 },
        { from: 'c1', to: 'rr', distance: 10 },
      ],
      neighbors: [{ id: 'A1', ingress: ['c1'] }],
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8', egress: ['e1', 'e2'] }],
      traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 1 }],
    });
    const clusters = [{ reflectors: ['rr'], clients: ['c1', 'e1', 'e2'] }];
    const egressOf = (options: Partial<BgpOptions>) => {
      const { routing, routes } = routed(model, options);
      return model.routers[routes.router[routing.best[0]]].id;
    };
    expect(egressOf({})).toBe('e2');
    expect(egressOf({ clusters })).toBe('e1');
    expect(egressOf({ clusters, addPath: true })).toBe('e2');
  });

  it('next hops over type-2 externals are all equally near', () => {
    const model = buildModel({
      version: 1,
      routers: ['i', 'near', 'far'].map((id) => ({ id, address: id === 'far' ? '192.0.2.1' : '192.0.2.9' })),
      distances: [
        { from: 'i', to: 'near', distance: 1 },
        { from: 'i', to: 'far', distance: 50 },
      ],
      neighbors: [{ id: 'A1', ingress: ['i'] }],
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8', egress: ['near', 'far'] }],
      traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 1 }],
    });
    const egressOf = (options: Partial<BgpOptions>) => {
      const { routing, routes } = routed(model, options);
      return model.routers[routes.router[routing.best[1]]].id;
    };
    expect(egressOf({})).toBe('near');
    expect(egressOf({ nextHopMetric: 'external' })).toBe('far');
  });
});

function randomPolicies(
  dice: Dice,
  { routers, prefixes }: NetworkModel,
  names: readonly string[],
  sessions: readonly { readonly router: number }[],
): RouterPolicy[] {
  const change = (): RouteChange => ({
    ...(dice.chance(60) && { localPref: dice.pick([50, 150, 300]) }),
    ...(dice.chance(40) && { med: dice.between(0, 2) }),
    ...(dice.chance(30) && { origin: dice.pick(ORIGINS) }),
    ...(dice.chance(30) && { prepend: { asn: 65101, count: dice.between(1, 3) } }),
  });
  const rule = (): PolicyRule => ({
    prefixes: dice.some(prefixes.prefixes, 50),
    action: dice.chance(85) ? 'accept' : 'reject',
    set: change(),
    isOwn: false,
  });
  return routers.map(({ id }, router) => ({
    router: id,
    sessions: names.flatMap((session, s) =>
      sessions[s].router === router && dice.chance(70)
        ? [{ session, import: [rule(), rule()].slice(dice.between(0, 1)), export: [] }]
        : [],
    ),
  }));
}

function oscillation(): object {
  const route = (at: string, peerAsn: number, med: number) => ({
    prefix: 'P1',
    at,
    peerAsn,
    asPath: [peerAsn, 65200],
    med,
  });
  return {
    version: 1,
    routers: ['a1', 'a2', 'b1', 'ra', 'rb'].map((id, at) => ({ id, address: `192.0.2.${at + 1}` })),
    distances: [
      { from: 'ra', to: 'a1', distance: 5 },
      { from: 'ra', to: 'a2', distance: 4 },
      { from: 'ra', to: 'b1', distance: 13 },
      { from: 'ra', to: 'rb', distance: 1 },
      { from: 'rb', to: 'b1', distance: 12 },
      { from: 'rb', to: 'a1', distance: 6 },
      { from: 'rb', to: 'a2', distance: 5 },
    ],
    neighbors: [{ id: 'A1', ingress: ['ra'] }],
    prefixes: [{ id: 'P1', prefix: '10.0.0.0/8' }],
    advertisements: [route('a1', 65010, 0), route('a2', 65006, 1), route('b1', 65006, 0)],
    traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 1 }],
  };
}
