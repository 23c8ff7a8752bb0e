import { describe, expect, it } from 'vitest';
import { fits, largestLoad, loadLimit, overloadOf } from '../../src/problem/capacity.ts';

describe('capacity', () => {
  it.each([1e-9, 1, 1e9])('holds an exact fit and a load within 1e-9, at scale %d', (scale) => {
    expect(fits(scale, scale)).toBe(true);
    expect(fits(scale * (1 + 0.9e-9), scale)).toBe(true);
    expect(fits(scale * (1 + 1.1e-9), scale)).toBe(false);
    expect(fits(largestLoad(scale), scale)).toBe(true);
  });

  it('keeps an optimizer half of the tolerance below what passes', () => {
    expect(loadLimit(8)).toBeGreaterThan(8);
    expect(loadLimit(8)).toBeLessThan(largestLoad(8));
  });

  it('counts overload from the capacity itself, and none within the tolerance', () => {
    expect(overloadOf(7, 5)).toBe(2);
    expect(overloadOf(5 * (1 + 0.5e-9), 5)).toBe(0);
    expect(overloadOf(0, 0)).toBe(0);
    expect(overloadOf(3, 0)).toBe(3);
  });

  it('never overloads what is unlimited', () => {
    expect(fits(1e300, Number.POSITIVE_INFINITY)).toBe(true);
    expect(overloadOf(1e300, Number.POSITIVE_INFINITY)).toBe(0);
  });
});
