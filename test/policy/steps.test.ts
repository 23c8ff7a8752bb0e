/** The way from one policy to the next: each step does what it says, and is as safe as it says. */
import { describe, expect, it } from 'vitest';
import type { NetworkModel } from '../../src/model/network-model.ts';
import { AppliedPolicy } from '../../src/policy/applied-policy.ts';
import { orderMoves } from '../../src/policy/batches.ts';
import { PairWays } from '../../src/policy/bgp/pair-ways.ts';
import { routeAll } from '../../src/policy/bgp/routing.ts';
import type { RouterPolicy } from '../../src/policy/document.ts';
import type { Move } from '../../src/policy/moves.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import type { ExecutionStep, RuleChange } from '../../src/policy/report.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { Dice, randomNetwork, randomPlan } from './random-network.ts';

const SINGLE_PATH = { multipath: false };

/** Removes what goes, puts what comes before what stays; sessions without rules are gone. */
function changed(policies: readonly RouterPolicy[], difference: readonly RuleChange[]): RouterPolicy[] {
  const result = new Map<string, Map<string, { import: unknown[]; export: unknown[] }>>();
  const at = (router: string, session: string) => {
    const sessions = result.get(router) ?? new Map<string, { import: unknown[]; export: unknown[] }>();
    result.set(router, sessions);
    const one = sessions.get(session) ?? { import: [], export: [] };
    sessions.set(session, one);
    return one;
  };
  for (const { router, sessions } of policies) {
    for (const one of sessions)
      Object.assign(at(router, one.session), { import: [...one.import], export: [...one.export] });
  }
  for (const { router, session, direction, change, rule } of difference) {
    const one = at(router, session);
    const same = (other: unknown) => JSON.stringify(other) === JSON.stringify(rule);
    if (change === 'remove') one[direction] = one[direction].filter((other) => !same(other));
    else one[direction].push(rule);
  }
  return [...result].map(([router, sessions]) => ({
    router,
    sessions: [...sessions].map(([session, one]) => ({ session, ...one })),
  })) as RouterPolicy[];
}

/** Loads that BGP gives under policies; null where some way is open. */
function simulated(model: NetworkModel, policies: readonly RouterPolicy[]): ExecutionStep['loads'] | null {
  const { network, names, speakers, received, bgp } = settingOf(model, parsePolicyOptions({ bgp: SINGLE_PATH }, model));
  const policy = new AppliedPolicy(network, names, policies);
  const ways = new PairWays(routeAll(speakers, policy.applyImport(received)), policy, bgp.forwarding);
  const loads = model.points.map(({ id }) => ({ point: id, ingress: 0, egress: 0 }));
  for (let k = 0; k < model.prefixes.count; k++) {
    for (let pair = model.traffic.start[k]; pair < model.traffic.start[k + 1]; pair++) {
      if (model.traffic.volume[pair] === 0) continue;
      const ingress = ways.ingress(model.traffic.neighbor[pair], k);
      if (ingress < 0) return null;
      const egress = ways.egress(k, model.points[ingress].router);
      if (egress < 0) return null;
      loads[ingress].ingress += model.traffic.volume[pair];
      loads[egress].egress += model.traffic.volume[pair];
    }
  }
  return loads;
}

describe('executionPlan', () => {
  it('arrives at the plan by steps whose loads are those of BGP under the policy of the step', () => {
    let steps = 0;
    let compared = 0;
    for (let seed = 0; seed < 400; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { limited: true });
      const [first, second] = [
        randomPlan(model, 'ses', dice),
        randomPlan(model, dice.pick(['ses', 'mes'] as const), dice),
      ];
      if (first === null || second === null) continue;
      const start = policyFor(model, first, { bgp: SINGLE_PATH });
      const existing = changed([], start.difference);
      const result = policyFor(model, second, { existing, steps: true, bgp: SINGLE_PATH });
      expect(result.status).toBe('proven');
      const { execution } = result;
      if (execution === null) throw new Error('no execution plan');
      expect(execution.unknownVolume).toBe(0);
      let policies = existing;
      for (const step of execution.steps) {
        policies = changed(policies, step.difference);
        const loads = simulated(model, policies);
        expect({ seed, loads }).toEqual({ seed, loads: step.loads });
        compared++;
      }
      steps += Math.max(0, execution.steps.length - 1);
      const whole = changed(existing, result.difference);
      expect(sorted(policies)).toEqual(sorted(whole));
    }
    expect(compared).toBeGreaterThan(300);
    expect(steps).toBeGreaterThan(30);
  });

  it('a safe step keeps every point within its capacity, or the load it had, whatever moves first', () => {
    for (let seed = 0; seed < 300; seed++) {
      const dice = new Dice(seed);
      const { moves, capacity, load, limit } = randomMoves(dice, dice.between(1, 20));
      const { batches } = orderMoves(moves, capacity, load);
      expect(batches.flatMap((batch) => batch.moves).length).toBe(moves.length);
      let before: Float64Array = load;
      for (const batch of batches) {
        const reached = before.slice();
        for (const { arrivals } of batch.moves) for (const [side, volume] of arrivals) reached[side] += volume;
        const over = reached.reduce(
          (sum, value, side) => sum + Math.max(0, value - Math.max(limit[side], before[side])),
          0,
        );
        expect(batch.overloadOnTheWay).toBeCloseTo(over, 9);
        before = batch.load;
      }
    }
  });

  it('of few moves the order is the best of all', () => {
    let unsafe = 0;
    for (let seed = 0; seed < 300; seed++) {
      const dice = new Dice(seed);
      const { moves, capacity, load, limit } = randomMoves(dice, dice.between(2, 5));
      const { batches, isLeast } = orderMoves(moves, capacity, load);
      expect(isLeast).toBe(true);
      const total = batches.reduce((sum, { overloadOnTheWay }) => sum + overloadOnTheWay, 0);
      expect(total).toBeCloseTo(leastOfAllOrders(moves, limit, load), 9);
      if (total > 0) unsafe++;
    }
    expect(unsafe).toBeGreaterThan(20);
  });
});

function randomMoves(dice: Dice, count: number) {
  const sides = 4;
  const load = new Float64Array(sides);
  const moves = Array.from({ length: count }, (_, prefix): Move => {
    const [from, volume] = [dice.between(0, sides - 1), dice.between(1, 9)];
    const to = (from + dice.between(1, sides - 1)) % sides;
    load[from] += volume;
    return { prefix, arrivals: new Map([[to, volume]]), departures: new Map([[from, volume]]) };
  });
  const capacity = load.map((value) => value + dice.between(-2, 6));
  const end = load.slice();
  for (const { arrivals, departures } of moves) {
    for (const [side, volume] of arrivals) end[side] += volume;
    for (const [side, volume] of departures) end[side] -= volume;
  }
  return { moves, load, capacity, limit: capacity.map((value, side) => Math.max(value, end[side])) };
}

function leastOfAllOrders(moves: readonly Move[], capacity: Float64Array, load: Float64Array): number {
  if (moves.length === 0) return 0;
  return Math.min(
    ...moves.map((move, at) => {
      const after = load.slice();
      let over = 0;
      for (const [side, volume] of move.arrivals) {
        over += Math.max(0, load[side] + volume - Math.max(capacity[side], load[side]));
        after[side] += volume;
      }
      for (const [side, volume] of move.departures) after[side] -= volume;
      return over + leastOfAllOrders(moves.toSpliced(at, 1), capacity, after);
    }),
  );
}

function sorted(policies: readonly RouterPolicy[]): string[] {
  return policies
    .flatMap(({ router, sessions }) =>
      sessions.flatMap((one) =>
        (['import', 'export'] as const).flatMap((direction) =>
          one[direction].map((rule) => JSON.stringify([router, one.session, direction, rule])),
        ),
      ),
    )
    .sort();
}
