/** One suite for every router OS: what is rendered reads back as it was, and nothing else is read at all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROUTER_FORMATS, rendererFor } from '../../../src/policy/render/renderers.ts';
import { context, earlierPolicy, emptyPolicy, fullPolicy, policyArbitrary } from './documents.ts';

describe.each(ROUTER_FORMATS)('%s', (format) => {
  const renderer = rendererFor(format);
  const withOrigin = format !== 'gobgp';
  const full = fullPolicy(withOrigin);
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

  it('refuses sessions that the router does not have', () => {
    const text = renderer.render(full, context);
    const fewer = { ...context, sessions: context.sessions.slice(1) };
    expect(() => renderer.read(text, 'b3', fewer)).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
  });
});

const REDUNDANT =
  /^\s*(exit(-address-family)?|endif|router bgp 64500|masklength-range .*|default-(im|ex)port-policy .*|\[.*bgp-actions\]|name = .*)$/;

function isRefusalOrDifference(error: unknown): boolean {
  return (
    error instanceof Error && (('code' in error && error.code === 'POLICY_INVALID') || error.name === 'AssertionError')
  );
}
