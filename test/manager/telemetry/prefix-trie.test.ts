import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressWords } from '../../../src/manager/telemetry/ip-words.ts';
import { PrefixIndex } from '../../../src/manager/telemetry/prefix-index.ts';
import { PrefixTrie } from '../../../src/manager/telemetry/prefix-trie.ts';

type Width = 1 | 4;
const bits = (words: Uint32Array): string => [...words].map((word) => word.toString(2).padStart(32, '0')).join('');

const words = (width: Width) =>
  // Few distinct leading bits, so that prefixes nest.
  fc.array(fc.oneof(fc.constantFrom(0, 1, 0xffffffff, 0x80000000), fc.nat(0xffffffff)), {
    minLength: width,
    maxLength: width,
  });

const entries = (width: Width) =>
  fc.array(fc.tuple(words(width), fc.integer({ min: 0, max: 32 * width }), fc.boolean()), { maxLength: 60 });

describe.each([1, 4] as const)('PrefixTrie of %d words', (width) => {
  it('finds what a search of all prefixes finds, after inserts and deletes in any order', () => {
    fc.assert(
      fc.property(entries(width), fc.array(words(width), { maxLength: 20 }), (operations, addresses) => {
        const trie = new PrefixTrie(width);
        const reference = new Map<string, number>();
        operations.forEach(([key, length, isDelete], value) => {
          const prefix = bits(Uint32Array.from(key)).slice(0, length);
          const padded = prefix.padEnd(32 * width, '0');
          const clean = Uint32Array.from({ length: width }, (_, w) =>
            Number.parseInt(padded.slice(32 * w, 32 * w + 32), 2),
          );
          if (isDelete) {
            reference.delete(prefix);
            trie.delete(clean, length);
          } else {
            reference.set(prefix, value);
            trie.set(clean, length, value);
          }
          expect(trie.get(clean, length)).toBe(reference.get(prefix) ?? -1);
        });
        for (const address of [...addresses, ...operations.map(([key]) => key)]) {
          const text = bits(Uint32Array.from(address));
          const holding = [...reference].filter(([prefix]) => text.startsWith(prefix));
          const longest = holding.sort(([a], [b]) => b.length - a.length)[0]?.[1] ?? -1;
          expect(trie.match(Uint32Array.from(address))).toBe(longest);
          expect(trie.covers(Uint32Array.from(address), 32 * width)).toBe(holding.length > 0);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('PrefixIndex', () => {
  it('keeps families apart and texts canonical', () => {
    const index = new PrefixIndex();
    expect(index.add('10.0.0.0/8')).toBe(0);
    expect(index.add('2001:0db8:0::/32')).toBe(1);
    expect(index.add('10.1.0.0/16')).toBe(2);
    expect(index.add('10.0.0.0/8')).toBe(0);
    expect(index.add('10.0.0.1/8')).toBe(-1);
    expect([index.match('10.1.2.3'), index.match('10.2.0.1'), index.match('11.0.0.1')]).toEqual([2, 0, -1]);
    expect([index.match('2001:db8::1'), index.match('::1'), index.match('nonsense')]).toEqual([1, -1, -1]);
    expect([index.text(1), index.find('2001:db8::/32'), index.count]).toEqual(['2001:db8::/32', 1, 3]);
  });
});

it.each([
  ['192.0.2.1', [0xc0000201]],
  ['2001:db8::ffff', [0x20010db8, 0, 0, 0xffff]],
  ['::ffff:192.0.2.1', [0, 0, 0xffff, 0xc0000201]],
  ['192.0.2', null],
  ['fe80::1%eth0', null],
])('words of %s', (text, expected) => {
  const found = addressWords(text);
  expect(found === null ? null : [...found]).toEqual(expected);
});
