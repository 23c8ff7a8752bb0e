/** The whole plan: when it is asked for, from what it begins, and what it may not do. */
import { expect, it } from 'vitest';
import type { Reallocation, Reallocator } from '../../../src/manager/decision/reallocator.ts';
import { solverReallocator } from '../../../src/manager/solver/solver-reallocator.ts';
import { exhaustive } from '../simulation.ts';
import { Bench, changesOf, IDS, POINTS, some } from './three-points.ts';

it('optimizes although volumes are uncertain and a point is above its low watermark', async () => {
  const priced = [
    { id: 'a', capacity: 100, price: 5 },
    { id: 'b', capacity: 100, price: 1 },
    { id: 'c', capacity: 100, price: 9 },
  ];
  for (const reallocate of [exhaustive, solverReallocator()]) {
    const bench = new Bench({ mode: 'optimize', changeCost: 0.1 }, reallocate, priced);
    const network = [...some('a', ['a', 'b'], [10, 10, 60]), ...some('b', ['b'], [30]), ...some('c', ['c', 'b'], [80])];
    const uncertain = network.map((one) => ({ ...one, deviation: 0.1 }));
    const moved = changesOf(await bench.ticks(1, uncertain));
    expect(moved.map(({ to }) => to)).toContain('b');
  }
});

it('asks again in the next tick what the clock has cut', async () => {
  const priced = POINTS.map((point, p) => ({ ...point, price: 5 - p }));
  let askedCount = 0;
  const cut: Reallocator = async (request) => (++askedCount <= 2 ? { fits: null, moves: [] } : exhaustive(request));
  const bench = new Bench({ mode: 'optimize', changeCost: 0.1 }, cut, priced);
  const decisions = await bench.ticks(3, some('a', IDS, [10]));
  expect(decisions.map(({ changes }) => changes.length)).toEqual([0, 0, 1]);
});

it('begins a whole plan with the prices of the one before, and keeps them where there is none', async () => {
  const answers: Reallocation[] = [
    { fits: true, moves: [], prices: { b: 2 } },
    { fits: null, moves: [] },
    { fits: true, moves: [], prices: {} },
  ];
  const asked: unknown[] = [];
  const solver: Reallocator = async ({ startPrices }) => {
    asked.push(startPrices);
    return answers[asked.length - 1] ?? { fits: false, moves: [] };
  };
  const priced = POINTS.map((point, p) => ({ ...point, price: 5 - p }));
  const bench = new Bench({ mode: 'optimize', optimizeEveryMs: 0 }, solver, priced);
  await bench.ticks(4, some('a', IDS, [10]));
  expect(asked).toEqual([{}, { b: 2 }, { b: 2 }, {}]);
});
