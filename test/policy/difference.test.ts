import { describe, expect, it } from 'vitest';
import { policyDifference, prefixDifference } from '../../src/policy/difference.ts';
import type { PolicyRule, RouterPolicy } from '../../src/policy/document.ts';

const rule = (prefixes: readonly string[], med: number, isOwn = true): PolicyRule => ({
  prefixes: [...prefixes],
  action: 'accept',
  set: { med },
  isOwn,
});

const policies = (...rules: readonly PolicyRule[]): RouterPolicy[] => [
  { router: 'b1', sessions: [{ session: 'A1', import: [], export: [...rules] }] },
];

const many = Array.from({ length: 1000 }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`);

describe('prefixDifference', () => {
  const told = (before: readonly PolicyRule[], after: readonly PolicyRule[]) =>
    prefixDifference(policies(...before), policies(...after)).map(({ change, rule: { set, prefixes } }) => [
      change,
      set.med,
      prefixes,
    ]);

  it('of a list with one prefix more is that prefix', () => {
    expect(told([rule(many, 100)], [rule([...many, '192.0.2.0/24'], 100)])).toEqual([['add', 100, ['192.0.2.0/24']]]);
    expect(told([rule([...many, '192.0.2.0/24'], 100)], [rule(many, 100)])).toEqual([
      ['remove', 100, ['192.0.2.0/24']],
    ]);
  });

  it('of a prefix that goes to another rule is once that it comes and once that it goes', () => {
    const [first, ...others] = many;
    expect(told([rule(many, 100)], [rule(others, 100), rule([first], 200)])).toEqual([
      ['add', 200, [first]],
      ['remove', 100, [first]],
    ]);
  });

  it('of rules that somebody else wrote is whole rules: their order counts', () => {
    const [before, after] = [many, many.slice(1)].map((prefixes) => policies(rule(prefixes, 7, false)));
    expect(prefixDifference(before, after)).toEqual(policyDifference(before, after));
    expect(prefixDifference(before, after)).toHaveLength(2);
  });

  it('of another order is none', () => {
    expect(told([rule(many, 100)], [rule(many.toReversed(), 100)])).toEqual([]);
    expect(policyDifference(policies(rule(many, 100)), policies(rule(many.toReversed(), 100)))).toEqual([]);
    // As often as it is there: twice one is not one and another.
    const twice = [many[0], many[0]];
    expect(policyDifference(policies(rule(twice, 1)), policies(rule(many.slice(0, 2), 1)))).toHaveLength(2);
  });
});
