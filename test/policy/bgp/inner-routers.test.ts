/** Inner routers by the short way and by the decision process. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { innerDecision } from '../../../src/policy/bgp/decision-at-rest.ts';
import { InnerRouters } from '../../../src/policy/bgp/inner-routers.ts';
import { bgpNetwork } from '../../../src/policy/bgp/network.ts';
import { possibleRoutes } from '../../../src/policy/bgp/open-routes.ts';
import { completeBgpOptions } from '../../../src/policy/bgp/options.ts';
import { receivedRoutes } from '../../../src/policy/bgp/routes.ts';
import { bgpSpeakers, type Routing, routeAll } from '../../../src/policy/bgp/routing.ts';
import { Dice, randomNetwork } from '../random-network.ts';

const INNER_COUNT = 3;

/** What BGP comes to in a network whose inner routers have metrics at random, few and so often equal. */
function randomRouting(seed: number): Routing {
  const dice = new Dice(seed);
  const model = randomNetwork(dice, { crowded: true, mixed: true, anonymous: seed % 2 === 1 });
  const metric = () => (dice.chance(10) ? Number.POSITIVE_INFINITY : dice.between(1, 3));
  const network = {
    ...bgpNetwork(model),
    innerMetric: Float64Array.from({ length: INNER_COUNT * model.routers.length }, metric),
  };
  const bgp = completeBgpOptions({ alwaysCompareMed: dice.chance(20), multipath: dice.chance(50) });
  const formats = model.routers.map(({ format }) => format ?? 'frr');
  const received = receivedRoutes(network);
  const [changed, injected] = [dice.chance(70) ? 30 : 0, dice.chance(20) ? 30 : 0];
  return routeAll(bgpSpeakers(network, bgp, formats), {
    ...received,
    localPref: received.localPref.map((value) => (dice.chance(changed) ? 300 : value)),
    withheld: received.withheld.map((value) => (dice.chance(changed / 5) ? dice.between(0, 3) : value)),
    isInjected: received.isInjected.map(() => (dice.chance(injected) ? 1 : 0)),
  });
}

/** Best routes of all for prefix k, in each way in which open choices may come out. */
function* outcomes({ speakers, routes, best, open }: Routing, k: number): Generator<Int32Array> {
  const n = speakers.network.model.routers.length;
  const choosers = Array.from(open.get(k) ?? [], (route, router) => (route < 0 ? -1 : router)).filter(
    (one) => one >= 0,
  );
  const outcome = best.slice();
  function* from(at: number): Generator<Int32Array> {
    if (at < choosers.length) {
      for (const route of possibleRoutes({ routes, best, open }, k, choosers[at], n)) {
        outcome[k * n + choosers[at]] = route;
        yield* from(at + 1);
      }
    } else if (choosers.every((router) => isTold(outcome[k * n + router], router))) yield outcome;
  }
  // A route of another router is one that this tells.
  const isTold = (route: number, router: number): boolean =>
    routes.router[route] === router || outcome[k * n + routes.router[route]] === route;
  yield* from(0);
}

it('send traffic where the decision process does', () => {
  const counts = new Map<boolean, number>();
  let openCount = 0;
  for (let seed = 0; seed < 1500; seed++) {
    const routing = randomRouting(seed);
    const { speakers, routes, best, open } = routing;
    const inner = new InnerRouters(routing);
    const { prefixes, routers } = speakers.network.model;
    for (let k = 0; k < prefixes.count; k++) {
      const isOpen = open.has(k);
      for (let i = 0; i < INNER_COUNT; i++) {
        const owners = new Set<number>();
        for (const outcome of isOpen ? outcomes(routing, k) : [best]) {
          const decision = innerDecision(speakers, routes, outcome, k, i);
          for (const { route } of decision?.remaining ?? []) owners.add(routes.router[route]);
        }
        for (let to = 0; to < routers.length; to++) {
          // Where every router of ours has the traffic leave at one, so do those that nobody knows anything of.
          const isOne = routers.every((_, at) => routes.router[best[k * routers.length + at]] === to);
          const expected = isOne || (owners.size === 1 && owners.has(to));
          counts.set(expected, (counts.get(expected) ?? 0) + 1);
          const sends = inner.sendsOn(k, i, to);
          if (isOpen) {
            if (sends) openCount++;
            // Of open choices not all that is known need be seen.
            if (!sends) continue;
          }
          expect({ seed, k, i, to, sends }).toEqual({ seed, k, i, to, sends: expected });
        }
      }
    }
  }
  expect(counts.get(true)).toBeGreaterThan(5000);
  expect(counts.get(false)).toBeGreaterThan(10000);
  expect(openCount).toBeGreaterThan(80);
});

describe('best external routes', () => {
  const advertised = (at: string, peerAsn: number, med: number) => ({
    prefix: 'P',
    at,
    peerAsn,
    peerRouterId: `203.0.113.${peerAsn % 100}`,
    asPath: [peerAsn],
    med,
  });
  const model = buildModel({
    version: 1,
    asn: 64500,
    routers: ['r1', 'r2', 'r4'].map((id, at) => ({ id, address: `192.0.2.${at + 1}` })),
    distances: [
      { from: 'r1', to: 'r2', distance: 10 },
      { from: 'r1', to: 'r4', distance: 10 },
      { from: 'r2', to: 'r4', distance: 10 },
    ],
    neighbors: [{ id: 'C', asn: 65000, ingress: ['r1'] }],
    prefixes: [{ id: 'P', prefix: '203.0.113.0/24' }],
    // What r2 has loses to that of r1 by its MED, which what r4 has is not compared with.
    advertisements: [advertised('r1', 65201, 5), advertised('r2', 65201, 10), advertised('r4', 65202, 5)],
    traffic: [{ neighbor: 'C', prefix: 'P', volume: 1 }],
  });
  // r2 is nearest, then r4.
  const network = { ...bgpNetwork(model), innerMetric: Float64Array.of(3, 1, 2) };

  it.each([
    [{ bestExternal: false }, true],
    [{ bestExternal: true }, false],
    [{ bestExternal: true, deterministicMed: true }, true],
  ])('%j: inner routers are known to take the nearest is %s', (given, isKnown) => {
    // Nobody knows whether inner routers compare routes by neighbor AS first, as these do.
    const formats = ['iosxr', 'iosxr', 'iosxr'] as const;
    const speakers = bgpSpeakers(network, completeBgpOptions({ multipath: false, ...given }), formats);
    const routing = routeAll(speakers, receivedRoutes(network));
    expect(new InnerRouters(routing).sendsOn(0, 0, 2)).toBe(isKnown);
  });
});
