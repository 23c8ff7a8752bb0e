/** Routers whose own choice nobody can tell: what they tell neighbors, and where their traffic leaves. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { plannedWays } from '../../src/plan/planned-ways.ts';
import { AppliedPolicy } from '../../src/policy/applied-policy.ts';
import { isOffered, type RouteTable } from '../../src/policy/bgp/routes.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { synthesize } from '../../src/policy/synthesis.ts';
import { type Outcome, openOutcome } from '../oracle/open-outcomes.ts';
import { Dice, planOf, randomPlan } from './random-network.ts';

const MECHANISMS = ['advertise', 'med', 'prepend'] as const;
const PREFIX = '203.0.113.0/24';

interface Route {
  readonly at: string;
  readonly asn: number;
  readonly path?: readonly number[];
}

/** A customer at r1 and r2, and routes of equal length from providers. */
function network(routes: readonly Route[], interfaces: readonly { id: string; router: string }[] = []): NetworkModel {
  const isSplit = (router: string) => interfaces.some((one) => one.router === router);
  const points = ['r1', 'r2'].flatMap((id) =>
    isSplit(id) ? interfaces.filter(({ router }) => router === id).map((one) => one.id) : [id],
  );
  const sessions = routes.map(({ at, asn }, n) => ({
    at,
    peerAsn: asn,
    peerAddress: `198.51.100.${n + 1}`,
    relation: 'provider' as const,
  }));
  return buildModel({
    version: 1,
    asn: 64500,
    routers: ['r1', 'r2'].map((id, at) => ({ id, address: `192.0.2.${at + 1}`, format: 'frr' })),
    interfaces,
    distances: [{ from: 'r1', to: 'r2', distance: 10 }],
    neighbors: [{ id: 'C', asn: 65000, relation: 'customer', ingress: points }],
    prefixes: [{ id: 'P', prefix: PREFIX }],
    sessions,
    advertisements: routes.map(({ at, asn, path = [65300] }, n) => ({
      prefix: PREFIX,
      at,
      peerAsn: asn,
      peerAddress: sessions[n].peerAddress,
      asPath: [asn, ...path],
    })),
    traffic: [{ neighbor: 'C', prefix: 'P', volume: 10 }],
  });
}

const TWO_AT_R2: readonly Route[] = [
  { at: 'r1', asn: 65201 },
  { at: 'r2', asn: 65202 },
  { at: 'r2', asn: 65203 },
];

describe('a router that takes one of two equal eBGP routes', () => {
  const model = network(TWO_AT_R2);

  it.each(MECHANISMS)('tells it to the neighbor, who is kept from coming in there (%s)', (ingress) => {
    const result = policyFor(model, planOf(model, [['C', 'P', 'r1', 'r1']]), { ingress, verify: true });
    expect(result.difference.map(({ router, direction, rule }) => [router, direction, rule.action])).toEqual([
      ['r2', 'export', ingress === 'advertise' ? 'reject' : 'accept'],
    ]);
    const status = ingress === 'advertise' ? 'enforced' : 'requested';
    expect(result.pairs.reports).toMatchObject([{ status, found: { ingress: 'r1', egress: 'r1' } }]);
  });

  it('makes a tie that fails where no rule may come', () => {
    const result = policyFor(model, planOf(model, [['C', 'P', 'r1', 'r1']]), { allow: ['10.0.0.0/8'] });
    expect(result.status).toBe('refuted');
  });

  it('sends packets out at one point whichever it takes, and needs no import rule', () => {
    const result = policyFor(model, planOf(model, [['C', 'P', 'r2', 'r2']]), { verify: true });
    expect(result.status).toBe('proven');
    expect(result.difference.map(({ direction }) => direction)).toEqual(['export']);
    expect(result.pairs.reports).toMatchObject([{ found: { ingress: 'r2', egress: 'r2' } }]);
  });

  it('needs one where the two leave at two points', () => {
    const interfaces = ['r2:a', 'r2:b'].map((id) => ({ id, router: 'r2' }));
    const split = network([TWO_AT_R2[0], { at: 'r2:a', asn: 65202 }, { at: 'r2:b', asn: 65203 }], interfaces);
    const result = policyFor(split, planOf(split, [['C', 'P', 'r2:a', 'r2:a']]), { verify: true });
    expect(result.status).toBe('proven');
    expect(result.difference.map(({ direction }) => direction)).toContain('import');
  });

  it('needs one where the neighbor may be told one of them only', () => {
    const odd = network([TWO_AT_R2[0], TWO_AT_R2[1], { at: 'r2', asn: 65203, path: [65000] }]);
    const result = policyFor(odd, planOf(odd, [['C', 'P', 'r2', 'r2']]), { verify: true });
    expect(result.status).toBe('proven');
    const [rule] = result.difference.filter(({ direction }) => direction === 'import');
    expect(rule).toMatchObject({ router: 'r2', session: 'AS65202' });
  });
});

it('a route that is used together with one that another router may choose: fails by name', () => {
  const advertised = (at: string, peerAsn: number, n: number) => ({
    prefix: 'P',
    at,
    peerAsn,
    peerAddress: `198.51.100.${n}`,
    asPath: [peerAsn, 65300],
  });
  const model = buildModel({
    version: 1,
    asn: 64500,
    routers: ['r1', 'r2', 'r3'].map((id, at) => ({ id, address: `192.0.2.${at + 1}`, format: 'frr' })),
    distances: [
      { from: 'r1', to: 'r2', distance: 10 },
      { from: 'r1', to: 'r3', distance: 10 },
      { from: 'r2', to: 'r3', distance: 20 },
    ],
    neighbors: [{ id: 'C', asn: 65000, ingress: ['r1'] }],
    prefixes: [{ id: 'P', prefix: PREFIX }],
    // r2 takes the older of two; if that is the second, r1 uses what r3 has beside it.
    advertisements: [advertised('r2', 65201, 1), advertised('r2', 65202, 2), advertised('r3', 65202, 3)],
    traffic: [{ neighbor: 'C', prefix: 'P', volume: 10 }],
  });
  const plan = planOf(model, [['C', 'P', 'r1', 'r2']]);
  const { status, findings, pairs } = policyFor(model, plan, { localPref: 100 });
  expect(status).toBe('refuted');
  expect(pairs.reports).toMatchObject([{ found: { egress: 'undetermined' }, egressStep: 'undetermined' }]);
  expect(findings).toContainEqual({
    kind: 'undetermined',
    message: expect.stringMatching(/^r1 may send P to any of r2, r3: /),
  });
  expect(policyFor(model, plan, {}).status).toBe('proven');
  const alone = policyFor(model, plan, { bgp: { multipath: false } });
  expect(alone).toMatchObject({ status: 'proven', difference: [] });
});

/** Routes of mostly equal length on up to two sessions of different ASes at every point. */
function tiedNetwork(dice: Dice): NetworkModel {
  const routers = Array.from({ length: dice.between(2, 4) }, (_, at) => `r${at}`);
  const split = dice.chance(30) ? routers[0] : null;
  const interfaces = split === null ? [] : ['a', 'b'].map((end) => ({ id: `${split}:${end}`, router: split }));
  const points = [...routers.filter((id) => id !== split), ...interfaces.map(({ id }) => id)];
  const neighbors = Array.from({ length: dice.between(1, 2) }, (_, at) => ({
    id: `C${at}`,
    asn: 65000 + at,
    ingress: dice.some(points, 80),
  }));
  const tails = [65300, 65301, 65300, 65301, 65000];
  const isNamed = dice.chance(70);
  try {
    return buildModel({
      version: 1,
      asn: 64500,
      routers: routers.map((id, at) => ({ id, ...(dice.chance(85) && { address: `192.0.2.${at + 1}` }) })),
      interfaces,
      links: routers.map((from, at) => ({
        from,
        to: routers[(at + 1) % routers.length],
        distance: dice.between(1, 2),
      })),
      neighbors,
      prefixes: [{ id: 'P', prefix: PREFIX }],
      advertisements: points.flatMap((at, place) =>
        dice.some([65201, 65202, 65203], 40).map((peerAsn) => ({
          prefix: 'P',
          at,
          peerAsn,
          peerAddress: `198.51.100.${place * 10 + peerAsn - 65200}`,
          ...(isNamed && { peerRouterId: `203.0.113.${dice.between(1, 200)}` }),
          asPath: [peerAsn, dice.pick(tails), ...(dice.chance(10) ? [65400] : [])],
          med: dice.pick([0, 0, 0, 0, 10]),
        })),
      ),
      traffic: neighbors.map(({ id: neighbor }) => ({ neighbor, prefix: 'P', volume: dice.chance(10) ? 0 : 5 })),
    });
  } catch {
    return tiedNetwork(dice);
  }
}

describe('random networks full of ties', () => {
  it.each(MECHANISMS)(
    'what is proven holds in every outcome of open choices (%s)',
    (ingress) => {
      const seen = { proven: 0, open: 0, refuted: 0 };
      for (let seed = 0; seed < 700; seed++) {
        const dice = new Dice(seed);
        const model = tiedNetwork(dice);
        const drawn = randomPlan(model, dice.pick(['ses', 'mes'] as const), dice);
        if (drawn === null || drawn.assignments.length === 0) continue;
        const plan = dice.chance(25) ? turned(model, drawn, dice) : drawn;
        const forwarding = dice.pick(['tunnel', 'hop-by-hop'] as const);
        const configured = { multipath: dice.chance(50), compareRouterId: dice.chance(40), forwarding };
        const bgp = dice.chance(25) ? {} : configured;
        const options = { ingress, bgp, verify: true };
        const result = policyFor(model, plan, options);
        if (result.status !== 'proven') {
          seen.refuted++;
          continue;
        }
        seen.proven++;
        const statuses = result.pairs.reports.map(({ status }) => status);
        const outcomes = outcomesOf(model, plan, options, dice);
        if (new Set(outcomes.map(({ told }) => told.join())).size > 1) seen.open++;
        for (const { told, faults } of outcomes) {
          expect({ seed, told, faults: faults(statuses) }).toEqual({ seed, told, faults: [] });
        }
      }
      expect(seen.proven).toBeGreaterThan(400);
      expect(seen.open).toBeGreaterThan(40);
    },
    120_000,
  );
});

/** One pair leaves elsewhere. */
function turned(model: NetworkModel, { modelHash, assignments }: Plan, dice: Dice): Plan {
  const at = dice.between(0, assignments.length - 1);
  const egress = dice.pick(model.points).id;
  return { modelHash, assignments: assignments.with(at, { ...assignments[at], egress }) } as unknown as Plan;
}

/** Points where packets that entered at a router may leave; -1 where they may go around. */
function leaving(
  { used }: Outcome,
  { metric, routes, isHopByHop }: { metric: Float64Array; routes: RouteTable; isHopByHop: boolean },
  from: number,
): Set<number> {
  const n = used.length;
  const points = new Set<number>();
  const passed = new Set<number>();
  const pass = (router: number, isLast: boolean): void => {
    passed.add(router);
    for (const route of used[router]) {
      const to = routes.router[route];
      if (to === router) points.add(routes.point[route]);
      else if (isLast) points.add(-1);
      else {
        for (let next = 0; next < n; next++) {
          const isOnWay = metric[router * n + next] + metric[next * n + to] === metric[router * n + to];
          if (next === router || (isHopByHop ? !isOnWay : next !== to)) continue;
          if (!passed.has(next)) pass(next, !isHopByHop);
        }
      }
    }
  };
  pass(from, false);
  return points;
}

interface Judged {
  readonly told: readonly number[];
  /** What is not as planned, given the status of each pair. */
  faults(statuses: readonly string[]): string[];
}

/** Outcomes under the policy of a plan, and what neighbors and packets do there. */
function outcomesOf(
  model: NetworkModel,
  plan: Plan,
  given: { bgp: { multipath?: boolean; compareRouterId?: boolean; forwarding?: 'tunnel' | 'hop-by-hop' } },
  dice: Dice,
): Judged[] {
  const options = parsePolicyOptions(given, model);
  const setting = settingOf(model, options);
  const { network, names, received } = setting;
  const policy = new AppliedPolicy(network, names, synthesize(setting, plannedWays(model, plan), options).policies);
  const routes = policy.applyImport(received);
  const { asPath, asPathStart } = model.advertisements;
  const pathOf = (route: number): string => {
    const a = routes.advertisement[route];
    if (a < 0) return '';
    const put = new Array(routes.prependCount[route]).fill(routes.prependAsn[route]);
    return [...put, ...asPath.subarray(asPathStart[a], asPathStart[a + 1])].join(' ');
  };
  const mesh = {
    ...network,
    routerCount: model.routers.length,
    // As FRR does by itself.
    prefersOldest: given.bgp.compareRouterId !== true,
    isMultipath: given.bgp.multipath ?? true,
    pathOf,
  };
  const isHopByHop = given.bgp.forwarding !== 'tunnel';
  const judge = ({ told, used }: Outcome): Judged => ({
    told,
    faults: (statuses) =>
      plan.assignments.flatMap((pair, at) => {
        const h = model.neighbors.findIndex(({ id }) => id === pair.neighbor);
        const point = (id: string): number => model.points.findIndex((one) => one.id === id);
        const offers = Array.from(network.sessionsOf[h]).flatMap((session) => {
          const route = told[network.sessions[session].router];
          if (route < 0 || !isOffered(network, routes, route, h)) return [];
          const rule = policy.ruleFor('export', session, 0);
          if (rule?.action === 'reject') return [];
          const length = routes.asPathLength[route] + (rule?.set.prepend?.count ?? 0);
          const rank = [length, routes.origin[route], rule?.set.med ?? 0];
          return [{ point: network.sessions[session].point, rank }];
        });
        const lowest = (step: number, left: typeof offers): typeof offers =>
          left.filter(({ rank }) => rank[step] === Math.min(...left.map((one) => one.rank[step])));
        const entered = new Set(lowest(2, lowest(1, lowest(0, offers))).map((one) => one.point));
        const router = model.points[point(pair.ingress)].router;
        const left = leaving({ told, used }, { metric: network.metric, routes, isHopByHop }, router);
        const isUntold = statuses[at] === 'untold' && offers.every((one) => one.point !== point(pair.ingress));
        const faults: string[] = [];
        if (!isUntold && [...entered].join() !== `${point(pair.ingress)}`)
          faults.push(`${pair.neighbor} enters at ${[...entered]}`);
        if ([...left].join() !== `${point(pair.egress)}`) faults.push(`${pair.neighbor} leaves at ${[...left]}`);
        if (statuses[at] === 'enforced' && offers.some((one) => one.point !== point(pair.ingress)))
          faults.push(`${pair.neighbor} is told elsewhere`);
        return faults;
      }),
  });
  return Array.from({ length: 12 }, () => openOutcome(mesh, routes, 0, dice))
    .filter((one) => one !== null)
    .map(judge);
}
