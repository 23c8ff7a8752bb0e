/** Subsets of a given sum: all of them, each once, the preferred first. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubsetSums } from '../../../src/optimizer/packing/subset-sums.ts';

const weights = fc.array(fc.integer({ min: 0, max: 70 }), { maxLength: 9 });

function subsets(values: readonly number[], sum: number): string[] {
  return Array.from({ length: 2 ** values.length }, (_, mask) => values.map((_, at) => (mask >> at) & 1))
    .filter((taken) => taken.reduce((total, one, at) => total + one * values[at], 0) === sum)
    .map((taken) => taken.join(''));
}

function shown(sums: SubsetSums, sum: number, prefers: readonly number[]): string[] {
  const seen: string[] = [];
  sums.forEach(sum, Uint8Array.from(prefers), (isTaken) => {
    seen.push(isTaken.join(''));
    return false;
  });
  return seen;
}

describe('SubsetSums', () => {
  it('shows every subset of the sum once', () => {
    fc.assert(
      fc.property(weights, fc.nat(300), fc.nat(511), (values, sum, mask) => {
        const sums = new SubsetSums(Int32Array.from(values), 300);
        const prefers = values.map((_, at) => (mask >> at) & 1);
        const expected = subsets(values, sum);
        expect(sums.has(sum)).toBe(expected.length > 0);
        expect(shown(sums, sum, prefers).sort()).toEqual(expected.sort());
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('begins with what is preferred', () => {
    fc.assert(
      fc.property(weights, fc.nat(511), (values, mask) => {
        const prefers = values.map((_, at) => (mask >> at) & 1);
        const sum = values.reduce((total, value, at) => total + prefers[at] * value, 0);
        const sums = new SubsetSums(Int32Array.from(values), sum);
        expect(shown(sums, sum, prefers)[0]).toBe(prefers.join(''));
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('has nothing below 0 or beyond its limit', () => {
    const sums = new SubsetSums(Int32Array.of(3, 5), 7);
    expect([-1, 8, 64].map((sum) => sums.has(sum))).toEqual([false, false, false]);
    expect(shown(sums, 8, [1, 1])).toEqual([]);
  });

  it('ends where the visitor says so', () => {
    const sums = new SubsetSums(new Int32Array(20).fill(1), 20);
    let seen = 0;
    expect(sums.forEach(10, new Uint8Array(20), () => ++seen === 3)).toBe(true);
    expect(seen).toBe(3);
  });
});
