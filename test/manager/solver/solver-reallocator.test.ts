import { expect, it } from 'vitest';
import { solverReallocator } from '../../../src/manager/solver/solver-reallocator.ts';

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
