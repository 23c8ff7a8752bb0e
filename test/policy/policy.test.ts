/** From a plan to policy that is proven: golden case, properties over random networks, refutations by name. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { plannedWays } from '../../src/plan/planned-ways.ts';
import { AppliedPolicy } from '../../src/policy/applied-policy.ts';
import type { RouterPolicy } from '../../src/policy/document.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { ROUTER_FORMATS } from '../../src/policy/render/renderers.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { synthesize } from '../../src/policy/synthesis.ts';
import { solve } from '../../src/solve.ts';
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

const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));

describe('the patent, Example 1', () => {
  const model = buildModel(example);
  const plans = new Map<string, Plan>();

  beforeAll(async () => {
    plans.set('ses', await solve(example, { variant: 'ses' }));
    plans.set('mes', await solve(example, { variant: 'mes' }));
  });

  it.each(
    ROUTER_FORMATS.filter((format) => format !== 'gobgp').flatMap((format) => MECHANISMS.map((m) => [format, m])),
  )('%s, ingress by %s: both plans are proven', (format, ingress) => {
    for (const variant of ['ses', 'mes']) {
      const result = policyFor(model, plans.get(variant) as Plan, { format, ingress, verify: true });
      expect(result).toMatchObject({ status: 'proven', findings: [] });
      const status = ingress === 'advertise' ? 'enforced' : 'requested';
      expect(result.pairs.reports.map((pair) => pair.status)).toEqual(new Array(4).fill(status));
      expect(result.routers.map(({ router }) => router)).toEqual(['b1', 'b2', 'b3', 'b4']);
    }
  });

  it('a prefix that leaves as planned anyway gets no rule, and MES needs one rule less than SES', () => {
    const [ses, mes] = ['ses', 'mes'].map((variant) => policyFor(model, plans.get(variant) as Plan));
    expect([ses.ruleCount, mes.ruleCount]).toEqual([4, 3]);
    const touched = mes.difference.filter(({ direction }) => direction === 'import');
    expect(touched.map(({ router, rule }) => [router, rule.prefixes])).toEqual([['b3', ['10.20.30.0/24']]]);
    expect(touched[0].rule.set).toEqual({ localPref: 200, communities: ['64500:7040'] });
  });

  it('for one router it gives one text, and the proof of all', () => {
    const result = policyFor(model, plans.get('ses') as Plan, { router: 'b3', format: 'junos' });
    expect(result.routers).toHaveLength(1);
    expect(result.routers[0]).toMatchObject({ router: 'b3', format: 'junos', ruleCount: 1, entryCount: 1 });
    expect(result.pairs.requestedCount).toBe(4);
  });

  it('the second time there is nothing to do, and the next plan replaces the first', () => {
    const first = policyFor(model, plans.get('ses') as Plan);
    const existingTexts = first.routers.map(({ router, format, text }) => ({ router, format, text }));
    const again = policyFor(model, plans.get('ses') as Plan, { existingTexts });
    expect(again).toMatchObject({ status: 'proven', difference: [] });
    for (const { change, rollback } of again.routers) expect([change, rollback]).toEqual(['', '']);
    const next = policyFor(model, plans.get('mes') as Plan, { existingTexts });
    expect(next.difference.map(({ router, change }) => [router, change])).toEqual([['b4', 'remove']]);
    expect(next.routers.filter(({ change }) => change !== '').map(({ router }) => router)).toEqual(['b4']);
  });

  it('keeps policy that is there, and works within it', () => {
    const kept = (localPref: number) => ({
      router: 'b4',
      sessions: [
        {
          session: 'upstream',
          import: [{ prefixes: ['10.20.30.0/24'], action: 'accept', set: { localPref, med: 7 }, isOwn: false }],
          export: [],
        },
      ],
    });
    const result = policyFor(model, plans.get('ses') as Plan, { existing: [kept(900)] });
    expect(result.status).toBe('proven');
    const preferred = result.difference.filter(({ router }) => router === 'b3').map(({ rule }) => rule.set.localPref);
    expect(preferred).toEqual([1000]);
    expect(result.routers[3].text).toContain('KEPT');
    const full = policyFor(model, plans.get('ses') as Plan, { existing: [kept(4294967295)] });
    expect(full).toMatchObject({ status: 'refuted', routers: [], findings: [{ kind: 'local-pref-exhausted' }] });
  });

  it('a policy that rejects a planned route refutes the plan by name', () => {
    const rejecting = (direction: 'import' | 'export', router: string, session: string): RouterPolicy => ({
      router,
      sessions: [
        {
          session,
          import: [],
          export: [],
          [direction]: [{ prefixes: ['10.20.30.0/24'], action: 'reject', set: {}, isOwn: false }],
        },
      ],
    });
    const egress = policyFor(model, plans.get('ses') as Plan, { existing: [rejecting('import', 'b3', 'upstream')] });
    expect(egress).toMatchObject({ status: 'refuted', routers: [], difference: [] });
    expect(egress.findings).toContainEqual({
      kind: 'existing-policy',
      message: 'P1 has no usable route at b3: policy that is kept rejects it',
    });
    const ingress = policyFor(model, plans.get('ses') as Plan, { existing: [rejecting('export', 'b1', 'A1')] });
    expect(ingress.pairs.reports).toMatchObject([
      { neighbor: 'A1', prefix: 'P1', planned: { ingress: 'b1' }, found: { ingress: 'b2' }, ingressStep: 'only-offer' },
    ]);
  });

  it('guards', () => {
    const plan = plans.get('ses') as Plan;
    const refused = (options: object) => policyFor(model, plan, options).findings.map(({ message }) => message);
    expect(refused({ allow: ['10.20.0.0/16'] })).toEqual([]);
    expect(refused({ allow: ['10.20.30.0/24'] })).toContain(
      'b4, session upstream: 10.20.40.0/24 is outside the allow-list',
    );
    expect(refused({ maxPrefixes: 1 })).toContain(
      'b1, session A2: export rules are for 2 prefixes, at most 1 are allowed',
    );
    expect(refused({ community: '65535:65281' })).toContain(
      'b3, session upstream: a community would withdraw routes from neighbors',
    );
    expect(refused({ community: '65535:666' })).toContain(
      'b3, session upstream: community 65535:666 is reserved (RFC 1997), and not ours',
    );
    expect(refused({ community: null })).toEqual([]);
  });

  it('rules of an earlier plan outside the allow-list stay as they are', () => {
    const own = (prefix: string, localPref: number) =>
      ({ prefixes: [prefix], action: 'accept', set: { localPref }, isOwn: true }) as const;
    const rules = [own('10.20.40.0/24', 200), own('192.0.2.0/24', 200)];
    const existing = [{ router: 'b4', sessions: [{ session: 'upstream', import: rules, export: [] }] }];
    const options = { allow: ['10.20.30.0/24'], community: null, existing, steps: true };
    // P2 leaves at b4 by the rule that is there, so the plan needs none of its own.
    const ways = [
      ['A1', 'P1', 'b1', 'b3'],
      ['A2', 'P1', 'b2', 'b3'],
      ['A1', 'P2', 'b1', 'b4'],
      ['A2', 'P2', 'b2', 'b4'],
    ] as const;
    const result = policyFor(model, planOf(model, ways), { ...options, ingress: 'med' });
    const [outside] = [result.difference.filter(({ rule }) => !rule.prefixes.includes('10.20.30.0/24'))];
    expect(outside).toEqual([]);
    // Where the plan needs another way for it, it is not proven.
    const moved = planOf(model, [...ways.slice(0, 2), ['A1', 'P2', 'b1', 'b3'], ['A2', 'P2', 'b2', 'b3']]);
    const refuted = policyFor(model, moved, options);
    expect(refuted.findings).toContainEqual({
      kind: 'guard',
      message: 'b3, session upstream: 10.20.40.0/24 is outside the allow-list',
    });
    const free = policyFor(model, moved, { ...options, allow: undefined });
    expect(free.difference.filter(({ change }) => change === 'remove').map(({ rule }) => rule.prefixes)).toEqual([
      // Two that do the same are one.
      ['10.20.40.0/24', '192.0.2.0/24'],
    ]);
  });

  it.each([
    [{ ingress: 'magic' }, '/options/ingress'],
    [{ router: 'b9' }, '/options/router'],
    [{ allow: ['10.0.0.1/8'] }, '/options/allow/0'],
    [{ community: '70000:1' }, '/options/community'],
    [{ bgp: { clusters: [{ reflectors: ['b9'], clients: [] }] } }, '/options/bgp/clusters/0/reflectors/0'],
    [{ bgp: { speed: 3 } }, '/options/bgp/speed'],
    [{ more: 1 }, '/options/more'],
    [7, '/options'],
  ])('options %j are refused at %s', (options, pointer) => {
    expect(() => policyFor(model, plans.get('ses') as Plan, options)).toThrow(
      expect.objectContaining({
        code: 'OPTIONS_INVALID',
        errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
      }),
    );
  });

  it('refuses texts that it cannot read, sessions that are not there, and plans of another model', () => {
    const plan = plans.get('ses') as Plan;
    const text = { router: 'b3', format: 'frr', text: 'ip prefix-list X seq 5 permit 0.0.0.0/0 le 32\n' };
    expect(() => policyFor(model, plan, { existingTexts: [text] })).toThrow(
      expect.objectContaining({
        code: 'POLICY_INVALID',
        errors: [expect.objectContaining({ pointer: '/options/existingTexts/0/text/line/1' })],
      }),
    );
    const existing = [{ router: 'b3', sessions: [{ session: 'nobody', import: [], export: [] }] }];
    expect(() => policyFor(model, plan, { existing })).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
    const other = buildModel({ ...example, asn: 64999 });
    expect(() => policyFor(other, plan)).toThrow(
      expect.objectContaining({ code: 'PLAN_INVALID', errors: [expect.objectContaining({ pointer: '/modelHash' })] }),
    );
    const half = { ...plan, assignments: plan.assignments.slice(1) };
    expect(() => policyFor(model, half)).toThrow(
      expect.objectContaining({ code: 'PLAN_INVALID', message: '/assignments leaves out 1 of 4 pairs' }),
    );
  });

  it('a route that may not be told cannot bring a neighbor in', () => {
    const advertised = (communities: string[]) => {
      const advertisements = ['P1', 'P2'].flatMap((prefix) =>
        ['b3', 'b4'].map((at) => ({
          prefix,
          at,
          peerAsn: 64600,
          asPath: [64600],
          communities: at === 'b3' ? communities : [],
        })),
      );
      return buildModel({ ...example, advertisements });
    };
    const ways = [
      ['A1', 'P1', 'b1', 'b3'],
      ['A2', 'P1', 'b2', 'b4'],
      ['A1', 'P2', 'b1', 'b4'],
      ['A2', 'P2', 'b2', 'b4'],
    ] as const;
    const resultOf = (communities: string[]) => {
      const network = advertised(communities);
      return policyFor(network, planOf(network, ways)).pairs.reports;
    };
    expect(resultOf([])).toEqual([]);
    for (const text of ['no-export', 'NO_EXPORT', '65535:65281', '065535:65281', 'local_AS', 'no-export-subconfed']) {
      expect(resultOf([text]), text).toMatchObject([{ neighbor: 'A1', prefix: 'P1', planned: { egress: 'b3' } }]);
    }
    // Nobody but b3 knows the route at all.
    for (const text of ['65535:65282', '65535:065282', 'NO_ADVERTISE']) {
      expect(resultOf([text]), text).toMatchObject([{ found: { egress: 'b4' }, egressStep: 'only-route' }]);
    }
  });

  it('names of any kind reach no text', () => {
    const odd = ['x\n!', '"; }', "a' b", 'é\u2028', '$(reboot)', 'filter', '-1', '\\'];
    for (const [at, name] of odd.entries()) {
      const rename = JSON.parse(
        JSON.stringify(example)
          .replaceAll('"A1"', JSON.stringify(name))
          .replaceAll('"b1"', JSON.stringify(`${name}r`)),
      );
      const network = buildModel(rename);
      const plan = planOf(network, [
        [name, 'P1', `${name}r`, 'b3'],
        ['A2', 'P1', 'b2', 'b3'],
        [name, 'P2', `${name}r`, 'b4'],
        ['A2', 'P2', 'b2', 'b4'],
      ]);
      for (const format of ROUTER_FORMATS.filter((one) => one !== 'gobgp')) {
        const result = policyFor(network, plan, { format });
        expect({ at, status: result.status }).toEqual({ at, status: 'proven' });
        for (const { text, change, rollback } of result.routers) {
          expect(`${text}${change}${rollback}`).toMatch(/^[\w\s.:,;{}()[\]"=~!&/-]*$/);
          if (name !== 'filter' && name !== '-1') expect(text).not.toContain(name);
        }
      }
    }
  });

  it('metrics that routers do not see undo MES', () => {
    const result = policyFor(model, plans.get('mes') as Plan, { bgp: { nextHopMetric: 'external' } });
    expect(result.status).toBe('refuted');
    expect(result.pairs.reports[0]).toMatchObject({ status: 'failed', egressStep: 'undetermined' });
    const single = { nextHopMetric: 'external', multipath: false };
    const routers = example.routers.map((one: object, at: number) => ({ ...one, address: `192.0.2.${at + 1}` }));
    const named = buildModel({ ...example, routers });
    const other = policyFor(named, { ...(plans.get('mes') as Plan), modelHash: named.hash }, { bgp: single });
    expect(other.pairs.reports[0]).toMatchObject({ status: 'failed', egressStep: 'router-id' });
  });
});

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

describe('router OSes', () => {
  const triangle = (format: string, own: object = {}) =>
    buildModel({
      version: 1,
      asn: 64500,
      routers: ['a', 'e1', 'e2'].map((id, at) => ({ id, address: `192.0.2.${at + 1}`, format })),
      interfaces: [
        { id: 'e2:x', router: 'e2' },
        { id: 'e2:y', router: 'e2' },
      ],
      distances: [
        { from: 'a', to: 'e1', distance: 5 },
        { from: 'a', to: 'e2', distance: 5 },
        { from: 'e1', to: 'e2', distance: 9 },
      ],
      neighbors: [{ id: 'C1', asn: 64501, ingress: ['a'] }],
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8' }],
      traffic: [{ neighbor: 'C1', prefix: 'P1', volume: 1 }],
      ...own,
    });
  const route = (at: string, peerAsn: number, more: object = {}) => ({
    prefix: 'P1',
    at,
    peerAsn,
    peerAddress: `198.51.100.${at.length + peerAsn - 64600 + (at === 'e2:y' ? 10 : 0)}`,
    asPath: [peerAsn],
    ...more,
  });
  const rules = (model: NetworkModel, egress: string, options: object = {}) => {
    const result = policyFor(model, planOf(model, [['C1', 'P1', 'a', egress]]), { verify: true, ...options });
    expect(result.status).toBe('proven');
    return [result.ruleCount, result.pairs.reports[0].egressStep];
  };

  it('an identifier that is not known brings a rule, and decides nothing', () => {
    const ids = (...known: (string | null)[]) =>
      triangle('bird', {
        advertisements: ['e2:x', 'e2:y'].map((at, n) =>
          route(at, 64601 + n, known[n] === null ? {} : { peerRouterId: known[n] }),
        ),
      });
    for (const egress of ['e2:x', 'e2:y']) {
      expect(rules(ids(null, null), egress)).toEqual([1, 'only-route']);
      expect(rules(ids(null, '250.0.0.1'), egress)).toEqual([1, 'only-route']);
    }
    expect(rules(ids('250.0.0.1', '1.0.0.1'), 'e2:y')).toEqual([0, 'only-route']);
  });

  it('routers without an identifier of their own are not told apart by their names', () => {
    const routers = ['a', 'e1', 'e2'].map((id) => ({ id, format: 'bird' }));
    const model = triangle('bird', { routers, advertisements: [route('e1', 64601), route('e2:x', 64602)] });
    for (const egress of ['e1', 'e2:x']) expect(rules(model, egress)).toEqual([1, 'only-route']);
    const known = triangle('bird', { advertisements: [route('e1', 64601), route('e2:x', 64602)] });
    expect(rules(known, 'e1')).toEqual([0, 'router-id']);
  });

  it('the router OS of the texts is that of the decision', () => {
    const advertisements = ['e2:x', 'e2:y'].map((at, n) => route(at, 64601 + n, { peerRouterId: `${n + 1}.0.0.1` }));
    // Of BIRD the lower router id wins, of FRR the older route.
    expect(rules(triangle('bird', { advertisements }), 'e2:x')[0]).toBe(0);
    expect(rules(triangle('frr', { advertisements }), 'e2:x')[0]).toBe(1);
    expect(rules(triangle('bird', { advertisements }), 'e2:x', { format: 'frr' })[0]).toBe(1);
    expect(rules(triangle('frr', { advertisements }), 'e2:x', { format: 'bird' })[0]).toBe(0);
  });

  it('GoBGP does not know who is nearer', () => {
    const near = (format: string) =>
      triangle(format, {
        distances: [
          { from: 'a', to: 'e1', distance: 50 },
          { from: 'a', to: 'e2', distance: 1 },
          { from: 'e1', to: 'e2', distance: 60 },
        ],
        sessions: [{ at: 'a', peerAsn: 64501, peerAddress: '198.51.100.99', neighbor: 'C1' }],
        advertisements: [route('e1', 64601), route('e2:x', 64602)],
      });
    expect(rules(near('frr'), 'e2:x')).toEqual([0, 'igp-metric']);
    expect(rules(near('gobgp'), 'e1')).toEqual([0, 'router-id']);
    expect(rules(near('gobgp'), 'e2:x')).toEqual([1, 'only-route']);
  });

  it('FRR sends to both of two equal routes of one AS path, unless it is told not to', () => {
    const twoSites = (format: string, second = 64601) =>
      triangle(format, { advertisements: [route('e1', 64601), route('e2:x', second)] });
    expect(rules(twoSites('frr'), 'e1')).toEqual([1, 'only-route']);
    expect(rules(twoSites('frr', 64602), 'e1')).toEqual([0, 'router-id']);
    expect(rules(twoSites('frr'), 'e1', { bgp: SINGLE_PATH })).toEqual([0, 'router-id']);
    expect(rules(twoSites('junos'), 'e1')).toEqual([0, 'router-id']);
    expect(rules(twoSites('junos'), 'e1', { bgp: { multipath: true } })).toEqual([1, 'only-route']);
  });

  describe('prepending that is kept', () => {
    const kept = (router: string, session: string, direction: 'import' | 'export', asn: number) => [
      {
        router,
        sessions: [
          {
            session,
            import: [],
            export: [],
            [direction]: [
              { prefixes: ['10.0.0.0/8'], action: 'accept', set: { prepend: { asn, count: 1 } }, isOwn: false },
            ],
          },
        ],
      },
    ];
    const model = (second: object) =>
      triangle('junos', {
        advertisements: [
          route('e1', 64601, { med: 5, asPath: [64601, 64700] }),
          route('e2:x', 64601, { med: 0, asPath: [64601] }),
        ],
        distances: [
          { from: 'a', to: 'e1', distance: 1 },
          { from: 'a', to: 'e2', distance: 9 },
          { from: 'e1', to: 'e2', distance: 20 },
        ],
        ...second,
      });

    it('makes another neighbor AS, whose MED does not compare', () => {
      expect(rules(model({}), 'e2:x', { existing: kept('e2', 'AS64601', 'import', 64601) })).toEqual([1, 'only-route']);
      // Of 64999 the MED is not compared with that of 64601: the nearer one is taken.
      expect(rules(model({}), 'e1', { existing: kept('e2', 'AS64601', 'import', 64999) })).toEqual([1, 'igp-metric']);
    });

    it('of our own AS is dropped as a loop by the other routers', () => {
      const result = policyFor(model({}), planOf(model({}), [['C1', 'P1', 'a', 'e2:x']]), {
        existing: kept('e2', 'AS64601', 'import', 64500),
      });
      expect(result).toMatchObject({ status: 'refuted', pairs: { reports: [{ found: { egress: 'e1' } }] } });
    });

    it('of the AS of a neighbor is dropped by it', () => {
      for (const existing of [kept('e2', 'AS64601', 'import', 64501), kept('a', 'C1', 'export', 64501)]) {
        const result = policyFor(model({}), planOf(model({}), [['C1', 'P1', 'a', 'e2:x']]), { existing });
        expect(result.status).toBe('refuted');
      }
    });
  });

  it('a route that a rule which is kept marks no-export is told to nobody', () => {
    const model = triangle('bird', { advertisements: [route('e1', 64601)] });
    const marking = (communities: string[]) => [
      {
        router: 'e1',
        sessions: [
          {
            session: 'AS64601',
            import: [{ prefixes: ['10.0.0.0/8'], action: 'accept', set: { communities }, isOwn: false }],
            export: [],
          },
        ],
      },
    ];
    const found = (communities: string[]) =>
      policyFor(model, planOf(model, [['C1', 'P1', 'a', 'e1']]), { existing: marking(communities) }).status;
    expect([found(['64500:1']), found(['65535:65281'])]).toEqual(['proven', 'refuted']);
  });
});

describe('ingress by advertising', () => {
  it('is enforced also where the neighbor enters there today', () => {
    const model = buildModel({
      version: 1,
      asn: 64500,
      routers: [
        { id: 'r1', address: '192.0.2.1' },
        { id: 'r2', address: '192.0.2.2' },
      ],
      distances: [{ from: 'r1', to: 'r2', distance: 1 }],
      neighbors: [{ id: 'A1', asn: 64501, ingress: ['r1', 'r2'] }],
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8', egress: ['r1'] }],
      traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 1 }],
    });
    const longer = {
      router: 'r2',
      sessions: [
        {
          session: 'A1',
          import: [],
          export: [
            { prefixes: ['10.0.0.0/8'], action: 'accept', set: { prepend: { asn: 64500, count: 2 } }, isOwn: false },
          ],
        },
      ],
    };
    const statuses = (ingress: string) => {
      const options = { ingress, existing: [longer], verify: true };
      const { pairs, difference } = policyFor(model, planOf(model, [['A1', 'P1', 'r1', 'r1']]), options);
      return [pairs.reports[0].status, difference.map(({ router, rule }) => [router, rule.action])];
    };
    expect(statuses('med')).toEqual(['requested', []]);
    expect(statuses('advertise')).toEqual(['enforced', [['r2', 'reject']]]);
  });
});

describe('neighbors that may take a route without MED for the worst', () => {
  const document = {
    version: 1,
    asn: 64500,
    routers: ['r1', 'r2', 'r3'].map((id, at) => ({ id, address: `192.0.2.${at + 1}` })),
    distances: ['r2', 'r3'].map((to) => ({ from: 'r1', to, distance: 1 })),
    neighbors: [{ id: 'A1', asn: 64501, ingress: ['r1', 'r2', 'r3'] }],
    prefixes: [{ id: 'P1', prefix: '10.0.0.0/8', egress: ['r1'] }],
    traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 1 }],
  };
  const model = buildModel(document);
  const plan = planOf(model, [['A1', 'P1', 'r2', 'r1']]);
  const meds = (neighborMissingMed: string, more: object = {}) => {
    const result = policyFor(model, plan, { bgp: { neighborMissingMed }, verify: true, ...more });
    expect(result).toMatchObject({
      status: 'proven',
      pairs: { reports: [{ ingressStep: 'med', status: 'requested' }] },
    });
    return result.difference.map(({ router, rule }) => [router, rule.set.med]);
  };

  it('are told a MED of 0 where they are to enter', () => {
    expect(meds('best')).toEqual([
      ['r1', 100],
      ['r3', 100],
    ]);
    expect(meds('worst')).toEqual([['r2', 0]]);
    expect(meds('unknown')).toEqual([
      ['r1', 100],
      ['r2', 0],
      ['r3', 100],
    ]);
  });

  it('where nobody knows, MEDs that are kept bring nobody in; prepending does', () => {
    const existing = ['r1', 'r3'].map((router) => ({
      router,
      sessions: [
        {
          session: 'A1',
          import: [],
          export: [{ prefixes: ['10.0.0.0/8'], action: 'accept', set: { med: 7 }, isOwn: false }],
        },
      ],
    }));
    const found = (neighborMissingMed: string, on = model) =>
      policyFor(on, { ...plan, modelHash: on.hash }, { bgp: { neighborMissingMed }, existing, ingress: 'prepend' });
    // Prepending makes up for it: with best nothing is to be done.
    expect(['best', 'worst', 'unknown'].map((one) => found(one).ruleCount)).toEqual([2, 4, 4]);
    for (const one of ['best', 'worst', 'unknown']) expect(found(one).status).toBe('proven');
    const nameless = buildModel({ ...document, asn: undefined });
    expect(found('best', nameless).status).toBe('proven');
    expect(found('worst', nameless).pairs.reports).toMatchObject([{ found: { ingress: 'undetermined' } }]);
    expect(found('unknown', nameless).pairs.reports).toMatchObject([{ found: { ingress: 'undetermined' } }]);
  });

  it('the way from one plan to another takes nothing from them before what replaces it is told', () => {
    for (const neighborMissingMed of ['best', 'worst', 'unknown']) {
      const bgp = { neighborMissingMed };
      const first = policyFor(model, plan, { bgp });
      const existingTexts = first.routers.map(({ router, format, text }) => ({ router, format, text }));
      const next = planOf(model, [['A1', 'P1', 'r3', 'r1']]);
      const { status, execution } = policyFor(model, next, { bgp, existingTexts, steps: true });
      expect({ neighborMissingMed, status, strays: execution?.steps.map(({ strayCount }) => strayCount) }).toEqual({
        neighborMissingMed,
        status: 'proven',
        strays: [0],
      });
    }
  });
});

describe('inner routers', () => {
  // Of two ways from a to e1 and e2, core has another one in mind than a: it is at e2.
  const network = (own: object = {}) =>
    buildModel({
      version: 1,
      asn: 64500,
      routers: ['a', 'e1', 'e2'].map((id, at) => ({ id, address: `192.0.2.${at + 1}` })),
      links: [
        { from: 'a', to: 'core', distance: 1 },
        { from: 'core', to: 'e1', distance: 5 },
        { from: 'core', to: 'e2', distance: 5 },
      ],
      neighbors: [{ id: 'C1', asn: 64501, ingress: ['a', 'e1'] }],
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8' }],
      advertisements: ['e1', 'e2'].map((at, n) => ({
        prefix: 'P1',
        at,
        peerAsn: 64601 + n,
        peerAddress: `198.51.100.${n + 1}`,
        asPath: [64601 + n],
      })),
      traffic: [{ neighbor: 'C1', prefix: 'P1', volume: 1 }],
      ...own,
    });
  const result = (model: NetworkModel, egress: string, bgp: object = {}) =>
    policyFor(model, planOf(model, [['C1', 'P1', 'a', egress]]), { bgp, ingress: 'advertise' });

  it('are looked at on the way', () => {
    // Both egress points are open and equally near; by router id a and core take e1.
    expect(result(network(), 'e1')).toMatchObject({ status: 'proven' });
    expect(result(network(), 'e2').difference.filter(({ direction }) => direction === 'import')).toHaveLength(1);
    // A one-way link: a is as near to e1 by core as core is to e2 by itself.
    const detour = network({
      links: [
        { from: 'a', to: 'core', distance: 1 },
        { from: 'core', to: 'e1', distance: 5 },
        { from: 'core', to: 'e2', distance: 1, directed: true },
        { from: 'e2', to: 'core', distance: 9, directed: true },
        { from: 'a', to: 'e2', distance: 7, directed: true },
      ],
    });
    // core is nearer to e2 and would take it: the plan that leaves at e1 gets a rule, by which core goes to e1 too.
    const ruled = result(detour, 'e1');
    expect(ruled.status).toBe('proven');
    expect(ruled.difference.filter(({ direction }) => direction === 'import')).toHaveLength(1);
  });

  it('under reflectors are told what nobody knows, unless all routers agree or traffic is tunneled', () => {
    const clusters = [{ reflectors: ['a'], clients: ['e1', 'e2'] }];
    const both = network({
      prefixes: [{ id: 'P1', prefix: '10.0.0.0/8' }],
      neighbors: [
        { id: 'C1', asn: 64501, ingress: ['a'] },
        { id: 'C2', asn: 64502, ingress: ['e2'] },
      ],
      traffic: ['C1', 'C2'].map((neighbor) => ({ neighbor, prefix: 'P1', volume: 1 })),
    });
    const plan = planOf(both, [
      ['C1', 'P1', 'a', 'e1'],
      ['C2', 'P1', 'e2', 'e2'],
    ]);
    expect(policyFor(both, plan).status).toBe('proven');
    expect(policyFor(both, plan, { bgp: { clusters } }).findings).toEqual([
      {
        kind: 'inner-router',
        message:
          'P1 from a to e1 passes core, and nobody knows what reflectors tell it: it has to be listed among the routers',
      },
    ]);
    expect(policyFor(both, plan, { bgp: { clusters, forwarding: 'tunnel' } }).status).toBe('proven');
    expect(result(network(), 'e1', { clusters }).status).toBe('proven');
  });
});
