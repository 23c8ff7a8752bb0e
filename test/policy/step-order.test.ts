/** The order of moves: no step is worse than it says, and none could be better. */
import { describe, expect, it } from 'vitest';
import { orderMoves } from '../../src/policy/batches.ts';
import type { Move } from '../../src/policy/moves.ts';
import { Dice } from './random-network.ts';

describe('orderMoves', () => {
  it('a safe step keeps every point within its capacity, or the load it had, whatever moves first', () => {
    for (let seed = 0; seed < 300; seed++) {
      const dice = new Dice(seed);
      const { moves, capacity, load, limit } = randomMoves(dice, dice.between(1, 20));
      const { batches } = orderMoves(moves, capacity, load);
      expect(batches.flatMap((batch) => batch.moves).length).toBe(moves.length);
      let before: Float64Array = load;
      for (const batch of batches) {
        const reached = before.slice();
        for (const { arrivals, passing } of batch.moves) {
          for (const [side, volume] of [...arrivals, ...passing]) reached[side] += volume;
        }
        const over = reached.reduce(
          (sum, value, side) => sum + Math.max(0, value - Math.max(limit[side], before[side])),
          0,
        );
        expect(batch.overloadOnTheWay).toBeCloseTo(over, 9);
        before = batch.load;
      }
    }
  });

  it('of few moves the order is the best of all', () => {
    let unsafe = 0;
    for (let seed = 0; seed < 300; seed++) {
      const dice = new Dice(seed);
      const { moves, capacity, load, limit } = randomMoves(dice, dice.between(2, 5));
      const { batches, isLeast } = orderMoves(moves, capacity, load);
      expect(isLeast).toBe(true);
      const total = batches.reduce((sum, { overloadOnTheWay }) => sum + overloadOnTheWay, 0);
      expect(total).toBeCloseTo(leastOfAllOrders(moves, limit, load), 9);
      if (total > 0) unsafe++;
    }
    expect(unsafe).toBeGreaterThan(20);
  });

  it('of more moves it is the best of all, or close to it', () => {
    const seen = { cases: 0, best: 0, proven: 0, found: 0, least: 0 };
    for (let seed = 0; seed < 25; seed++) {
      const dice = new Dice(seed);
      const { moves, capacity, load, limit } = randomMoves(dice, 13, -1);
      const { batches, isLeast } = orderMoves(moves, capacity, load);
      const total = batches.reduce((sum, { overloadOnTheWay }) => sum + overloadOnTheWay, 0);
      const least = leastOfAllOrders(moves, limit, load);
      expect({ seed, isBelow: total < least - 1e-9 }).toEqual({ seed, isBelow: false });
      if (isLeast) expect({ seed, total }).toEqual({ seed, total: least });
      if (least === 0) continue;
      seen.cases++;
      if (isLeast) seen.proven++;
      if (total <= least + 1e-9) seen.best++;
      seen.found += total;
      seen.least += least;
    }
    expect(seen.cases).toBeGreaterThan(2);
    expect(seen.best / seen.cases).toBeGreaterThan(0.8);

    expect(seen.found / seen.least).toBeLessThan(1.05);
  }, 30_000);
});

function randomMoves(dice: Dice, count: number, room = 6) {
  const sides = 4;
  const load = new Float64Array(sides);
  const moves = Array.from({ length: count }, (_, prefix): Move => {
    const [from, volume] = [dice.between(0, sides - 1), dice.between(1, 9)];
    const to = (from + dice.between(1, sides - 1)) % sides;
    load[from] += volume;
    return {
      prefix,
      arrivals: new Map([[to, volume]]),
      departures: new Map([[from, volume]]),
      passing: dice.chance(15)
        ? new Map([[(to + 1) % sides === from ? (to + 2) % sides : (to + 1) % sides, volume]])
        : new Map(),
      strayCount: 0,
      strayVolume: 0,
      transients: [],
    };
  });
  const capacity = load.map((value) => value + dice.between(-2, room));
  const end = load.slice();
  for (const { arrivals, departures } of moves) {
    for (const [side, volume] of arrivals) end[side] += volume;
    for (const [side, volume] of departures) end[side] -= volume;
  }
  return { moves, load, capacity, limit: capacity.map((value, side) => Math.max(value, end[side])) };
}

/** Over all sets of moves done. */
function leastOfAllOrders(moves: readonly Move[], capacity: Float64Array, load: Float64Array): number {
  const known = new Map<number, number>();
  const least = (left: number): number => {
    if (left === 0) return 0;
    const before = known.get(left);
    if (before !== undefined) return before;
    const present = load.slice();
    for (const [at, { arrivals, departures }] of moves.entries()) {
      if ((left & (1 << at)) !== 0) continue;
      for (const [side, volume] of arrivals) present[side] += volume;
      for (const [side, volume] of departures) present[side] -= volume;
    }
    let best = Number.POSITIVE_INFINITY;
    for (const [at, { arrivals, passing }] of moves.entries()) {
      if ((left & (1 << at)) === 0) continue;
      let over = 0;
      for (const [side, volume] of [...arrivals, ...passing]) {
        over += Math.max(0, present[side] + volume - Math.max(capacity[side], present[side]));
      }
      best = Math.min(best, over + least(left & ~(1 << at)));
    }
    known.set(left, best);
    return best;
  };
  return least(2 ** moves.length - 1);
}
