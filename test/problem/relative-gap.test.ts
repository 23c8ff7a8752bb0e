import { describe, expect, it } from 'vitest';
import { refutes, relativeGap } from '../../src/problem/relative-gap.ts';

describe('relativeGap', () => {
  it.each([
    [10, 8, 0.2],
    [10, 10, 0],
    [10, 10.000001, 0],
    [-4, -6, 0.5],
    [0, 0, 0],
    [0, -6, 1],
    [0, -1e-12, 1],
  ])('of %d over %d is %d', (value, bound, gap) => {
    expect(relativeGap(value, bound)).toBeCloseTo(gap, 12);
  });
});

describe('refutes', () => {
  it('asks for more than rounding', () => {
    expect(refutes(9.99, 10)).toBe(true);
    expect(refutes(10 - 1e-9, 10)).toBe(false);
    expect(refutes(-11, -10)).toBe(true);
    expect(refutes(-10 - 1e-9, -10)).toBe(false);
    expect(refutes(-1e-30, 0)).toBe(true);
  });

  it('knows the bounds that are none', () => {
    expect(refutes(5, Number.POSITIVE_INFINITY)).toBe(true);
    expect(refutes(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)).toBe(false);
    expect(refutes(5, Number.NEGATIVE_INFINITY)).toBe(false);
  });
});
