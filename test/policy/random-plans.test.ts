/** From a plan to policy that is proven: properties over random networks and plans. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { plannedWays } from '../../src/plan/planned-ways.ts';
import { AppliedPolicy } from '../../src/policy/applied-policy.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { synthesize } from '../../src/policy/synthesis.ts';
import { bestByMessages } from '../oracle/bgp-messages.ts';
import { BASE_POLICIES as basePolicies, Dice, planOf, randomNetwork, randomPlan } from './random-network.ts';

const MECHANISMS = ['advertise', 'med', 'prepend'] as const;

/** Routers that use one route of equal ones; else ties of the metric refute plans of several egress points on FRR. */
const SINGLE_PATH = { multipath: false };

/** Where each pair leaves, in the order of the plan, when routers with the plan's policy tell each other their routes. */
function waysByMessages(model: NetworkModel, plan: Plan, options: object, dice: Dice): (string | null)[] {
  const complete = parsePolicyOptions(options, model);
  const { network, names, received, ...setting } = settingOf(model, complete);
  const planned = plannedWays(model, plan);
  const { policies } = synthesize({ network, names, received, ...setting }, planned, complete);
  const routes = new AppliedPolicy(network, names, policies).applyImport(received);
  const mesh = { ...network, routerCount: model.routers.length };
  const best = model.prefixes.ids.map((_, k) => bestByMessages(mesh, routes, k, dice));
  return plan.assignments.map(({ prefix, ingress }) => {
    const router = model.points[model.points.findIndex(({ id }) => id === ingress)].router;
    const route = best[model.prefixes.ids.indexOf(prefix)]?.[router] ?? -1;
    return route < 0 ? null : model.points[routes.point[route]].id;
  });
}

describe('random networks', () => {
  it('the round trip holds for every plan, variant and mechanism', () => {
    let proven = 0;
    for (let seed = 0; seed < 1500; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { mixed: true });
      for (const variant of ['ses', 'mes'] as const) {
        const plan = randomPlan(model, variant, dice);
        if (plan === null) continue;
        const ingress = dice.pick(MECHANISMS);
        const neighborMissingMed = (['best', 'worst', 'unknown'] as const)[seed % 3];
        const bgp = { ...SINGLE_PATH, neighborMissingMed };
        const { status, findings, pairs } = policyFor(model, plan, { ingress, basePolicies, bgp });
        expect({ seed, variant, ingress, status, findings, pairs: pairs.reports }).toEqual({
          seed,
          variant,
          ingress,
          status: 'proven',
          findings: [],
          pairs: [],
        });
        proven++;
      }
    }
    expect(proven).toBeGreaterThan(2500);
  }, 180_000);

  it('of GoBGP, plans of one egress are proven; of several where identifiers happen to decide as metrics do', () => {
    const seen = { ses: 0, mes: 0, refuted: 0 };
    for (let seed = 0; seed < 250; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { gobgp: true });
      for (const variant of ['ses', 'mes'] as const) {
        const plan = randomPlan(model, variant, dice);
        if (plan === null) continue;
        const { status, findings, pairs } = policyFor(model, plan, { ingress: dice.pick(MECHANISMS) });
        if (status === 'proven') seen[variant]++;
        else {
          seen.refuted++;
          // A path that is assumed comes on a session without address.
          const isTold = findings.some(({ kind }) => kind === 'unsupported');
          if (variant === 'ses') expect({ seed, failedCount: pairs.failedCount }).toEqual({ seed, failedCount: 0 });
          if (isTold) continue;
          expect({ seed, variant, isKnown: pairs.failedCount > 0 }).toEqual({ seed, variant, isKnown: true });
          for (const { found, egressStep } of pairs.reports) {
            // Metrics are not compared: identifiers decide, or nothing does.
            const isBlind = /undetermined|deflected/.test(found.egress) || egressStep === 'router-id';
            expect({ seed, found, egressStep, isBlind }).toMatchObject({ isBlind: true });
          }
        }
      }
    }
    expect(seen.ses).toBeGreaterThan(100);
    expect(seen.mes).toBeGreaterThan(50);
    expect(seen.refuted).toBeGreaterThan(50);
  });

  it('what nobody can know refutes a plan of several egress points, and is told; never one of single egress points', () => {
    const seen = { proven: 0, open: 0 };
    for (let seed = 0; seed < 500; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { mixed: true, anonymous: true });
      for (const variant of ['ses', 'mes'] as const) {
        const plan = randomPlan(model, variant, dice);
        if (plan === null) continue;
        const { status, findings, pairs } = policyFor(model, plan, { basePolicies });
        if (status === 'proven') seen.proven++;
        else {
          seen.open++;
          expect({ seed, variant, kinds: [...new Set(findings.map(({ kind }) => kind))] }).toEqual({
            seed,
            variant: 'mes',
            kinds: ['undetermined'],
          });
          for (const { found } of pairs.reports) expect(found.egress).toMatch(/undetermined|deflected/);
        }
      }
    }
    expect(seen.proven).toBeGreaterThan(700);
    expect(seen.open).toBeGreaterThan(10);
  });

  it('where several routes meet at a point, only a neighbor that takes none of them refutes a plan', () => {
    let refuted = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice, { crowded: true });
      const plan = randomPlan(model, dice.pick(['ses', 'mes'] as const), dice);
      if (plan === null) continue;
      const result = policyFor(model, plan, { ingress: dice.pick(MECHANISMS), basePolicies, bgp: SINGLE_PATH });
      if (result.status === 'proven') continue;
      refuted++;
      for (const { kind, message } of result.findings) {
        expect({ seed, kind, message }).toMatchObject({
          kind: 'no-route',
          message: expect.stringContaining('may be told'),
        });
      }
      expect(result.findings).not.toEqual([]);
    }
    expect(refuted).toBeLessThan(20);
  });

  it('under reflectors a plan is proven, or what is hidden is told; with all paths it is proven', () => {
    const seen = { proven: 0, hidden: 0 };
    for (let seed = 0; seed < 300; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice);
      const plan = randomPlan(model, 'mes', dice);
      if (plan === null) continue;
      const ids = model.routers.map(({ id }) => id);
      const clusters = [{ reflectors: [ids[0]], clients: ids.slice(1) }];
      const result = policyFor(model, plan, { basePolicies, bgp: { clusters, ...SINGLE_PATH } });
      const kinds = new Set(result.findings.map(({ kind }) => kind));
      if (result.status === 'proven') seen.proven++;
      else {
        expect({ seed, kinds: [...kinds] }).toEqual({ seed, kinds: ['hidden-path'] });
        seen.hidden++;
      }
      const whole = policyFor(model, plan, {
        basePolicies,
        bgp: { clusters, addPath: true, forwarding: 'tunnel', ...SINGLE_PATH },
      });
      expect({ seed, status: whole.status, pairs: whole.pairs.reports }).toEqual({ seed, status: 'proven', pairs: [] });
    }
    expect(seen.proven).toBeGreaterThan(50);
    expect(seen.hidden).toBeGreaterThan(10);
  });

  it('the same request gives the same answer', () => {
    const model = randomNetwork(new Dice(3));
    const plan = randomPlan(model, 'mes', new Dice(4)) as Plan;
    expect(JSON.stringify(policyFor(model, plan))).toBe(JSON.stringify(policyFor(model, plan)));
  });

  it('a plan with one way turned is proven only where messages between routers come to it', () => {
    const seen = { proven: 0, refuted: 0 };
    for (let seed = 0; seed < 300; seed++) {
      const dice = new Dice(seed);
      const model = randomNetwork(dice);
      const plan = randomPlan(model, 'ses', dice);
      if (plan === null || plan.assignments.length === 0) continue;
      const at = dice.between(0, plan.assignments.length - 1);
      const others = model.points.map(({ id }) => id).filter((id) => id !== plan.assignments[at].egress);
      const assignments = plan.assignments.with(at, { ...plan.assignments[at], egress: dice.pick(others) });
      const turned = { modelHash: plan.modelHash, assignments } as Plan;
      const bgp = { forwarding: 'tunnel', compareRouterId: true, deterministicMed: true, multipath: false };
      const options = { verify: true, basePolicies, bgp };
      const { status, pairs } = policyFor(model, turned, options);
      const found = waysByMessages(model, turned, options, dice);
      for (const [pair, report] of pairs.reports.entries()) {
        if (report.found.egress === 'undetermined') continue;
        expect({ seed, pair, egress: report.found.egress }).toEqual({ seed, pair, egress: found[pair] ?? 'none' });
      }
      const isWrong = assignments.some(({ egress }, pair) => found[pair] !== egress);
      if (isWrong) expect({ seed, status }).toEqual({ seed, status: 'refuted' });
      seen[status]++;
    }
    // Proven: the prefix has one pair, and a route at the other point.
    expect(seen.refuted).toBeGreaterThan(200);
    expect(seen.proven).toBeGreaterThan(20);
  });

  it('a way that no route takes is refused', () => {
    const model = buildModel({
      version: 1,
      routers: [{ id: 'r1' }, { id: 'r2' }],
      distances: [{ from: 'r1', to: 'r2', distance: 1 }],
      neighbors: [{ id: 'A1', ingress: ['r1'] }],
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8', egress: ['r1', 'r2'] }],
      traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 1 }],
    });
    const result = policyFor(model, planOf(model, [['A1', 'P1', 'r2', 'r1']]));
    expect(result).toMatchObject({
      status: 'refuted',
      pairs: { failedCount: 1, reports: [{ found: { ingress: 'r1' } }] },
    });
  });
});
