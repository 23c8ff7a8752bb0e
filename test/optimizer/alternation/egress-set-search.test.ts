/** The cheapest egress set under prices against every set there is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { PrefixOracle } from '../../../src/optimizer/lagrangian/prefix-oracle.ts';
import { buildProblem, isAllowed, type Problem, unitCost } from '../../../src/problem/problem.ts';
import { bestSet, bestSingle } from '../../oracle/egress-set-search.ts';
import { PricedPrefix } from '../../oracle/priced-prefix.ts';
import { randomPayload } from '../../oracle/random-model.ts';

interface Priced {
  readonly prices: Float64Array;
  readonly costWeight: 0 | 1;
}

/** Cost of a pair by ingress and slot under prices; Infinity where it may not. */
function pairValue(
  problem: Problem,
  pair: number,
  ingress: number,
  slot: number,
  { prices, costWeight }: Priced,
): number {
  if (!isAllowed(problem, pair, ingress, slot)) return Infinity;
  const price = prices[ingress] + prices[problem.pointCount + problem.egressPoint[slot]];
  return problem.pairVolume[pair] * (costWeight * unitCost(problem, pair, ingress, slot) + price);
}

/** The slot of the set that is closest to the ingress. */
function nearest(problem: Problem, ingress: number, set: readonly number[]): number {
  const rank = (slot: number) => problem.rank[ingress * problem.pointCount + problem.egressPoint[slot]];
  return set.reduce((a, b) => (rank(b) < rank(a) ? b : a));
}

/** Value of an egress set for a prefix: each pair by its cheapest ingress and the nearest egress there. */
function valueOfSet(problem: Problem, prefix: number, set: readonly number[], priced: Priced): number {
  let total = 0;
  for (let pair = problem.pairStart[prefix]; pair < problem.pairStart[prefix + 1]; pair++) {
    const h = problem.pairNeighbor[pair];
    const ingresses = [...problem.ingressPoint.subarray(problem.ingressStart[h], problem.ingressStart[h + 1])];
    total += Math.min(...ingresses.map((i) => pairValue(problem, pair, i, nearest(problem, i, set), priced)));
  }
  return total;
}

function setsOf(problem: Problem, prefix: number): number[][] {
  const [first, end] = [problem.egressStart[prefix], problem.egressStart[prefix + 1]];
  const sets: number[][] = [];
  for (let mask = 1; mask < 2 ** (end - first); mask++) {
    const set = Array.from({ length: end - first }, (_, at) => first + at).filter(
      (slot) => mask & (1 << (slot - first)),
    );
    const routers = set.map((slot) => problem.routerOf[problem.egressPoint[slot]]);
    if (new Set(routers).size === set.length) sets.push(set);
  }
  return sets;
}

const drawn = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  prices: fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 60, noNaN: true })), {
    minLength: 14,
    maxLength: 14,
  }),
  costWeight: fc.constantFrom<0 | 1>(0, 1),
});

function setUp({ seed, prices, costWeight }: { seed: number; prices: number[]; costWeight: 0 | 1 }) {
  const payload = randomPayload(seed, { points: 7, neighbors: 4, prefixes: 2, pairs: 8 });
  const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 4 });
  return { problem, priced: { prices: Float64Array.from(prices.slice(0, 2 * problem.pointCount)), costWeight } };
}

describe('the search for the cheapest egress set', () => {
  it('finds the best of all sets, routers with two points and ineligible nearest egresses included', () => {
    let larger = 0;
    fc.assert(
      fc.property(drawn, (draw) => {
        const { problem, priced } = setUp(draw);
        const scratch = new PricedPrefix(problem, null);
        for (let k = 0; k < problem.prefixCount; k++) {
          if (problem.pairStart[k] === problem.pairStart[k + 1]) continue;
          scratch.load(k, { ...priced, room: null });
          const found = bestSet(problem, k, scratch, 1000);
          const best = Math.min(...setsOf(problem, k).map((set) => valueOfSet(problem, k, set, priced)));
          if (best === Infinity) {
            expect(found.value).toBe(Infinity);
            expect(found.ingress).toHaveLength(0);
            continue;
          }
          expect(found.value).toBeCloseTo(best, 9);
          expect(found.bound).toBe(found.value);
          // The choice that comes with the value is worth it, and obeys the rules of a set.
          const used = [...new Set(found.slot)].map((s) => problem.egressStart[k] + s);
          if (used.length > 1) larger++;
          let total = 0;
          found.slot.forEach((s, at) => {
            const slot = problem.egressStart[k] + s;
            expect(nearest(problem, found.ingress[at], used)).toBe(slot);
            total += pairValue(problem, problem.pairStart[k] + at, found.ingress[at], slot, priced);
          });
          expect(total).toBeCloseTo(best, 9);
        }
      }),
      { seed: 12, numRuns: 500 },
    );
    expect(larger).toBeGreaterThan(25);
  });

  it('finds the best single egress', () => {
    fc.assert(
      fc.property(drawn, (draw) => {
        const { problem, priced } = setUp(draw);
        const scratch = new PricedPrefix(problem, null);
        for (let k = 0; k < problem.prefixCount; k++) {
          if (problem.pairStart[k] === problem.pairStart[k + 1]) continue;
          scratch.load(k, { ...priced, room: null });
          const singles = setsOf(problem, k).filter((set) => set.length === 1);
          const best = Math.min(...singles.map((set) => valueOfSet(problem, k, set, priced)));
          const { value } = bestSingle(problem, k, scratch, null);
          if (best === Infinity) expect(value).toBe(Infinity);
          else expect(value).toBeCloseTo(best, 9);
        }
      }),
      { seed: 13, numRuns: 300 },
    );
  });
});

describe('PrefixOracle', () => {
  it.each(['ses', 'mes'] as const)(
    '%s: prices all prefixes as brute force does, with columns that are worth it',
    (variant) => {
      fc.assert(
        fc.property(drawn, (draw) => {
          const { problem, priced } = setUp(draw);
          const oracle = new PrefixOracle(problem, { variant, fixedIngress: null, prune: false });
          const values: number[] = [];
          const total = oracle.price(priced.prices, priced.costWeight, (value, column) => {
            values.push(value);
            if (value === Infinity) return;
            let worth = priced.costWeight * column.cost;
            for (let at = 0; at < column.resources.length; at++)
              worth += priced.prices[column.resources[at]] * column.amounts[at];
            expect(worth).toBeCloseTo(value, 9);
          });
          expect(values).toHaveLength(oracle.blockCount);
          const expected = [...oracle.prefixOf].map((k) => {
            const sets = setsOf(problem, k).filter((set) => variant === 'mes' || set.length === 1);
            return Math.min(...sets.map((set) => valueOfSet(problem, k, set, priced)));
          });
          values.forEach((value, block) => {
            if (expected[block] === Infinity) expect(value).toBe(Infinity);
            else expect(value).toBeCloseTo(expected[block], 9);
          });
          if (Number.isFinite(total))
            expect(total).toBeCloseTo(
              expected.reduce((sum, one) => sum + one, 0),
              8,
            );
        }),
        { seed: 14, numRuns: 200 },
      );
    },
  );

  it('keeps the ingress that is fixed and charges nothing for it', () => {
    fc.assert(
      fc.property(drawn, (draw) => {
        const { problem, priced } = setUp(draw);
        const ingress = problem.pairNeighbor.map((h) => problem.ingressPoint[problem.ingressStart[h]]);
        const oracle = new PrefixOracle(problem, { variant: 'mes', fixedIngress: ingress, prune: false });
        expect([...oracle.capacity().subarray(0, problem.pointCount)]).toEqual(
          Array(problem.pointCount).fill(Infinity),
        );
        const free = priced.prices.slice().fill(0, 0, problem.pointCount);
        const found = oracle.cheapest(priced.prices, priced.costWeight).value.slice();
        for (const k of oracle.prefixOf) {
          const pairs = Array.from(
            { length: problem.pairStart[k + 1] - problem.pairStart[k] },
            (_, at) => problem.pairStart[k] + at,
          );
          const worth = (set: number[]) =>
            pairs.reduce(
              (sum, pair) =>
                sum +
                pairValue(problem, pair, ingress[pair], nearest(problem, ingress[pair], set), {
                  ...priced,
                  prices: free,
                }),
              0,
            );
          const best = Math.min(...setsOf(problem, k).map(worth));
          const value = found[k];
          if (best === Infinity) expect(value).toBe(Infinity);
          else expect(value).toBeCloseTo(best, 9);
        }
      }),
      { seed: 15, numRuns: 200 },
    );
  });
});
