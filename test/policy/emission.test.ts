/** What routers have once they took a change or a rollback, on top of what they had before. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { RouterFormat } from '../../src/model/network-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { emissions } from '../../src/policy/emission.ts';
import { renderContext } from '../../src/policy/naming.ts';
import { parsePolicyOptions } from '../../src/policy/options.ts';
import { policyFor } from '../../src/policy/policy.ts';
import type { Renderer } from '../../src/policy/render/renderer.ts';
import { ROUTER_FORMATS, rendererFor } from '../../src/policy/render/renderers.ts';
import { settingOf } from '../../src/policy/setting.ts';
import { solve } from '../../src/solve.ts';
import { BASE_POLICIES, Dice, randomNetwork, randomPlan } from './random-network.ts';

const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));
const model = buildModel(example);
/** GoBGP needs addresses, and the example has none. */
const FORMATS = ROUTER_FORMATS.filter((format) => format !== 'gobgp');
const TEXTS: Record<string, string> = {
  frr: `ip prefix-list BOGON seq 5 permit 10.20.40.0/24
route-map UP-IN deny 10
 match ip address prefix-list BOGON
exit
route-map UP-IN permit 20
exit
router bgp 64500
 address-family ipv4 unicast
  neighbor upstream route-map UP-IN in
 exit-address-family
exit
`,
  junos: `set policy-options prefix-list BOGON 10.20.40.0/24
set policy-options policy-statement UP-IN term 1 from prefix-list BOGON
set policy-options policy-statement UP-IN term 1 then reject
set policy-options policy-statement UP-IN term others then next policy
set protocols bgp group upstream import UP-IN
`,
  iosxr: `prefix-set BOGON
  10.20.40.0/24
end-set
route-policy UP-IN
  if destination in BOGON then
    drop
  else
    pass
  endif
end-policy
router bgp 64500
 neighbor-group upstream
  address-family ipv4 unicast
   route-policy UP-IN in
`,
};
const BOGON = { prefixes: ['10.20.40.0/24'], action: 'reject', set: {}, isOwn: false } as const;
let ses: Plan;

beforeAll(async () => {
  ses = await solve(example, { variant: 'ses' });
});

describe.each(['frr', 'junos', 'iosxr'] as const)('%s, policy that an operator wrote', (format) => {
  it('keeps its names: nothing of it is removed, and the rollback attaches it again', () => {
    const existingTexts = [{ router: 'b3', format, text: TEXTS[format] }];
    const result = policyFor(model, ses, { format, existingTexts });
    expect(result).toMatchObject({ status: 'proven', findings: [] });
    const { change, rollback } = result.routers[2];
    expect(change).toContain('EGRESSO');
    expect(change.split('\n').filter((line) => /^(no|delete policy-options) .*(UP-IN|BOGON)/.test(line))).toEqual([]);
    expect(change).not.toContain('BOGON');
    // What our chain refers to is in the change itself.
    for (const [list] of change.matchAll(/KEPT[-_]\w+/g)) {
      expect(change).toMatch(new RegExp(`^(ip prefix-list|prefix-set|set policy-options prefix-list) ${list}`, 'm'));
    }
    expect(rollback).toMatch(/(route-map|route-policy|import) UP-IN/);
    expect(rollback).not.toContain('BOGON');
  });

  it('stays where the plan needs no rule: the text has the whole of it, and nothing changes', () => {
    const set: Record<string, readonly [string, string]> = {
      frr: [
        'route-map UP-IN deny 10\n match ip address prefix-list BOGON',
        'route-map UP-IN permit 10\n match ip address prefix-list BOGON\n set local-preference 50\n set community 64500:99 additive',
      ],
      junos: [
        'then reject',
        'then community add NINETY-NINE\nset policy-options policy-statement UP-IN term 1 then accept',
      ],
      iosxr: ['drop', 'set local-preference 50\n    pass'],
    };
    const [reject, change] = set[format];
    const named = format === 'junos' ? 'set policy-options community NINETY-NINE members 64500:99\n' : '';
    const accepting = `${named}${TEXTS[format].replace(reject, change)}`;
    for (const text of [TEXTS[format], accepting]) {
      const there = text.replaceAll('10.20.40.0/24', '192.88.99.0/24');
      const existingTexts = [{ router: 'b1', format, text: there.replaceAll('upstream', 'A1') }];
      const options = { format, existingTexts, ingress: 'advertise' as const };
      const result = policyFor(model, ses, options);
      expect(result).toMatchObject({ status: 'proven', findings: [] });
      const { text: whole, change: changed, rollback } = result.routers[0];
      expect(whole).toContain('UP-IN');
      expect(`${changed}${rollback}`).not.toMatch(/UP-IN|BOGON|OPERATOR|NINETY/);
      const same = policyFor(model, ses, { ...options, existingTexts: [{ router: 'b1', format, text: whole }] });
      expect(same).toMatchObject({ status: 'proven', findings: [] });
      expect([same.routers[0].text, same.routers[0].change]).toEqual([whole, '']);
    }
  });

  it('stays where no rule comes: the change leaves it alone, and the whole text defines it', () => {
    const existingTexts = ['b3', 'b4'].map((router) => ({
      router,
      format,
      // Either router rejects what is to leave at the other, so no import rule is needed.
      text: router === 'b3' ? TEXTS[format] : TEXTS[format].replace('10.20.40.0/24', '10.20.30.0/24'),
    }));
    const result = policyFor(model, ses, { format, existingTexts });
    expect(result).toMatchObject({ status: 'proven', findings: [] });
    for (const { text, change, rollback } of result.routers.slice(2)) {
      expect([change, rollback]).toEqual(['', '']);
      expect(text).toMatch(/^(route-map|route-policy|set policy-options policy-statement) UP-IN/m);
      expect(text).toMatch(/^(ip prefix-list|prefix-set|set policy-options prefix-list) BOGON/m);
    }
    const again = policyFor(model, ses, {
      format,
      existingTexts: result.routers.map(({ router, text }) => ({ router, format, text })),
    });
    expect(again).toMatchObject({ status: 'proven', difference: [] });
    for (const { change } of again.routers) expect(change).toBe('');
  });

  it('as a document without names is not taken for present', () => {
    const existing = [{ router: 'b3', sessions: [{ session: 'upstream', import: [BOGON], export: [] }] }];
    const result = policyFor(model, ses, { format, existing });
    expect(result).toMatchObject({ status: 'proven', findings: [] });
    const { change, rollback } = result.routers[2];
    expect(change).not.toMatch(/^(no|delete) /m);
    const [kept] = /KEPT[-_]\w+/.exec(change) ?? [''];
    expect(change).toMatch(new RegExp(`^(ip prefix-list|prefix-set|set policy-options prefix-list) ${kept}`, 'm'));
    expect(rollback).toContain('KEPT');
  });
});

describe.each(FORMATS)('%s', (format) => {
  it('leaves a session alone whose policy stays', () => {
    const existing = [{ router: 'b1', sessions: [{ session: 'upstream', import: [], export: [] }] }];
    expect(() => policyFor(model, ses, { format, existing })).toThrow(/no session/);
    const kept = [{ router: 'b1', sessions: [{ session: 'A2', import: [], export: [BOGON] }] }];
    const result = policyFor(model, ses, { format, existing: kept });
    const same = policyFor(model, ses, {
      format,
      existingTexts: result.routers.map(({ router, text }) => ({ router, format, text })),
    });
    for (const { change, rollback } of same.routers) expect([change, rollback]).toEqual(['', '']);
  });

  it('from plan to plan and back, every change and rollback does what it says', () => {
    let changed = 0;
    for (let seed = 0; seed < 120; seed++) {
      const dice = new Dice(seed);
      const network = randomNetwork(dice);
      const [first, second] = [randomPlan(network, 'ses', dice), randomPlan(network, 'mes', dice)];
      if (first === null || second === null) continue;
      const basePolicies = dice.chance(50) ? BASE_POLICIES : [{ export: 'TO_PEERS' }, { import: null }];
      const ingress = dice.pick(['advertise', 'med', 'prepend'] as const);
      const before = policyFor(network, first, { format, ingress, basePolicies, bgp: { multipath: false } });
      expect({ seed, findings: before.findings }).toEqual({ seed, findings: [] });
      const existingTexts = before.routers.map(({ router, text }) => ({ router, format, text }));
      const result = policyFor(network, second, {
        format,
        ingress,
        basePolicies,
        bgp: { multipath: false },
        existingTexts,
      });
      expect({ seed, status: result.status, findings: result.findings }).toEqual({
        seed,
        status: 'proven',
        findings: [],
      });
      changed += result.routers.filter(({ change }) => change !== '').length;
    }
    expect(changed).toBeGreaterThan(100);
  });

  it('a change that misses a line is found out', () => {
    const options = parsePolicyOptions({ format }, model);
    const setting = settingOf(model, options);
    const { text } = policyFor(model, ses, { format }).routers[2];
    const policy = rendererFor(format).read(text, 'b3', renderContext(setting, 2));
    const renderer: { change: Renderer['change'] } = rendererFor(format);
    const whole = renderer.change;
    const wrong = {
      ...policy,
      sessions: policy.sessions.map((one) => ({
        ...one,
        import: [{ ...BOGON, prefixes: ['10.20.40.0/24'], isOwn: true }],
      })),
    };
    const other = settingOf(model, parsePolicyOptions({ format, existing: [wrong] }, model));
    try {
      renderer.change = (from, to, context) =>
        whole(from, to, context)
          .split('\n')
          .filter((line) => !line.includes('10.20.30.0/24'))
          .join('\n');
      const found = emissions(other, [policy], options).flatMap(({ findings }) => findings);
      expect(found).toContainEqual(
        expect.objectContaining({ kind: 'read-back', message: expect.stringContaining('b3, change') }),
      );
    } finally {
      renderer.change = whole;
    }
  });
});

describe('base policies', () => {
  const CALLS: Record<string, RegExp> = {
    frr: /^route-map EGRESSO-upstream-IN-\w+ permit 1\n call FROM_UPSTREAM\n on-match next\nexit$/m,
    bird: /^filter import_upstream \{\n {2}if ! FROM_UPSTREAM\(\) then reject;$/m,
    junos:
      /^(set .* EGRESSO-upstream-IN-\w+-BASE term) 1 from policy FROM_UPSTREAM\n\1 1 then next policy\n\1 others then reject$/m,
    iosxr: /^route-policy EGRESSO_upstream_IN_\w+\n {2}if apply FROM_UPSTREAM then\n {4}if destination/m,
  };
  const basePolicies = [{ import: 'FROM_UPSTREAM', export: null }];

  it.each(FORMATS)('%s: are called first, and attached again by the rollback', (format) => {
    const { status, routers } = policyFor(model, ses, { format, basePolicies });
    expect(status).toBe('proven');
    const { text, rollback } = routers[2];
    expect(text).toMatch(CALLS[format]);
    if (format === 'bird') expect(rollback).toContain('if ! FROM_UPSTREAM() then reject;');
    else expect(rollback).toMatch(/(route-map|route-policy|import) FROM_UPSTREAM/);
  });

  it.each([
    ['frr', [{}], 'neighbor upstream route-map EGRESSO-PASS in'],
    ['frr', [{ import: null }], 'no neighbor upstream route-map EGRESSO-upstream-IN'],
    ['iosxr', [{}], 'route-policy EGRESSO_PASS in'],
    ['iosxr', [{ import: null }], 'route-policy EGRESSO_PASS in'],
  ] as const)('%s with %j: no rollback cuts a session', (format, known, line) => {
    const { rollback } = policyFor(model, ses, { format, basePolicies: known }).routers[2];
    expect(rollback).toContain(line);
    if (line.includes('PASS')) expect(rollback).not.toMatch(/no neighbor|no route-policy \S+ (in|out)/);
  });

  it.each(FORMATS.flatMap((format) => [undefined, null].map((unnamed) => [format, unnamed] as const)))(
    '%s: named (first: %s) where there are texts of a plan, they come to be called',
    (format, unnamed) => {
      const first = policyFor(model, ses, { format, basePolicies: [{ import: unnamed, export: unnamed }] });
      const existingTexts = first.routers.map(({ router, text }) => ({ router, format, text }));
      for (const ingress of ['med', 'prepend', 'advertise'] as const) {
        const result = policyFor(model, ses, { format, ingress, basePolicies, existingTexts });
        expect(result).toMatchObject({ status: 'proven', findings: [] });
        const { change, rollback } = result.routers[2];
        expect(change).toMatch(CALLS[format]);
        const written = new Set(first.routers[2].text.match(/EGRESSO[-_]upstream[-_]IN[-_]\w+/g));
        for (const chain of written) expect(rollback).toContain(chain);
        if (format === 'bird') expect(rollback).toBe(existingTexts[2].text);
        const texts = result.routers.map(({ router, text }) => ({ router, format, text }));
        const again = policyFor(model, ses, { format, ingress, basePolicies, existingTexts: texts });
        expect(again.routers.map((one) => one.change).join('')).toBe('');
      }
      expect(() => policyFor(model, ses, { format, basePolicies, existingTexts, steps: true })).toThrow(
        expect.objectContaining({ code: 'POLICY_INVALID', message: expect.stringContaining('does not call') }),
      );
    },
  );

  it('GoBGP has none, and BIRD calls functions', () => {
    const addressed = buildModel({
      ...example,
      sessions: [{ at: 'b3', peerAsn: 64603, peerAddress: '192.0.2.3' }],
    });
    for (const [format, name] of [
      ['gobgp', 'FROM_UPSTREAM'],
      ['bird', 'FROM-UPSTREAM'],
    ]) {
      const result = policyFor(
        addressed,
        { ...ses, modelHash: addressed.hash },
        { format, basePolicies: [{ import: name }] },
      );
      expect(result.findings).toContainEqual({ kind: 'unsupported', message: expect.stringContaining(name) });
    }
  });

  it.each([
    [{ existingTexts: [{ router: 'b3', format: 'bird', text: '' }] }, '/options/existingTexts/0/format'],
    [{ format: 'bird', existingTexts: [{ router: 'b3', format: 'frr', text: '' }] }, '/options/existingTexts/0/format'],
    [{ step: 1 }, '/options/step'],
    [{ stepTexts: true }, '/options/stepTexts'],
    [{ basePolicies: [{ import: 'a b' }] }, '/options/basePolicies/0/import'],
    [{ basePolicies: [{ import: 'EGRESSO-X' }] }, '/options/basePolicies/0/import'],
    [{ basePolicies: [{ router: 'b9' }] }, '/options/basePolicies/0/router'],
    [{ basePolicies: [{ session: 'nobody' }] }, '/options/basePolicies/0/session'],
    [{ sessionNames: { '192.0.2.9': 'U9' } }, '/options/sessionNames/192.0.2.9'],
    [{ sessionNames: { '192.0.2.9': 'a b' } }, '/options/sessionNames/192.0.2.9'],
  ])('%j is refused at %s', (options, pointer) => {
    expect(() => policyFor(model, ses, options)).toThrow(
      expect.objectContaining({
        code: 'OPTIONS_INVALID',
        errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
      }),
    );
  });
});

it.each([
  [{ bogus: 1 }, '/options/bogus', 'is not an option'],
  [{ bgp: { bogus: 1 } }, '/options/bgp/bogus', 'is not an option'],
  [{ community: 'no-export' }, '/options/community', 'not "no-export"; or must be null'],
  [{ ingress: 'x' }, '/options/ingress', 'must be one of ["advertise","med","prepend"], not "x"'],
])('%j: one fault tells what is wrong', (options, pointer, message) => {
  expect(() => policyFor(model, ses, options)).toThrow(
    expect.objectContaining({
      code: 'OPTIONS_INVALID',
      errors: [{ pointer, message: expect.stringContaining(message) }],
    }),
  );
});

describe('warnings', () => {
  const warned = (options: object) => policyFor(model, ses, { ingress: 'advertise', ...options }).warnings;

  it('tell sessions whose policy nobody names', () => {
    expect(warned({})).toEqual([
      'b1, export, A2: policy that is there is not known (basePolicies), and ours takes its place',
      'b2, export, A1: policy that is there is not known (basePolicies), and ours takes its place',
      'b3, import, upstream: policy that is there is not known (basePolicies), and ours takes its place',
      'b4, import, upstream: policy that is there is not known (basePolicies), and ours takes its place',
    ]);
    expect(warned({ format: 'junos', router: 'b3' })).toEqual([
      'b3, import, upstream: policy that is there is not known (basePolicies), and ours stands behind it, if it lets routes pass',
    ]);
  });

  it('are none where it is named, where there is none, or where all of a router is known', () => {
    expect(warned({ basePolicies: [{ import: null, export: 'TO_PEERS' }] })).toEqual([]);
    expect(warned({ basePolicies: [{ import: 'FROM_ALL' }] }).map((text) => text.split(',')[1])).toEqual([
      ' export',
      ' export',
    ]);
    const first = policyFor(model, ses, { ingress: 'advertise' });
    const existingTexts = first.routers.map(({ router, format, text }) => ({ router, format, text }));
    expect(warned({ existingTexts })).toEqual([]);
  });
});

describe('local preference', () => {
  it('that routes have already, or more of, is told by name where the plan fails for it', () => {
    expect(policyFor(model, ses, { localPref: 101 })).toMatchObject({ status: 'proven', findings: [] });
    const { status, findings } = policyFor(model, ses, { localPref: 100 });
    expect(status).toBe('refuted');
    expect(findings).toContainEqual({
      kind: 'local-pref-exhausted',
      message: 'localPref 100 is not above that of P1 at b3, session upstream: 100',
    });
  });

  it('that leaves no room names the route', () => {
    const advertisements = ['P1', 'P2'].flatMap((prefix) =>
      ['b3', 'b4'].map((at) => ({
        prefix,
        at,
        peerAsn: 64601,
        asPath: [64601],
        ...(at === 'b4' && { localPref: 0xffffffff }),
      })),
    );
    const network = buildModel({ ...example, advertisements });
    expect(policyFor(network, { ...ses, modelHash: network.hash }).findings).toContainEqual({
      kind: 'local-pref-exhausted',
      message: 'no local preference is above that of P1 at b4, session AS64601: 4294967295',
    });
  });
});

describe('Junos', () => {
  it('tells routes of BGP alone, and reads no text of ours that tells others', () => {
    for (const ingress of ['med', 'prepend'] as const) {
      const { text } = policyFor(model, ses, { format: 'junos', ingress, basePolicies: [{ export: null }] }).routers[0];
      const terms = text.match(/\S+-OUT-\S+ term \d+(?= then accept)/g) ?? [];
      expect(terms.length).toBeGreaterThan(0);
      for (const term of terms) expect(text).toContain(`${term} from protocol bgp\n`);
      const open = text.replaceAll(/.* from protocol bgp\n/g, '');
      expect(() =>
        policyFor(model, ses, { format: 'junos', existingTexts: [{ router: 'b1', format: 'junos', text: open }] }),
      ).toThrow(
        expect.objectContaining({ code: 'POLICY_INVALID', message: expect.stringContaining('other protocols') }),
      );
    }
  });
});

describe('relations', () => {
  const related = (relation: string | null) =>
    buildModel({
      ...example,
      neighbors: example.neighbors.map((one: { id: string }) => ({
        ...one,
        ...(one.id === 'A1' ? { relation: 'customer' } : relation === null ? {} : { relation }),
      })),
    });
  const guarded = (relation: string | null, options: object) => {
    const network = related(relation);
    return policyFor(network, { ...ses, modelHash: network.hash }, options);
  };
  const opened = expect.objectContaining({
    kind: 'guard',
    message: expect.stringContaining('session A2: export policy'),
  });

  it.each(FORMATS)('%s: a text never tells peers, providers or strangers every route', (format) => {
    for (const relation of ['peer', 'provider', null]) {
      expect(guarded(relation, { format }).findings).toContainEqual(opened);
      expect(guarded(relation, { format, basePolicies: [{ export: null }] }).findings).toContainEqual(opened);
      expect(guarded(relation, { format, basePolicies: [{ export: 'TO_PEERS' }] })).toMatchObject({ status: 'proven' });
    }
    expect(guarded('customer', { format })).toMatchObject({ status: 'proven', findings: [] });
  });

  it('BIRD: sessions without rules keep their own export filter, unless a function says what is told', () => {
    const options = { format: 'bird' as const };
    const { routers } = guarded('customer', options);
    const names = (texts: typeof routers) => texts.flatMap(({ text }) => text.match(/export_upstream/g) ?? []);
    // What is upstream hands no traffic in, and no plan tells it anything.
    expect(names(routers)).toEqual([]);
    expect(names(policyFor(model, ses, options).routers)).toEqual([]);
    expect(routers[2].text).toContain('import_upstream');
    const called = guarded('customer', { ...options, basePolicies: [{ export: 'TO_PEERS' }] }).routers;
    expect(names(called)).toHaveLength(2);
    for (const { text } of called) {
      for (const [filter] of text.matchAll(/filter export_\w+ \{[^}]*(\{[^}]*\}[^}]*)*\}/g))
        expect(filter).toContain('TO_PEERS()');
    }
  });
});

describe('sessions in the configuration of a router', () => {
  const network = buildModel({
    ...example,
    sessions: [
      { at: 'b3', peerAsn: 64603, peerAddress: '192.0.2.3' },
      { at: 'b4', peerAsn: 64603, peerAddress: '192.0.2.4' },
      { at: 'b1', peerAsn: 64501, peerAddress: '192.0.2.1', neighbor: 'A1' },
      { at: 'b1', peerAsn: 64502, peerAddress: '192.0.2.2', neighbor: 'A2' },
    ],
  });

  it('keep the names of their groups: one group of several neighbors is one group', () => {
    const sessionNames = { '192.0.2.1': 'EBGP-PEERS', '192.0.2.2': 'EBGP-PEERS' };
    const plan = { ...ses, modelHash: network.hash };
    const { status, routers } = policyFor(network, plan, { format: 'junos', sessionNames, ingress: 'advertise' });
    expect(status).toBe('proven');
    const groups = routers.flatMap(({ text }) => [...text.matchAll(/bgp group (\S+) neighbor 192\.0\.2\.[12] /g)]);
    expect(new Set(groups.map(([, group]) => group))).toEqual(new Set(['EBGP-PEERS']));
  });

  it('with one peer address are told apart by no text', () => {
    const twice = buildModel({
      ...example,
      routers: example.routers.map((one: { id: string }) => (one.id === 'b1' ? { id: 'b1' } : one)),
      interfaces: ['x', 'y'].map((id) => ({ id: `b1:${id}`, router: 'b1', ingressCapacity: 50 })),
      neighbors: [
        { id: 'A1', ingress: ['b1:x', 'b2'] },
        { id: 'A2', ingress: ['b1:y', 'b2'] },
      ],
      sessions: [
        { at: 'b1:x', peerAsn: 64501, peerAddress: 'fe80::1', neighbor: 'A1' },
        { at: 'b1:y', peerAsn: 64502, peerAddress: 'fe80::1', neighbor: 'A2' },
      ],
    });
    const assignments = ses.assignments.map((one) => ({ ...one, ingress: 'b2' }));
    expect(() => policyFor(twice, { assignments, modelHash: twice.hash } as Plan)).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', message: expect.stringContaining('A1 and A2') }),
    );
  });
});

/** Kept here so that a format that is added has its case. */
it('every router OS is covered', () => {
  const all: Record<RouterFormat, true> = { frr: true, bird: true, gobgp: true, junos: true, iosxr: true };
  expect(Object.keys(all).sort()).toEqual([...ROUTER_FORMATS].sort());
});
