import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompensatedSum } from '../../src/problem/sum.ts';

function sumOf(terms: readonly number[]): number {
  const sum = new CompensatedSum();
  for (const term of terms) sum.add(term);
  return sum.value;
}

describe('CompensatedSum', () => {
  it('is 0 of nothing', () => {
    expect(sumOf([])).toBe(0);
  });

  it('keeps what a plain sum loses', () => {
    expect(sumOf([1, 1e100, 1, -1e100])).toBe(2);
    expect(sumOf(Array.from({ length: 1_000_000 }, () => 0.1))).toBe(100_000);
  });

  it('does not depend on the order beyond the last digit', () => {
    const terms = fc.array(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(terms, (list) => {
        const forward = sumOf(list);
        const backward = sumOf(list.toReversed());
        expect(Math.abs(forward - backward)).toBeLessThanOrEqual(2 * Number.EPSILON * forward);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});
