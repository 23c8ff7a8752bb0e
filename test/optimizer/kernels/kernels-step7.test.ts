import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeEgress, moveValues, step7 } from '../../../src/optimizer/kernels/kernels.ts';
import type { Step7Instance } from '../../../src/optimizer/kernels/step7-instance.ts';
import { literalComputeEgress } from '../../oracle/compute-egress.ts';
import { initialState, literalMoveValues, literalStep7, moved, overloads, pairCost } from '../../oracle/step7.ts';
import { type Step7Case, step7Case } from './step7-arbitrary.ts';

const SCALES = [
  [1, 1],
  [1e-9, 1e9],
  [1e9, 1e-9],
] as const;

describe('computeEgress', () => {
  it('takes the closest open egress', () => {
    fc.assert(
      fc.property(step7Case(1, 1), ({ instance, open }) => {
        const egress = new Int32Array(instance.pairCount);
        computeEgress(instance, open, egress);
        expect(egress).toEqual(literalComputeEgress(instance, open));
      }),
      { numRuns: 2000, seed: 3 },
    );
  });
});

describe('moveValues', () => {
  for (const [scale, costScale] of SCALES) {
    it(`values every move as compute_egress over everything does, volumes at ${scale}`, () => {
      let count = 0;
      fc.assert(
        fc.property(step7Case(scale, costScale), ({ instance, open }) => {
          const values = moveValues(instance, open);
          const expected = literalMoveValues(instance, initialState(instance, open));
          expect(values).toEqual(expected);
          for (const [v, { costDelta, overloadDelta }] of expected.entries()) {
            expect(Object.is(values[v].costDelta, costDelta)).toBe(true);
            expect(Object.is(values[v].overloadDelta, overloadDelta)).toBe(true);
          }
          count += values.length;
        }),
        { numRuns: 2000, seed: 4 },
      );
      expect(count).toBeGreaterThan(1000);
    });
  }

  it('is the difference of the full sums, where sums are exact', () => {
    fc.assert(
      fc.property(step7Case(1, 1, { onlyIntegers: true }), ({ instance, open }) => {
        const state = initialState(instance, open);
        const cost = (egress: Int32Array) => egress.reduce((sum, slot, p) => sum + pairCost(instance, p, slot), 0);
        const overload = (load: Float64Array) => overloads(instance, load).reduce((sum, value) => sum + value, 0);
        for (const { slot, costDelta, overloadDelta } of moveValues(instance, open)) {
          const next = moved(instance, state, slot).state;
          const fresh = initialState(instance, next.open);
          expect(overloadDelta).toBe(overload(state.load) - overload(fresh.load));
          if (Number.isFinite(cost(state.egress))) expect(costDelta).toBe(cost(next.egress) - cost(state.egress));
        }
      }),
      { numRuns: 1000, seed: 5 },
    );
  });
});

/** Compares a run with the literal loop; returns its moves. */
function endsLikeFigure4({ instance, open }: Step7Case): { deletes: number; inserts: number } {
  const { moves, state } = literalStep7(instance, open);
  const deletes = moves.filter((move) => move.action === 'delete').length;
  const actual = open.slice();
  const egress = new Int32Array(instance.pairCount);
  const inserts = moves.length - deletes;
  expect(step7(instance, actual, egress)).toEqual({ moves: moves.length, deletes, inserts });
  expect(actual).toEqual(state.open);
  expect(egress).toEqual(state.egress);
  return { deletes, inserts };
}

describe('step7', () => {
  for (const [scale, costScale] of SCALES) {
    it(`ends where FIG. 4 ends, volumes at ${scale}`, () => {
      const seen = { deletes: 0, inserts: 0, long: 0 };
      fc.assert(
        fc.property(step7Case(scale, costScale), (step7Instance) => {
          const { deletes, inserts } = endsLikeFigure4(step7Instance);
          seen.deletes += deletes;
          seen.inserts += inserts;
          seen.long += Number(deletes + inserts > 2);
        }),
        { numRuns: 2000, seed: 6 },
      );
      expect(seen.deletes).toBeGreaterThan(100);
      expect(seen.inserts).toBeGreaterThan(100);
      expect(seen.long).toBeGreaterThan(50);
    });
  }

  it('does so over many moves', () => {
    let longest = 0;
    fc.assert(
      fc.property(step7Case(1, 1, { maxPrefixes: 60 }), (step7Instance) => {
        const { deletes, inserts } = endsLikeFigure4(step7Instance);
        longest = Math.max(longest, deletes + inserts);
      }),
      { numRuns: 100, seed: 9 },
    );
    expect(longest).toBeGreaterThan(15);
  });

  it('never closes the last egress and never opens a second point of a router', () => {
    fc.assert(
      fc.property(step7Case(1, 1), ({ instance, open }) => {
        const opened = (sets: Uint8Array, k: number) =>
          Array.from(instance.egressPoint.slice(instance.egressStart[k], instance.egressStart[k + 1])).filter(
            (_, e) => sets[instance.egressStart[k] + e],
          );
        const after = open.slice();
        step7(instance, after, new Int32Array(instance.pairCount));
        for (let k = 0; k < instance.prefixCount; k++) {
          expect(opened(after, k).length > 0).toBe(opened(open, k).length > 0);
          expect(sharedRouters(instance, opened(after, k))).toBeLessThanOrEqual(
            sharedRouters(instance, opened(open, k)),
          );
        }
      }),
      { numRuns: 1000, seed: 7 },
    );
  });
});

function sharedRouters(instance: Step7Instance, points: number[]): number {
  return points.length - new Set(points.map((point) => instance.routerOf[point])).size;
}
