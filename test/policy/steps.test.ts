/** The way from one policy to the next: each step does what it says, and is as safe as it says. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { AppliedPolicy } from '../../src/policy/applied-policy.ts';
import { PairWays } from '../../src/policy/bgp/pair-ways.ts';
import { routeAll } from '../../src/policy/bgp/routing.ts';
import type { RouterPolicy } from '../../src/policy/document.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import type { ExecutionStep } from '../../src/policy/report.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { change, entriesOf, policiesOf } from './policy-entries.ts';
import { BASE_POLICIES as basePolicies, Dice, randomNetwork, randomPlan } from './random-network.ts';

const SINGLE_PATH = { multipath: false };

/** Where each pair with volume goes under policies; null where that is open or nowhere. */
function waysUnder(model: NetworkModel, policies: readonly RouterPolicy[]): ([number, number] | null)[] {
  const { network, names, speakers, received, bgp } = settingOf(model, parsePolicyOptions({ bgp: SINGLE_PATH }, model));
  const policy = new AppliedPolicy(network, names, policies);
  const ways = new PairWays(routeAll(speakers, policy.applyImport(received)), policy, bgp);
  const found: ([number, number] | null)[] = [];
  for (let k = 0; k < model.prefixes.count; k++) {
    for (let pair = model.traffic.start[k]; pair < model.traffic.start[k + 1]; pair++) {
      if (model.traffic.volume[pair] === 0) continue;
      const ingress = ways.ingress(model.traffic.neighbor[pair], k);
      const egress = ingress < 0 ? -1 : ways.egress(k, model.points[ingress].router);
      found.push(egress < 0 ? null : [ingress, egress]);
    }
  }
  return found;
}

/** Loads that BGP gives under policies; null where some way is open. */
function simulated(model: NetworkModel, policies: readonly RouterPolicy[]): ExecutionStep['loads'] | null {
  const loads = model.points.map(({ id }) => ({ point: id, ingress: 0, egress: 0 }));
  const volumes = Array.from(model.traffic.volume).filter((volume) => volume > 0);
  for (const [at, way] of waysUnder(model, policies).entries()) {
    if (way === null) return null;
    loads[way[0]].ingress += volumes[at];
    loads[way[1]].egress += volumes[at];
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
      const start = policyFor(model, first, { basePolicies, bgp: SINGLE_PATH });
      const entries = entriesOf([]);
      change(entries, start.difference);
      const existing = policiesOf(entries);
      const result = policyFor(model, second, { existing, steps: true, basePolicies, bgp: SINGLE_PATH });
      expect(result.status).toBe('proven');
      const { execution } = result;
      if (execution === null) throw new Error('no execution plan');
      expect(execution.unknownVolume).toBe(0);
      for (const step of execution.steps) {
        for (const { difference } of step.phases) change(entries, difference);
        const loads = simulated(model, policiesOf(entries));
        expect({ seed, loads }).toEqual({ seed, loads: step.loads });
        compared++;
      }
      steps += Math.max(0, execution.steps.length - 1);
      const whole = entriesOf(existing);
      change(whole, result.difference);
      expect(Object.fromEntries(entries)).toEqual(Object.fromEntries(whole));
    }
    expect(compared).toBeGreaterThan(300);
    expect(steps).toBeGreaterThan(30);
  });

  it('while routers act one after another, pairs stay on the way before or the planned one, or are told to stray', () => {
    const seen = { states: 0, strayed: 0 };
    for (let seed = 0; seed < 250; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { limited: true });
      const [first, second] = [0, 1].map(() => randomPlan(model, dice.pick(['ses', 'ses', 'mes'] as const), dice));
      if (first === null || second === null) continue;
      const ingress = dice.pick(['med', 'prepend', 'advertise'] as const);
      const entries = entriesOf([]);
      change(entries, policyFor(model, first, { basePolicies, bgp: SINGLE_PATH, ingress }).difference);
      const options = { existing: policiesOf(entries), steps: true, basePolicies, bgp: SINGLE_PATH, ingress };
      const { execution } = policyFor(model, second, options);
      for (const step of execution?.steps ?? []) {
        const before = waysUnder(model, policiesOf(entries));
        const after = new Map(entries);
        for (const { difference } of step.phases) change(after, difference);
        const planned = waysUnder(model, policiesOf(after));
        const strayed = new Set<number>();
        for (const { difference } of step.phases) {
          for (const router of dice.shuffled(model.routers.map(({ id }) => id))) {
            change(
              entries,
              difference.filter((one) => one.router === router),
            );
            for (const [pair, way] of waysUnder(model, policiesOf(entries)).entries()) {
              seen.states++;
              const isOn = (end: 0 | 1) => way?.[end] === before[pair]?.[end] || way?.[end] === planned[pair]?.[end];
              if (way !== null && !(isOn(0) && isOn(1))) strayed.add(pair);
            }
          }
        }
        seen.strayed += strayed.size;
        expect({ seed, strayed: strayed.size, isTold: strayed.size <= step.strayCount }).toMatchObject({
          isTold: true,
        });
      }
    }
    expect(seen.states).toBeGreaterThan(3000);
    expect(seen.strayed).toBeGreaterThan(0);
  });

  it('what traffic goes to is there before what it leaves is gone', () => {
    const { model, texts, planTo } = threeExits();
    const { status, execution } = policyFor(model, planTo('e2'), {
      existingTexts: texts,
      steps: true,
      stepTexts: true,
    });
    expect(status).toBe('proven');
    expect(execution).toMatchObject({ isSafe: true, steps: [{ overloadOnTheWay: 0, strayCount: 0 }] });
    const phases = execution?.steps[0].phases ?? [];
    const what = phases.map(({ name, difference }) => [name, difference.map((one) => [one.router, one.change])]);
    expect(what).toEqual([
      ['prefer', [['e2', 'add']]],
      ['release', [['e1', 'remove']]],
    ]);
    expect(phases.map(({ routers }) => routers.map(({ router, change: text }) => [router, text.length > 0]))).toEqual([
      [['e2', true]],
      [['e1', true]],
    ]);
  });

  it('rules of a plan for prefixes that the model has no more go in a step of their own', () => {
    const { model, texts, policies, planTo } = threeExits();
    const stale = { prefixes: ['192.0.2.0/24'], action: 'accept' as const, set: { localPref: 200 }, isOwn: true };
    const existing = policies.map(({ router, sessions }) => ({
      router,
      sessions: sessions.map((one) => ({ ...one, import: [...one.import, stale] })),
    }));
    const only = policyFor(model, planTo('e1'), { existing, steps: true, stepTexts: true });
    expect(only.execution?.steps).toMatchObject([
      { prefixes: ['192.0.2.0/24'], phases: [{ name: 'release', difference: only.difference }] },
    ]);
    expect(only.execution?.steps[0].phases[0].routers[0].change).not.toBe('');
    expect(only.execution?.steps[0].loads).toEqual(only.execution?.before);
    expect(texts.length).toBeGreaterThan(0);
    const moved = policyFor(model, planTo('e2'), { existing, steps: true });
    expect(moved.execution?.steps.map(({ prefixes }) => prefixes)).toEqual([['P0'], ['192.0.2.0/24']]);
  });

  it('texts are given where they are asked for, and not more of them than one answer can hold', () => {
    // Half of 1,500 prefixes change places with the other half, where there is room for seven at a time.
    const { model, texts, planTo } = threeExits(1500, 757);
    const swapped = planTo((k) => (k % 2 === 0 ? 'e2' : 'e1'));
    const options = { existingTexts: texts, steps: true };
    const { execution } = policyFor(model, swapped, options);
    expect(execution?.steps.length).toBe(100);
    const textsOf = (of: typeof execution) =>
      of?.steps.map(({ phases }) => phases.flatMap(({ routers }) => routers).length);
    expect(textsOf(execution)?.every((count) => count === 0)).toBe(true);
    expect(JSON.stringify(execution).length).toBeLessThan(300_000);
    const one = policyFor(model, swapped, { ...options, step: 7 }).execution;
    expect(one?.steps[6].phases.map(({ name, routers }) => [name, routers.length])).toEqual([
      ['prefer', 2],
      ['release', 2],
    ]);
    expect(
      textsOf(one)
        ?.map((count, at) => [at + 1, count])
        .filter(([, count]) => count > 0),
    ).toEqual([[7, 4]]);
    // Where lists are edited, each of 1,500 prefixes comes and goes in one list, in the change and in the rollback.
    const all = policyFor(model, swapped, { ...options, stepTexts: true }).execution;
    const lines = all?.steps.flatMap(({ phases }) =>
      phases.flatMap(({ routers }) => routers.flatMap((text) => `${text.change}${text.rollback}`.match(/\n/g) ?? [])),
    );
    expect(lines?.length).toBe(4 * 1500);
    // Where files are given as a whole, it is too much.
    const more = threeExits(2500, 1262);
    const halves = more.planTo((k) => (k % 2 === 0 ? 'e2' : 'e1'));
    const format = 'bird';
    const { routers } = policyFor(
      more.model,
      more.planTo((k) => (k % 2 === 0 ? 'e1' : 'e2')),
      { format },
    );
    const existingTexts = routers.map(({ router, text }) => ({ router, format, text }));
    const whole = { existingTexts, format, steps: true, stepTexts: true };
    expect(() => policyFor(more.model, halves, whole)).toThrow(expect.objectContaining({ code: 'STEPS_TOO_LARGE' }));
  }, 30_000);
});

/**
 * Router a between three exits, of which e3 is nearest and has room for little. Traffic leaves at e1; that of every other prefix
 * at e2 where there is room for so many prefixes only.
 */
function threeExits(prefixCount = 1, room = Number.POSITIVE_INFINITY) {
  const model = buildModel({
    version: 1,
    asn: 64500,
    routers: ['a', 'e1', 'e2', 'e3'].map((id, at) => ({
      id,
      address: `192.0.2.${at + 1}`,
      ...(id === 'e3' && { egressCapacity: 1 }),
      ...((id === 'e1' || id === 'e2') && room < Number.POSITIVE_INFINITY && { egressCapacity: 100 * room }),
    })),
    distances: (
      [
        ['a', 'e1', 5],
        ['a', 'e2', 5],
        ['a', 'e3', 1],
        ['e1', 'e2', 9],
        ['e1', 'e3', 6],
        ['e2', 'e3', 6],
      ] as const
    ).map(([from, to, distance]) => ({ from, to, distance })),
    neighbors: [{ id: 'C1', asn: 64501, ingress: ['a'] }],
    prefixes: Array.from({ length: prefixCount }, (_, k) => ({ id: `P${k}`, prefix: `10.${k >> 8}.${k & 255}.0/24` })),
    advertisements: Array.from({ length: prefixCount }, (_, k) =>
      ['e1', 'e2', 'e3'].map((at, j) => ({
        prefix: `P${k}`,
        at,
        peerAsn: 64601 + j,
        peerAddress: `198.51.100.${j + 1}`,
        asPath: [64601 + j],
      })),
    ).flat(),
    traffic: Array.from({ length: prefixCount }, (_, k) => ({ neighbor: 'C1', prefix: `P${k}`, volume: 100 })),
  });
  const planTo = (egress: string | ((k: number) => string)): Plan => {
    const assignments = model.prefixes.ids.map((prefix) => ({
      neighbor: 'C1',
      prefix,
      ingress: 'a',
      egress: typeof egress === 'string' ? egress : egress(Number(prefix.slice(1))),
    }));
    return { modelHash: model.hash, assignments } as unknown as Plan;
  };
  const isSplit = room < Number.POSITIVE_INFINITY;
  const first = policyFor(
    model,
    planTo((k) => (isSplit && k % 2 === 1 ? 'e2' : 'e1')),
  );
  const entries = entriesOf([]);
  change(entries, first.difference);
  const texts = first.routers.map(({ router, format, text }) => ({ router, format, text }));
  return { model, planTo, texts, policies: policiesOf(entries) };
}
