/** The operator's own policy: called by texts, attached again, and named when texts of a plan are there already. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { ROUTER_FORMATS } from '../../src/policy/render/renderers.ts';
import { solve } from '../../src/solve.ts';

const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));
const model = buildModel(example);
/** GoBGP needs addresses, and the example has none. */
const FORMATS = ROUTER_FORMATS.filter((format) => format !== 'gobgp');
let ses: Plan;

beforeAll(async () => {
  ses = await solve(example, { variant: 'ses' });
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

  /** Policies of a session in Junos, as `set` puts one behind the others and `delete` takes one, or all, away. */
  const listed = (start: readonly string[], ...texts: readonly string[]): string[] => {
    let names = [...start];
    for (const [, verb, name] of texts.join('').matchAll(/^(set|delete) protocols .* import(?: (\S+))?$/gm)) {
      names = names.filter((one) => name !== undefined && one !== name);
      if (verb === 'set') names.push(name);
    }
    return names;
  };

  it('Junos: named later, the rollback puts ours behind them again', () => {
    const first = policyFor(model, ses, { format: 'junos' });
    const existingTexts = first.routers.map(({ router, text }) => ({ router, format: 'junos' as const, text }));
    const { change, rollback } = policyFor(model, ses, { format: 'junos', basePolicies, existingTexts }).routers[2];
    const before = listed(['FROM_UPSTREAM'], existingTexts[2].text);
    expect(before).toEqual(['FROM_UPSTREAM', expect.stringMatching(/^EGRESSO-upstream-IN-\w+$/)]);
    const after = listed(before, change);
    expect(after).toEqual([`${after[1]}-BASE`, expect.stringMatching(/^EGRESSO-upstream-IN-\w+$/)]);
    expect(listed(after, rollback)).toEqual(before);
  });

  describe.each(['frr', 'iosxr'] as const)(
    '%s: named where a session has the chain that takes every route',
    (format) => {
      const passing = (session: string): string =>
        format === 'frr'
          ? `route-map EGRESSO-PASS permit 65535\nexit\nrouter bgp 64500\n address-family ipv4 unicast\n  neighbor ${session} route-map EGRESSO-PASS in\n exit-address-family\nexit\n`
          : `route-policy EGRESSO_PASS\n  pass\nend-policy\nrouter bgp 64500\n neighbor-group ${session}\n  address-family ipv4 unicast\n   route-policy EGRESSO_PASS in\n`;
      const policiesOf = (session: string, text: string): string[] => {
        const pattern =
          format === 'frr'
            ? new RegExp(`^ *((?:no )?neighbor ${session} route-map .*) in$`, 'gm')
            : new RegExp(
                `neighbor-group ${session}\n(?: +address-family .*\n| +route-policy .* out\n)* +(.*) in$`,
                'gm',
              );
        return [...text.matchAll(pattern)].map(([, line]) => line);
      };

      it.each([
        ['b3', 'upstream', expect.stringMatching(/EGRESSO[-_]upstream[-_]IN/)],
        ['b1', 'A1', expect.stringContaining(' FROM_UPSTREAM')],
      ])('%s, %s: the change has them called, the rollback leads back', (router, session, called) => {
        const existingTexts = [{ router, format, text: passing(session) }];
        const options = { format, basePolicies, ingress: 'advertise', existingTexts } as const;
        const result = policyFor(model, ses, options);
        expect(result).toMatchObject({ status: 'proven', findings: [] });
        const { change, rollback } = result.routers.find((one) => one.router === router) ?? result.routers[0];
        expect(policiesOf(session, change)).toEqual([called]);
        expect(policiesOf(session, rollback)).toEqual([
          expect.stringMatching(/^(neighbor \S+ )?route-(map|policy) EGRESSO[-_]PASS$/),
        ]);
        expect(() => policyFor(model, ses, { ...options, steps: true })).toThrow(/does not call/);
        const moved = [
          {
            router,
            format,
            text: existingTexts[0].text.replaceAll(
              /(?<=(route-map|route-policy) )EGRESSO.PASS(?= in)/g,
              'FROM_UPSTREAM',
            ),
          },
        ];
        expect(policyFor(model, ses, { ...options, existingTexts: moved, steps: true }).status).toBe('proven');
      });
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
});
