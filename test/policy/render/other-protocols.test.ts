/** What neighbors are told of routes that are not of BGP: nothing, unless the operator's own policy says so. */
import { describe, expect, it } from 'vitest';
import type { PolicyRule, RouterPolicy } from '../../../src/policy/document.ts';
import type { RenderContext } from '../../../src/policy/render/renderer.ts';
import { rendererFor } from '../../../src/policy/render/renderers.ts';

const contextOf = (name: string | null): RenderContext => ({
  asn: 64500,
  sessions: [{ name: 'A1', peerAddress: '198.51.100.1', peerAsn: 64501, base: { import: name, export: name } }],
});
const rule = (prefix: string, isOwn: boolean, action: 'accept' | 'reject', med?: number): PolicyRule => ({
  prefixes: [prefix],
  action,
  set: med === undefined ? {} : { med },
  isOwn,
});
const policy: RouterPolicy = {
  router: 'b1',
  sessions: [
    {
      session: 'A1',
      import: [rule('10.0.0.0/24', true, 'accept')],
      export: [
        rule('10.0.0.0/24', true, 'accept', 5),
        rule('10.0.1.0/24', true, 'reject'),
        rule('10.0.2.0/24', false, 'accept', 7),
      ],
    },
  ],
};
const refused = expect.objectContaining({
  code: 'POLICY_INVALID',
  message: expect.stringMatching(/not of BGP|other protocols/),
});

describe('BIRD', () => {
  const bird = rendererFor('bird');
  const ofExport = (text: string): string => text.slice(text.indexOf('filter export_A1'));

  it('lets the named function decide, and has its own rules for routes of BGP', () => {
    const [named, alone] = ['TO_PEERS', null].map((name) => bird.render(policy, contextOf(name)));
    expect(ofExport(named).split('\n').slice(0, 5)).toEqual([
      'filter export_A1 {',
      '  if ! TO_PEERS() then reject;',
      expect.stringMatching(
        /^ {2}if source = RTS_BGP && net\.type = NET_IP4 && net ~ EGRESSO_\w+ then \{ bgp_med = 5; accept; \}$/,
      ),
      expect.stringMatching(/^ {2}if source = RTS_BGP && net\.type = NET_IP4 && net ~ EGRESSO_\w+ then \{ reject; \}$/),
      expect.stringMatching(/^ {2}if net\.type = NET_IP4 && net ~ KEPT_\w+ then \{ bgp_med = 7; accept; \}$/),
    ]);
    expect(named.slice(0, named.indexOf('filter export_A1'))).not.toContain('RTS_BGP');
    expect(ofExport(alone)).toMatch(/^filter export_A1 \{\n {2}if source != RTS_BGP then reject;\n/);
    expect(ofExport(alone)).not.toContain('source = RTS_BGP');
    for (const [text, name] of [
      [named, 'TO_PEERS'],
      [alone, null],
    ] as const) {
      expect(bird.read(text, 'b1', contextOf(name))).toEqual(policy);
    }
  });

  it('reads no filter that would tell others', () => {
    const named = bird.render(policy, contextOf('TO_PEERS'));
    expect(() => bird.read(named.replaceAll('source = RTS_BGP && ', ''), 'b1', contextOf('TO_PEERS'))).toThrow(refused);
    expect(() => bird.read(named.replaceAll(/.*TO_PEERS.*\n/g, ''), 'b1', contextOf(null))).toThrow(refused);
    const empty = bird.render({ router: 'b1', sessions: [] }, contextOf(null));
    expect(() => bird.read(empty.replaceAll(/.*RTS_BGP.*\n/g, ''), 'b1', contextOf(null))).toThrow(refused);
  });
});

describe('Junos', () => {
  const junos = rendererFor('junos');
  const ofExport = (text: string): string[] =>
    text.split('\n').filter((line) => /policy-statement EGRESSO-A1-OUT-\w{12} /.test(line));

  it('accepts what the named policy has passed, and has its own terms for routes of BGP', () => {
    const [named, alone] = ['TO_PEERS', null].map((name) => junos.render(policy, contextOf(name)));
    expect(ofExport(named).at(-1)).toMatch(/ term others then accept$/);
    expect(ofExport(alone).at(-1)).toMatch(/ term others then next policy$/);
    for (const text of [named, alone]) {
      const ofBgp = ofExport(text).filter((line) => line.endsWith('from protocol bgp'));
      // What is kept says by itself what it is for.
      expect(ofBgp).toEqual([expect.stringContaining(' term 1 ')]);
    }
    for (const [text, name] of [
      [named, 'TO_PEERS'],
      [alone, null],
    ] as const) {
      expect(junos.read(text, 'b1', contextOf(name))).toEqual(policy);
    }
  });

  it('reads no term of ours that would tell others', () => {
    const named = junos.render(policy, contextOf('TO_PEERS'));
    expect(() => junos.read(named.replaceAll(/.*protocol bgp\n/g, ''), 'b1', contextOf('TO_PEERS'))).toThrow(refused);
    const ungated = named.replaceAll(/.*-BASE.*\n/g, '');
    expect(() => junos.read(ungated, 'b1', contextOf(null))).toThrow(refused);
  });
});
