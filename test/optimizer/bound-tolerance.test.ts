import { expect, it } from 'vitest';
import { planeNetwork } from '../../bench/networks.ts';
import { solve } from '../../src/solve.ts';

it('the bound of many prefixes is as near as the gap that is asked for makes it worth', async () => {
  const size = { points: 14, neighbors: 6, prefixes: 20_400, slots: 4, pairsPerPrefix: 1, zipf: 0.9, slack: 0.1 };
  const model = planeNetwork(5, size);
  const bounds: number[] = [];
  for (const gapTarget of [4e-4, 1e-4, 4e-6]) {
    const { lowerBound } = await solve(model, { variant: 'ses', method: 'biggest-first', gapTarget });
    bounds.push(lowerBound as number);
  }
  const [loose, usual, tight] = bounds;
  expect(usual).toBeGreaterThan(loose);
  expect(tight).toBeGreaterThanOrEqual(usual);
  // Each is as far from the relaxation's value as a quarter of the target at most.
  expect(loose).toBeGreaterThan(tight * (1 - 1.1e-4));
  expect(usual).toBeGreaterThan(tight * (1 - 2.7e-5));
});
