import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { PrefixKernel } from '../../../src/optimizer/kernels/prefix-kernel.ts';
import { classPrices } from '../../../src/optimizer/lagrangian/class-prices.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { buildProblem, type Problem } from '../../../src/problem/problem.ts';
import { sideRoom } from '../../../src/problem/sides.ts';

beforeAll(loadSolver);

/** Prefixes with all three routers as egress, the nearest of which has room for a third of them. */
function alike(prefixes: number, classes: number): Problem {
  const id = (k: number) => `p${k}`;
  const ends = ['b', 'c', 'd'];
  return buildProblem(
    buildModel({
      version: 1,
      routers: [{ id: 'a' }, ...ends.map((one) => ({ id: one, egressCapacity: prefixes / 3 + 1 }))],
      distances: ends.map((to, at) => ({ from: 'a', to, distance: 10 * (at + 1) })),
      neighbors: [{ id: 'n', ingress: ['a'] }],
      prefixes: Array.from({ length: prefixes }, (_, k) => ({
        id: id(k),
        prefix: `10.${k >> 8}.${k & 255}.0/24`,
        egress: k % classes === 0 ? ends : ends.slice(0, 2),
      })),
      traffic: Array.from({ length: prefixes }, (_, k) => ({ neighbor: 'n', prefix: id(k), volume: 1 })),
    }),
    { threshold: 1, changeCost: 0 },
  );
}

function boundAt(problem: Problem, prices: Float64Array): number {
  const kernel = new PrefixKernel(problem, { variant: 'ses', fixedIngress: null });
  const { minima } = kernel.pass({ prices, costWeight: 1, room: null, nodeLimit: 100 });
  return sideRoom(problem).reduce((sum, room, s) => (prices[s] > 0 ? sum - prices[s] * room : sum), minima);
}

describe('classPrices', () => {
  it('finds the prices of the whole problem where the prefixes of a class are alike', () => {
    const problem = alike(60, 1);
    const prices = classPrices(problem, { variant: 'ses', dear: 1000, control: UNLIMITED }) as Float64Array;
    // 21 to each of b and c, the other 18 to d.
    expect(boundAt(problem, prices)).toBeCloseTo(21 * 10 + 21 * 20 + 18 * 30, 2);
    expect(boundAt(problem, new Float64Array(prices.length))).toBeCloseTo(600, 6);
  });

  it('leaves problems of many classes to others', () => {
    expect(classPrices(alike(9, 2), { variant: 'ses', dear: 1000, control: UNLIMITED })).toBeNull();
  });
});
