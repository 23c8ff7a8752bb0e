/** One suite for every router OS: what is rendered reads back as it was, and nothing else is read at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RouterFormat } from '../../../src/model/network-model.ts';
import type { RouterPolicy } from '../../../src/policy/document.ts';
import type { RenderContext, RenderedSession } from '../../../src/policy/render/renderer.ts';
import { ROUTER_FORMATS, rendererFor } from '../../../src/policy/render/renderers.ts';
import { context, earlierPolicy, emptyPolicy, fullPolicy, policyArbitrary, sorted } from './documents.ts';

describe.each(ROUTER_FORMATS)('%s', (format) => {
  const renderer = rendererFor(format);
  const withOrigin = format !== 'gobgp';
  const full = fullPolicy(withOrigin);
  /** Entries that are edited in place come behind those that are there. */
  const inOrder = (policy: RouterPolicy): RouterPolicy =>
    format === 'frr' || format === 'junos' ? sorted(policy) : policy;
  const golden = (what: string) => `../../fixtures/policy/${format}-${what}.txt`;

  it('renders as the golden text', async () => {
    await expect(renderer.render(full, context)).toMatchFileSnapshot(golden('text'));
    await expect(renderer.change(earlierPolicy(), full, context)).toMatchFileSnapshot(golden('change'));
    await expect(renderer.change(full, earlierPolicy(), context)).toMatchFileSnapshot(golden('rollback'));
  });

  it('reads its own text', () => {
    for (const policy of [full, earlierPolicy(), emptyPolicy]) {
      expect(renderer.read(renderer.render(policy, context), policy.router, context)).toEqual(policy);
    }
  });

  it('reads every policy as what it was', () => {
    fc.assert(
      fc.property(policyArbitrary(withOrigin), (policy) => {
        expect(renderer.read(renderer.render(policy, context), policy.router, context)).toEqual(policy);
      }),
      { numRuns: 300 },
    );
  });

  it('has nothing to do between equal policies', () => {
    expect(renderer.change(full, full, context)).toBe('');
    expect(renderer.change(emptyPolicy, emptyPolicy, context)).toBe('');
  });

  it('says what it cannot do', () => {
    const refusals = fullPolicy().sessions.flatMap((one) =>
      one.import.map((rule) => renderer.refuses(rule, context.sessions[1], context)),
    );
    expect(refusals.some((reason) => reason !== null)).toBe(!withOrigin);
    const unaddressed = renderer.refuses(full.sessions[0].export[0], context.sessions[3], context);
    expect(unaddressed !== null).toBe(format === 'gobgp');
    const unnumbered = renderer.refuses(full.sessions[0].export[0], context.sessions[0], { ...context, asn: null });
    expect(unnumbered !== null).toBe(format === 'iosxr');
  });

  it('a text with a line missing is read as something else, or not at all', () => {
    const lines = renderer.render(full, context).split('\n').slice(0, -1);
    const same = lines.filter((_, at) => {
      const text = lines.toSpliced(at, 1).join('\n');
      try {
        expect(renderer.read(text, 'b3', context)).not.toEqual(full);
        return false;
      } catch (error) {
        expect(error).toSatisfy(isRefusalOrDifference);
        return !('code' in (error as object));
      }
    });
    // What only closes or opens a block may be left out, and what the router OS does anyway.
    for (const line of same) expect(line).toMatch(REDUNDANT);
  });

  it('a text with any line more is refused', () => {
    const text = renderer.render(full, context);
    const lines = [
      'permit everything',
      'ip prefix-list X seq 5 permit 0.0.0.0/0 le 32',
      'route-map X permit 10',
      'if true then accept;',
      '[x]',
      'set x',
    ];
    for (const line of lines) {
      expect(() => renderer.read(`${text}${line}\n`, 'b3', context), line).toThrow(
        expect.objectContaining({
          code: 'POLICY_INVALID',
          errors: [{ pointer: expect.stringMatching(/^\/line\/\d+$/), message: expect.any(String) }],
        }),
      );
    }
  });

  it('takes a change behind what it changes', () => {
    fc.assert(
      fc.property(
        policyArbitrary(withOrigin),
        policyArbitrary(withOrigin),
        fc.constantFrom(...BASES),
        (from, to, base) => {
          const called = withBase(format === 'gobgp' ? {} : base);
          const state = renderer.state('b3', called);
          for (const [text, meant] of [
            [renderer.render(from, called), from],
            [renderer.change(from, to, called), to],
            [renderer.change(to, from, called), from],
          ] as const) {
            state.take(text);
            expect(inOrder(state.read().policy)).toEqual(inOrder(meant));
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('a change with a line missing leads elsewhere, or nowhere', () => {
    const called = withBase(format === 'gobgp' ? {} : BASES[0]);
    const from = earlierPolicy();
    const lines = renderer.change(from, full, called).split('\n').slice(0, -1);
    const same = lines.filter((_, at) => {
      const state = renderer.state('b3', called);
      state.take(renderer.render(from, called));
      try {
        state.take(`${lines.toSpliced(at, 1).join('\n')}\n`);
        const { policy, uncalled } = state.read();
        return JSON.stringify(inOrder(policy)) === JSON.stringify(inOrder(full)) && uncalled.length === 0;
      } catch (error) {
        expect(error).toMatchObject({ code: 'POLICY_INVALID' });
        return false;
      }
    });
    const isPlain = (line: string): boolean =>
      // A list that is written anew has nothing to lose.
      REDUNDANT.test(line) ||
      /^delete protocols bgp group U6 neighbor \S+ import$|^delete .* upstream import$/.test(line);
    expect(same.filter((line) => !isPlain(line) && format !== 'gobgp')).toEqual([]);
  });

  it('refuses sessions that the router does not have', () => {
    const text = renderer.render(full, context);
    const fewer = { ...context, sessions: context.sessions.slice(1) };
    expect(() => renderer.read(text, 'b3', fewer)).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
  });
});

const REDUNDANT = /^\s*(exit(-address-family)?|router bgp 64500|root|\[.*bgp-actions\]|name = "[A-Z0-9_a-z]+_\d+")$/;

const BASES = [{ import: 'FROM_PEERS', export: 'TO_PEERS' }, { import: null, export: 'TO_PEERS' }, {}];

function withBase(base: RenderedSession['base']): RenderContext {
  return { ...context, sessions: context.sessions.map((one) => ({ ...one, ...(base && { base }) })) };
}

/** Texts that do something else than they seem to, each with the word that tells why. */
const TREACHEROUS: readonly (readonly [RouterFormat, string, string, string])[] = [
  [
    'frr',
    ' match ip address prefix-list EGRESSO-P\n',
    ' match ip address prefix-list EGRESSO-P\n match ipv6 address prefix-list EGRESSO-P\n',
    'second',
  ],
  ['frr', ' match ip address', ' match ipv6 address', 'family'],
  [
    'frr',
    ' set community 64500:1 additive\n',
    ' set community 64500:1 additive\n set community 64500:2 additive\n',
    'twice',
  ],
  ['frr', ' set community 64500:1 additive\n', ' set community 64500:1\n', 'replace'],
  ['frr', ' set as-path prepend 64500\n', ` set as-path prepend${' 64500'.repeat(17)}\n`, '1 to 16'],
  ['frr', 'ip prefix-list EGRESSO-P permit 10.0.0.0/24', 'ipv6 prefix-list EGRESSO-P permit 10.0.0.0/24', 'families'],
  [
    'frr',
    'route-map EGRESSO-U3-IN permit 10\n',
    'ip prefix-list L permit 192.0.2.0/24\nno ipv6 prefix-list L permit 192.0.2.0/24\nroute-map EGRESSO-U3-IN permit 10\n',
    'does not have',
  ],
  [
    'frr',
    'route-map EGRESSO-U3-IN permit 10\n',
    'ip prefix-list L permit 192.0.2.0/24\nno ipv6 prefix-list L\nroute-map EGRESSO-U3-IN permit 10\n',
    'not defined',
  ],
  [
    'frr',
    'route-map EGRESSO-U3-IN permit 10\n',
    'route-map EGRESSO-U3-IN permit 5\n call ELSEWHERE\n on-match next\nexit\nroute-map EGRESSO-U3-IN permit 10\n',
    'ELSEWHERE',
  ],
  ['frr', ' set metric 5\n', ' set metric 5\n call ELSEWHERE\n', 'call'],
  ['frr', ' set metric 5\n', ' set metric 5\n on-match next\n', 'without a call'],
  ['bird', '  10.0.0.0/24,\n', '  10.0.0.0/24\n', 'comma'],
  ['bird', '  10.0.1.0/24\n', '  10.0.1.0/24,\n', 'comma'],
  ['bird', 'NET_IP4', 'NET_IP6', 'family'],
  ['bird', 'bgp_med = 5;', 'bgp_med = 5; bgp_med = 6;', 'twice'],
  ['bird', 'bgp_path.prepend(64500);', Array(17).fill('bgp_path.prepend(64500);').join(' '), '1 to 16'],
  ['bird', '  accept;\n}', '  if ! ELSEWHERE() then reject;\n  accept;\n}', 'ELSEWHERE'],
  ['gobgp', '["198.51.100.3"]', '["198.51.100.3", "198.51.100.9"]', 'several'],
  ['gobgp', 'masklength-range = "24..24"', 'masklength-range = "24..32"', 'more than'],
  ['gobgp', 'default-import-policy = "accept-route"\n', '', 'left to the daemon'],
  ['gobgp', 'repeat-n = 1', 'repeat-n = 17', '1 to 16'],
  [
    'junos',
    'from prefix-list EGRESSO-P\n',
    'from prefix-list EGRESSO-P\nset policy-options policy-statement EGRESSO-U3-IN term 1 from prefix-list EGRESSO-P\n',
    'second',
  ],
  ['junos', 'term 1 then accept', 'term 1 then next policy', 'other policies'],
  ['junos', 'group U3 neighbor', 'group U4 neighbor', 'not of group'],
  ['junos', 'as-path-prepend "64500"', `as-path-prepend "${'64500 '.repeat(17).trim()}"`, '1 to 16'],
  ['junos', 'members 64500:1', 'members 64500:1:1', 'community of 2'],
  [
    'junos',
    ' import EGRESSO-U3-IN\n',
    ' import EGRESSO-U3-IN\nset protocols bgp group U3 neighbor 198.51.100.3 import ELSEWHERE\n',
    'already',
  ],
  [
    'iosxr',
    '  else\n    pass\n  endif\n',
    '  endif\n  if destination in EGRESSO_P then\n    drop\n  else\n    pass\n  endif\n',
    'never reached',
  ],
  ['iosxr', '  10.0.0.0/24,\n', '  10.0.0.0/24\n', 'comma'],
  ['iosxr', 'prepend as-path 64500 1', 'prepend as-path 64500 17', '1 to 16'],
  ['iosxr', 'set med 5', 'set med 5\n    set med 6', 'twice'],
  ['iosxr', 'router bgp 64500\n', 'router bgp 64500\nno route-policy EGRESSO_U3_IN\n', 'not removed here'],
];

describe('texts that seem to say something else', () => {
  const policy = {
    router: 'b3',
    sessions: [
      {
        session: 'U3',
        import: [
          {
            prefixes: ['10.0.0.0/24', '10.0.1.0/24'],
            action: 'accept' as const,
            set: { med: 5, prepend: { asn: 64500, count: 1 }, communities: ['64500:1'] },
            isOwn: true,
          },
        ],
        export: [],
      },
    ],
  };
  /** With names that can be written down. */
  const plain = (format: RouterFormat): string =>
    rendererFor(format)
      .render(policy, context)
      .replaceAll(/(EGRESSO[-_]U3[-_]IN)[-_]\w{12}/g, '$1')
      .replaceAll(/EGRESSO([-_])[0-9a-f]{12}/g, 'EGRESSO$1P');

  it.each(TREACHEROUS)('%s: %j as %j is refused', (format, from, to, why) => {
    const text = plain(format);
    expect(rendererFor(format).read(text, 'b3', context)).toEqual(policy);
    expect(text).toContain(from);
    expect(() => rendererFor(format).read(text.replace(from, to), 'b3', context)).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', message: expect.stringContaining(why) }),
    );
  });
});

function isRefusalOrDifference(error: unknown): boolean {
  return (
    error instanceof Error && (('code' in error && error.code === 'POLICY_INVALID') || error.name === 'AssertionError')
  );
}
