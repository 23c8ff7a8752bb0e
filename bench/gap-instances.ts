/**
 * Generalized assignment instances of types C, D and E by the recipe of Yagiura, Ibaraki and Glover (2004), seeded:
 *
 *   C: p_rs uniform in 5 … 25,  c_rs uniform in 10 … 50
 *   D: p_rs uniform in 1 … 100, c_rs = 111 − p_rs + e, e uniform in −10 … 10
 *   E: p_rs = 1 − 10 ln u, c_rs = 1000 / p_rs − 10 v, u uniform in (0, 1], v in [0, 1)
 *
 * all whole numbers (those of E rounded down), T_s = ⌊0.8 Σ_r p_rs / machines⌋. The instances published by the authors came
 * from another generator, so their best known values do not apply.
 */

import { uniform } from '../src/optimizer/run/random.ts';
import { denseGap, type GapInstance } from '../src/problem/gap-instance.ts';

export type GapType = 'C' | 'D' | 'E';

/** machines × jobs. */
export const YAGIURA_SIZES: readonly (readonly [number, number])[] = [
  ...[100, 200].flatMap((jobs) => [5, 10, 20].map((machines) => [machines, jobs] as const)),
  ...[10, 20, 40].map((machines) => [machines, 400] as const),
  ...[15, 30, 60].map((machines) => [machines, 900] as const),
  ...[20, 40, 80].map((machines) => [machines, 1600] as const),
];

export function yagiuraGap(type: GapType, machineCount: number, jobCount: number, seed: number): GapInstance {
  const random = uniform(seed);
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const pairs = machineCount * jobCount;
  const costs = new Float64Array(pairs);
  const weights = new Float64Array(pairs);
  for (let pair = 0; pair < pairs; pair++) {
    if (type === 'C') {
      weights[pair] = between(5, 25);
      costs[pair] = between(10, 50);
    } else if (type === 'D') {
      weights[pair] = between(1, 100);
      costs[pair] = 111 - weights[pair] + between(-10, 10);
    } else {
      const weight = 1 - 10 * Math.log(1 - random());
      weights[pair] = Math.floor(weight);
      costs[pair] = Math.floor(1000 / weight - 10 * random());
    }
  }
  const capacities = Float64Array.from({ length: machineCount }, (_, s) => {
    const total = weights.subarray(s * jobCount, (s + 1) * jobCount).reduce((sum, weight) => sum + weight, 0);
    return Math.floor((0.8 * total) / machineCount);
  });
  return denseGap({ machineCount, jobCount, costs, weights, capacities });
}
