/** What a batch of moves does to the loads of sides. */
import { fits, overloadOf } from '../problem/capacity.ts';
import type { Move } from './moves.ts';

/** What may come to sides before anything leaves: arrivals, and what passes. */
export function* comings({ arrivals, passing }: Move): Generator<readonly [number, number]> {
  yield* arrivals;
  yield* passing;
}

/** Overload of a batch if all of it arrives before any of it leaves, beyond what there was. */
export function onTheWay(batch: readonly Move[], capacity: Float64Array, load: Float64Array): number {
  const arriving = new Map<number, number>();
  for (const move of batch) {
    for (const [side, volume] of comings(move)) arriving.set(side, (arriving.get(side) ?? 0) + volume);
  }
  let overload = 0;
  for (const [side, volume] of arriving) {
    overload += overloadOf(load[side] + volume, Math.max(capacity[side], load[side]));
  }
  return overload;
}

/** Adds what a move brings and takes away what it leaves. */
export function carryOut(load: Float64Array, { arrivals, departures }: Move): void {
  for (const [side, volume] of arrivals) load[side] += volume;
  for (const [side, volume] of departures) load[side] -= volume;
}

export function after(load: Float64Array, batch: Iterable<Move>): Float64Array {
  const result = load.slice();
  for (const move of batch) carryOut(result, move);
  return result;
}

/** Whether `filled`, which the moves before it in its batch may reach, has room for a move: then it is filled with it. */
export function fillWith(filled: Float64Array, move: Move, capacity: Float64Array, load: Float64Array): boolean {
  for (const [side, volume] of comings(move)) {
    if (!fits(filled[side] + volume, Math.max(capacity[side], load[side]))) return false;
  }
  for (const [side, volume] of comings(move)) filled[side] += volume;
  return true;
}
