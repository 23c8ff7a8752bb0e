/** Rounding by shares: the rules hold, and the loads of many light prefixes end up where the shares have them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { planeNetwork } from '../../../bench/networks.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { roundShares } from '../../../src/optimizer/joint/share-rounding.ts';
import { lowerBound } from '../../../src/optimizer/lagrangian/bound.ts';
import { nothing, PrefixPlanner } from '../../../src/optimizer/lagrangian/prefix-plan.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { Interruption, UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { evaluate } from '../../../src/problem/choice.ts';
import { buildProblem } from '../../../src/problem/problem.ts';

beforeAll(loadSolver);

const SIZE = { points: 6, neighbors: 3, prefixes: 3000, slots: 3, pairsPerPrefix: 2, zipf: 0.3, slack: 0.1 };

describe('roundShares', () => {
  it.each(['ses', 'mes'] as const)('%s: places every prefix near the relaxation', (variant) => {
    const problem = buildProblem(buildModel(planeNetwork(3, SIZE)), { threshold: 1, changeCost: 0 });
    const planner = new PrefixPlanner(problem, variant, UNLIMITED);
    const bound = lowerBound(problem, planner, { tolerance: 1e-4, maxRounds: 100, control: UNLIMITED });
    const { pool, share } = bound.relaxation;
    const choice = nothing(problem);
    roundShares(problem, bound.oracle, { columns: pool.columns, share }, planner.byVolume, choice, UNLIMITED);
    for (let k = 0; k < problem.prefixCount; k++) {
      const slots = choice.slot.subarray(problem.pairStart[k], problem.pairStart[k + 1]);
      for (const slot of slots) {
        expect(slot).toBeGreaterThanOrEqual(problem.egressStart[k]);
        expect(slot).toBeLessThan(problem.egressStart[k + 1]);
      }
      if (variant === 'ses') expect(new Set(slots).size).toBe(1);
    }
    const { objective, overload } = evaluate(problem, choice);
    expect(objective).toBeLessThan(1.01 * (bound.lowerBound as number));
    expect(overload).toBeLessThan(0.005 * problem.totalVolume);
  });

  it('keeps what is placed, and stops when asked', () => {
    const problem = buildProblem(buildModel(planeNetwork(3, { ...SIZE, prefixes: 9000 })), {
      threshold: 1,
      changeCost: 0,
    });
    const planner = new PrefixPlanner(problem, 'ses', UNLIMITED);
    const bound = lowerBound(problem, planner, { tolerance: 1e-2, maxRounds: 10, control: UNLIMITED });
    const { pool, share } = bound.relaxation;
    const shared = { columns: pool.columns, share };
    const choice = nothing(problem);
    const first = planner.byVolume[0];
    const placed = bound.incumbent.candidate.choice;
    for (let pair = problem.pairStart[first]; pair < problem.pairStart[first + 1]; pair++) {
      choice.ingress[pair] = placed.ingress[pair];
      choice.slot[pair] = placed.slot[pair];
    }
    const before = choice.slot.slice();
    const cancelled = { ...UNLIMITED, cancelled: () => true };
    expect(() => roundShares(problem, bound.oracle, shared, planner.byVolume, choice, cancelled)).toThrow(Interruption);
    roundShares(problem, bound.oracle, shared, planner.byVolume, choice, UNLIMITED);
    for (let pair = problem.pairStart[first]; pair < problem.pairStart[first + 1]; pair++) {
      expect(choice.slot[pair]).toBe(before[pair]);
    }
    expect(choice.slot.every((slot) => slot >= 0)).toBe(true);
  });
});
