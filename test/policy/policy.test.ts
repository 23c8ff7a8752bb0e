/** From a plan to policy that is proven: the patent's Example 1, what is kept, guards, refutations by name. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { RouterPolicy } from '../../src/policy/document.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { ROUTER_FORMATS } from '../../src/policy/render/renderers.ts';
import { solve } from '../../src/solve.ts';
import { planOf } from './random-network.ts';

const MECHANISMS = ['advertise', 'med', 'prepend'] as const;

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
