import { expect, it } from 'vitest';
import { solverReallocator } from '../../../src/manager/solver/solver-reallocator.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';

it('a room that rounding has filled is full, and not passed', async () => {
  // In millionths of the largest: 3.0013 each, which counts as 3, and a room of 23.01, which has half a unit for each prefix on top.
  const small = Array.from({ length: 10 }, (_, k) => ({
    prefix: `10.0.${k}.0/24`,
    volume: 3.0013e-6,
    staying: 3.0013e-6,
    current: 'a',
    options: ['a', 'b'],
  }));
  const answer = await solverReallocator()({
    points: [
      { id: 'a', room: null, price: 1 },
      { id: 'b', room: 23.01e-6, price: 0 },
      { id: 'c', room: null, price: 0 },
    ],
    prefixes: [...small, { prefix: '11.0.0.0/8', volume: 1, staying: 1, current: 'c', options: ['c'] }],
    maxChanges: 10,
    changeCost: 0.1,
  });
  expect([answer.fits, answer.moves.length]).toEqual([true, 10]);
});

const equal = (count: number, volume: number) =>
  Array.from({ length: count }, (_, k) => ({
    prefix: `10.0.${k}.0/24`,
    volume,
    staying: volume,
    current: 'a',
    options: ['a', 'b'],
  }));

it('moves what it may where that is little of what has to stay', async () => {
  // Two of 101 prefixes are less than any gap of some per cent of the cost of keeping all.
  const { fits, moves } = await solverReallocator()({
    points: [
      { id: 'a', room: null, price: 2000 },
      { id: 'b', room: 1000, price: 0 },
    ],
    prefixes: equal(101, 10),
    maxChanges: 2,
    changeCost: 1,
  });
  expect([fits, moves.length]).toEqual([true, 2]);
});

it('ends where it is proven that nothing fits, and says that it does not know where the time is over', async () => {
  const request = {
    points: [
      { id: 'a', room: 500, price: 0 },
      { id: 'b', room: 400, price: 0 },
    ],
    prefixes: equal(100, 10),
    maxChanges: 60,
    changeCost: 1,
  };
  let asked = 0;
  const counting = { ...UNLIMITED, cancelled: () => ++asked < 0 };
  expect(await solverReallocator(() => counting)(request)).toEqual({ fits: false, moves: [] });
  expect(asked).toBeLessThan(1000);
  // These fill both rooms to the last unit, and there is no time to find how.
  const volumes = [977, 953, 911, 883, 859, 829, 797, 773, 751, 727, 701, 677];
  const there = [977, 859, 829, 751, 677].reduce((sum, one) => sum + one, 0);
  const halved = {
    ...request,
    points: [
      { id: 'a', room: volumes.reduce((sum, one) => sum + one, 0) - there, price: 0 },
      { id: 'b', room: there, price: 0 },
    ],
    prefixes: equal(volumes.length, 1).map((one, k) => ({ ...one, volume: volumes[k], staying: volumes[k] })),
  };
  const over = { ...UNLIMITED, remainingMs: () => 0 };
  expect(await solverReallocator(() => over)(halved)).toEqual({ fits: null, moves: [] });
  expect((await solverReallocator()(halved)).fits).toBe(true);
});
