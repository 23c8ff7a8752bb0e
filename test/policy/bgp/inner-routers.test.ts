/** Inner routers by the short way and by the decision process. */
import { expect, it } from 'vitest';
import { innerDecision } from '../../../src/policy/bgp/decision-at-rest.ts';
import { InnerRouters } from '../../../src/policy/bgp/inner-routers.ts';
import { bgpNetwork } from '../../../src/policy/bgp/network.ts';
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

it('send traffic where the decision process does', () => {
  const counts = new Map<boolean, number>();
  for (let seed = 0; seed < 1500; seed++) {
    const routing = randomRouting(seed);
    const { speakers, routes, best, open } = routing;
    const inner = new InnerRouters(routing);
    const { prefixes, routers } = speakers.network.model;
    for (let k = 0; k < prefixes.count; k++) {
      const isOpen = open.has(k);
      for (let i = 0; i < INNER_COUNT; i++) {
        const decision = innerDecision(speakers, routes, best, k, i);
        const owners = new Set(decision?.remaining.map(({ route }) => routes.router[route]));
        for (let to = 0; to < routers.length; to++) {
          // Where every router of ours has the traffic leave at one, so do those that nobody knows anything of.
          const isOne = routers.every((_, at) => routes.router[best[k * routers.length + at]] === to);
          const expected = isOne || (owners.size === 1 && owners.has(to));
          counts.set(expected, (counts.get(expected) ?? 0) + 1);
          const sends = inner.sendsOn(k, i, to);
          // What a router tells that may take any of several routes was decided with one of them.
          if (isOpen && !isOne && !sends) continue;
          expect({ seed, k, i, to, sends }).toEqual({ seed, k, i, to, sends: expected });
        }
      }
    }
  }
  expect(counts.get(true)).toBeGreaterThan(5000);
  expect(counts.get(false)).toBeGreaterThan(10000);
});
