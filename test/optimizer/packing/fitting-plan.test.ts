/** Plans that fit where the capacities are the loads of a plan. */
import { describe, expect, it } from 'vitest';
import { SMALL, type SmallShape, smallNetwork } from '../../../bench/small-networks.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { hotPotato } from '../../../src/optimizer/alternation/baselines.ts';
import { cheapenFittingPlan, findFittingPlan, isPackable } from '../../../src/optimizer/packing/fitting-plan.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { type Choice, evaluate } from '../../../src/problem/choice.ts';
import { buildProblem, isAllowed, type Problem } from '../../../src/problem/problem.ts';

const tight = (seed: number, shape: SmallShape = SMALL) =>
  buildProblem(buildModel(smallNetwork(seed, { ...shape, slack: [0, 0] })), { threshold: 1, changeCost: 0 });
const FEW: SmallShape = { ...SMALL, points: [5, 6], neighbors: [3, 4], prefixes: [16, 20] };

const fitted = (problem: Problem) => findFittingPlan(problem, hotPotato(problem, 'ses'), 1, UNLIMITED);

function expectValid(problem: Problem, { ingress, slot }: Choice): void {
  const { pairPrefix, pairStart, pairNeighbor, ingressStart, ingressPoint } = problem;
  for (let pair = 0; pair < problem.pairCount; pair++) {
    const h = pairNeighbor[pair];
    expect(ingressPoint.subarray(ingressStart[h], ingressStart[h + 1])).toContain(ingress[pair]);
    expect(slot[pair]).toBe(slot[pairStart[pairPrefix[pair]]]);
    expect(isAllowed(problem, pair, ingress[pair], slot[pair])).toBe(true);
  }
}

describe('findFittingPlan', () => {
  it('fits, with one egress for each prefix, where there is nothing to spare', () => {
    for (let seed = 2001; seed <= 2010; seed++) {
      const problem = tight(seed);
      const choice = fitted(problem);
      if (choice === null) throw new Error(`seed ${seed}`);
      expect(evaluate(problem, choice).overload).toBe(0);
      expectValid(problem, choice);
    }
  });

  it('enters where the egress may carry the pair', () => {
    const problem = tight(2003);
    const eligible = new Uint8Array(problem.arcStart[problem.pairCount - 1] + problem.pointCount).fill(1);
    const { slot } = fitted(problem) as Choice;
    // Of the first prefix with traffic nothing but its slot is left.
    const k = problem.pairPrefix[0];
    for (let pair = problem.pairStart[k]; pair < problem.pairStart[k + 1]; pair++) {
      for (let other = problem.egressStart[k]; other < problem.egressStart[k + 1]; other++) {
        if (other !== slot[pair]) eligible[problem.arcStart[pair] + other - problem.egressStart[k]] = 0;
      }
    }
    const restricted = { ...problem, eligible };
    const choice = fitted(restricted) as Choice;
    expectValid(restricted, choice);
    expect(evaluate(restricted, choice).overload).toBe(0);
  });

  it('is made cheaper by a tenth and more, and fits all the same', () => {
    const sums = [0, 0];
    for (const seed of [2002, 2003, 2004]) {
      const problem = tight(seed, FEW);
      const start = fitted(problem) as Choice;
      const cheaper = cheapenFittingPlan(problem, start, 1, UNLIMITED);
      expectValid(problem, cheaper);
      const { objective, overload } = evaluate(problem, cheaper);
      expect(overload).toBe(0);
      sums[0] += evaluate(problem, start).objective;
      sums[1] += objective;
      if (seed === 2002) expect(cheapenFittingPlan(problem, start, 1, UNLIMITED)).toEqual(cheaper);
    }
    expect(sums[1]).toBeLessThan(0.9 * sums[0]);
  });

  it('is not searched for on when it is stopped', () => {
    const problem = tight(2002, FEW);
    const start = fitted(problem) as Choice;
    let asked = 0;
    const stopped = cheapenFittingPlan(problem, start, 1, { ...UNLIMITED, cancelled: () => ++asked > 1 });
    expect(asked).toBeLessThan(5);
    expect(evaluate(problem, stopped).objective).toBeLessThanOrEqual(evaluate(problem, start).objective);
  });

  it('takes whole volumes only, and tables of a size that can be held', () => {
    const problem = tight(2001);
    expect(isPackable(problem)).toBe(true);
    expect(isPackable({ ...problem, pairVolume: problem.pairVolume.map((volume) => volume + 0.5) })).toBe(false);
    expect(isPackable({ ...problem, totalVolume: 1e9 })).toBe(false);
  });
});
