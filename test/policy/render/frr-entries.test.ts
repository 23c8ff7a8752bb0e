/** Prefix-lists of FRR read byte by byte, and by statements alone. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EgressoError } from '../../../src/errors.ts';
import { frr } from '../../../src/policy/render/frr.ts';
import { PrefixTexts } from '../../../src/policy/render/prefix-texts.ts';
import type { RenderContext } from '../../../src/policy/render/renderer.ts';
import { context, fullPolicy } from './documents.ts';

const known = [
  ...Array.from({ length: 700 }, (_, k) => `10.${k >> 8}.${k & 255}.0/24`),
  ...Array.from({ length: 50 }, (_, k) => `2001:db8:${k + 10}::/48`),
];

/** Lists that are long enough for several looks at a text, and a policy that has everything. */
function document(): string {
  const rule = (prefixes: string[]) => ({ prefixes, action: 'accept' as const, set: { med: 7 }, isOwn: true });
  const { router, sessions } = fullPolicy();
  const [first, ...others] = sessions;
  const long = { ...first, export: [rule(known.slice(0, 700)), rule(known.slice(700)), ...first.export] };
  return frr.render({ router, sessions: [long, ...others] }, context);
}

function readBy(reading: RenderContext, text: string): unknown {
  try {
    return frr.read(text, 'b3', reading);
  } catch (error) {
    expect(error).toBeInstanceOf(EgressoError);
    return (error as EgressoError).errors;
  }
}

it('both ways read the same, or refuse the same line', () => {
  const text = document();
  const lines = text.split('\n');
  const quick = { ...context, prefixTexts: new PrefixTexts([...known, '10.20.30.0/24']) };
  expect(readBy(quick, text)).toEqual(readBy(context, text));
  let readCount = 0;
  const entry = fc.nat({ max: 752 });
  const number = fc.oneof(
    fc.nat({ max: 8000 }),
    fc.constantFrom('010', '4294967296', '1e3', '', '99999999999999999999'),
  );
  const word = fc.oneof(
    fc.constantFrom(
      ' ',
      '\t',
      '\r',
      '  ',
      '\n',
      '!',
      '# x',
      'ıp',
      '１',
      '\u{1F600}',
      '\uD800',
      '/24',
      '10.0.1.0/24',
      'v6',
    ),
    fc.string({ maxLength: 4 }),
  );
  const damage = fc.oneof(
    fc.record({ at: entry, sequence: number }),
    fc.record({ at: entry, offset: fc.nat({ max: 80 }), length: fc.nat({ max: 3 }), word }),
    fc.record({ at: entry, goes: fc.constant(true) }),
  );
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 2 }), (damages) => {
      const other = [...lines];
      for (const one of damages) {
        const line = other[one.at];
        if ('sequence' in one) other[one.at] = line.replace(' permit', ` seq ${one.sequence} permit`);
        else if ('word' in one) {
          other[one.at] = line.slice(0, one.offset) + one.word + line.slice(one.offset + one.length);
        } else other.splice(one.at, 1);
      }
      const read = readBy(quick, other.join('\n'));
      if (!Array.isArray(read)) readCount++;
      expect(read).toEqual(readBy(context, other.join('\n')));
    }),
    { numRuns: 1500 },
  );
  expect(readCount).toBeGreaterThan(100);
});

it('prefixes are found by all of their bytes', () => {
  const texts = new PrefixTexts(known);
  const bytes = new TextEncoder().encode(known.join(' '));
  let at = 0;
  for (const prefix of known) {
    expect(texts.find(bytes, at, at + prefix.length)).toBe(prefix);
    expect(texts.find(bytes, at, at + prefix.length - 1)).toBe(null);
    at += prefix.length + 1;
  }
  expect(new PrefixTexts([]).find(bytes, 0, 3)).toBe(null);
});
