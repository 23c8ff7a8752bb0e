/** A prefix that changes is a change within lists: entries, not lists and route-maps beside the old ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RouterPolicy } from '../../../src/policy/document.ts';
import { PrefixTexts } from '../../../src/policy/render/prefix-texts.ts';
import { rendererFor } from '../../../src/policy/render/renderers.ts';
import { context, sorted } from './documents.ts';

const MEDS = [100, 200];

/** Prefixes by MED: each has one treatment on one session. */
function policy(...byMed: readonly (readonly string[])[]): RouterPolicy {
  const rules = byMed.flatMap((prefixes, at) =>
    prefixes.length === 0
      ? []
      : [{ prefixes: [...prefixes], action: 'accept' as const, set: { med: MEDS[at] }, isOwn: true }],
  );
  return { router: 'b3', sessions: rules.length === 0 ? [] : [{ session: 'A1', import: [], export: rules }] };
}

const many = Array.from({ length: 1000 }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`);
const [first, second] = [many.slice(0, 600), many.slice(600)];
const from = policy(first, second);
/** As routers are read in fact: what texts name often is known. */
const reading = { ...context, prefixTexts: new PrefixTexts(many) };

describe.each(['frr', 'junos', 'iosxr'] as const)('%s', (format) => {
  const renderer = rendererFor(format);

  /** What the router has after each of the texts. */
  const states = (...texts: readonly string[]): RouterPolicy => {
    const state = renderer.state('b3', reading);
    for (const text of texts) {
      state.take(text);
      state.read();
    }
    return sorted(state.read().policy);
  };

  it('edits lists that stay, and touches neither chains nor sessions', () => {
    const to = policy([...first.slice(1), '192.0.2.0/24'], [first[0], ...second]);
    const change = renderer.change(from, to, context);
    expect(change).not.toMatch(/route-map|route-policy|policy-statement|neighbor/);
    // A set of IOS-XR is given as a whole.
    expect(change.split('\n').length - 1).toBe(format === 'iosxr' ? 2 * 2 + 600 + 401 : 3);
    expect(states(renderer.render(from, context), change)).toEqual(sorted(to));
    const rollback = renderer.change(to, from, context);
    expect(states(renderer.render(from, context), change, rollback)).toEqual(sorted(from));
  });

  it('what router and plan have in other orders is equal', () => {
    const to = policy(first.toReversed(), second);
    expect(renderer.change(from, to, context)).toBe('');
  });

  it('any change of any lists and back does what it says', () => {
    const treatment = fc.constantFrom(0, 1, null);
    const assignments = fc.array(treatment, { minLength: 12, maxLength: 12 });
    const made = (of: readonly (number | null)[]): RouterPolicy =>
      policy(...[0, 1].map((at) => many.filter((_, n) => of[n] === at)));
    fc.assert(
      fc.property(assignments, assignments, (one, other) => {
        const [was, is] = [made(one), made(other)];
        const texts = [
          renderer.render(was, context),
          renderer.change(was, is, context),
          renderer.change(is, was, context),
        ];
        expect(states(...texts.slice(0, 2))).toEqual(sorted(is));
        expect(states(...texts)).toEqual(sorted(was));
      }),
      { numRuns: 300 },
    );
  });
});

describe('frr', () => {
  const renderer = rendererFor('frr');
  const lists = (chain: string) => renderer.render(from, context).match(new RegExp(chain, 'g')) ?? [];

  it('on the way a prefix is treated as before or as it is to be, after every line', () => {
    const to = policy(second, first);
    const lines = renderer.change(from, to, context).split('\n').slice(0, -1);
    expect(lines).toHaveLength(2000);
    const state = renderer.state('b3', reading);
    state.take(renderer.render(from, context));
    for (const [at, line] of lines.entries()) {
      state.take(`${line}\n`);
      if (at % 37 !== 0) continue;
      const [one] = state.read().policy.sessions;
      const treated = new Set(one.export.flatMap(({ prefixes }) => prefixes));
      expect(treated.size).toBe(many.length);
    }
    expect(sorted(state.read().policy)).toEqual(sorted(to));
  });

  it('refuses entries that are there already, or not there', () => {
    const [name] = lists('EGRESSO-[0-9a-f]{12}');
    for (const line of [
      `ip prefix-list ${name} permit ${first[0]}`,
      `no ip prefix-list ${name} permit ${second[0]}`,
      `no ip prefix-list OTHER permit ${first[0]}`,
      `ipv6 prefix-list ${name} permit 2001:db8::/32`,
      `no ipv6 prefix-list ${name} permit ${first[0]}`,
    ]) {
      const state = renderer.state('b3', reading);
      state.take(renderer.render(from, context));
      state.read();
      expect(() => state.take(line), line).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
    }
  });

  it('a list is gone with its last entry, which its route-map may not lose', () => {
    const single = policy([many[0]]);
    const text = renderer.render(single, context);
    const [name] = text.match(/EGRESSO-[0-9a-f]{12}/) ?? [''];
    const state = renderer.state('b3', reading);
    state.take(text);
    state.take(`no ip prefix-list ${name} permit ${many[0]}\n`);
    expect(() => state.read()).toThrow(expect.objectContaining({ message: expect.stringContaining('not defined') }));
  });

  it('what was read stays as it was when the router takes more', () => {
    const state = renderer.state('b3', reading);
    state.take(renderer.render(from, context));
    const { policy: read } = state.read();
    const before = JSON.stringify(read);
    state.take(renderer.change(from, policy(first.slice(5), second), context));
    expect(JSON.stringify(read)).toBe(before);
  });
});
