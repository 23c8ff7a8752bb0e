/**
 * Orders moves into batches that are safe on the way.
 *
 * Within a batch routers act when they act, so traffic may arrive before other traffic has left: a batch is safe if no side
 * gets over its capacity, or over its load before the batch or after the last one where that is more, even if all of the batch
 * arrives before any of it leaves. Up to MAX_EXACT moves, the order with the least sum of such overloads is found among all orders (a
 * shortest path over the sets of moves done, cost 2^moves · moves · sides); above, batches are filled first come, those
 * first that relieve an overloaded side, and where nothing fits the move with the least overload goes alone; the last of
 * MAX_BATCHES takes all that is left.
 */
import { fits, overloadOf } from '../problem/capacity.ts';
import type { Move } from './moves.ts';

export interface Batch {
  readonly moves: readonly Move[];
  /** Overload that may occur on the way, beyond what was there before the batch; 0 where the batch is safe. */
  readonly overloadOnTheWay: number;
  /** Float64 [sides], loads after it. */
  readonly load: Float64Array;
}

export interface Order {
  readonly batches: readonly Batch[];
  /** No order of single moves has a lower sum of overloads on the way. */
  readonly isLeast: boolean;
}

const MAX_EXACT = 12;
const MAX_BATCHES = 100;

/** `capacities` and `load`: Float64 [sides]. */
export function orderMoves(moves: readonly Move[], capacities: Float64Array, load: Float64Array): Order {
  // What overloads in the end does so by every order.
  const end = apply(load, moves);
  const capacity = capacities.map((value, side) => Math.max(value, end[side]));
  const greedy = fillBatches(moves, capacity, load);
  const isSafe = greedy.every(({ overloadOnTheWay }) => overloadOnTheWay === 0);
  if (isSafe || moves.length > MAX_EXACT) return { batches: greedy, isLeast: isSafe };
  const order = leastOrder(moves, capacity, load);
  return { batches: inSequence(order, capacity, load), isLeast: true };
}

/** Overload of a batch if all of it arrives before any of it leaves. */
function onTheWay(batch: readonly Move[], capacity: Float64Array, load: Float64Array): number {
  const arriving = new Map<number, number>();
  for (const { arrivals, passing } of batch) {
    for (const [side, volume] of arrivals) arriving.set(side, (arriving.get(side) ?? 0) + volume);
    for (const [side, volume] of passing) arriving.set(side, (arriving.get(side) ?? 0) + volume);
  }
  let overload = 0;
  for (const [side, volume] of arriving) {
    overload += overloadOf(load[side] + volume, Math.max(capacity[side], load[side]));
  }
  return overload;
}

function apply(load: Float64Array, batch: readonly Move[]): Float64Array {
  const after = load.slice();
  for (const { arrivals, departures } of batch) {
    for (const [side, volume] of arrivals) after[side] += volume;
    for (const [side, volume] of departures) after[side] -= volume;
  }
  return after;
}

function fillBatches(moves: readonly Move[], capacity: Float64Array, start: Float64Array): Batch[] {
  const batches: Batch[] = [];
  let load = start;
  let left = [...moves];
  while (left.length > 0) {
    const chosen = new Set(batches.length + 1 < MAX_BATCHES ? fillOne(left, capacity, load) : left);
    if (chosen.size === 0) {
      const overload = (move: Move): number => onTheWay([move], capacity, load);
      chosen.add(left.reduce((a, b) => (overload(b) < overload(a) ? b : a)));
    }
    const batch = left.filter((move) => chosen.has(move));
    const overloadOnTheWay = onTheWay(batch, capacity, load);
    load = apply(load, batch);
    batches.push({ moves: batch, overloadOnTheWay, load });
    left = left.filter((move) => !chosen.has(move));
  }
  return batches;
}

function fillOne(left: readonly Move[], capacity: Float64Array, load: Float64Array): Move[] {
  const filled = load.slice();
  const relieves = ({ departures }: Move): boolean =>
    [...departures.keys()].some((side) => !fits(load[side], capacity[side]));
  const ordered = [...left.filter(relieves), ...left.filter((move) => !relieves(move))];
  return ordered.filter(({ arrivals, passing }) => {
    const coming = [...arrivals, ...passing];
    for (const [side, volume] of coming) {
      if (!fits(filled[side] + volume, Math.max(capacity[side], load[side]))) return false;
    }
    for (const [side, volume] of coming) filled[side] += volume;
    return true;
  });
}

/** Shortest path from none done to all done; sets are bit masks, which only grow. */
function leastOrder(moves: readonly Move[], capacity: Float64Array, load: Float64Array): Move[] {
  const all = 2 ** moves.length - 1;
  const cost = new Float64Array(all + 1).fill(Number.POSITIVE_INFINITY);
  const last = new Int32Array(all + 1).fill(-1);
  cost[0] = 0;
  for (let done = 0; done < all; done++) {
    const present = apply(
      load,
      moves.filter((_, at) => (done & (1 << at)) !== 0),
    );
    moves.forEach((move, at) => {
      if ((done & (1 << at)) !== 0) return;
      const next = done | (1 << at);
      const through = cost[done] + onTheWay([move], capacity, present);
      if (through >= cost[next]) return;
      cost[next] = through;
      last[next] = at;
    });
  }
  const order: Move[] = [];
  for (let done = all; done > 0; done &= ~(1 << last[done])) order.unshift(moves[last[done]]);
  return order;
}

/** Batches of neighbors in the order, as long as they are safe together. */
function inSequence(order: readonly Move[], capacity: Float64Array, start: Float64Array): Batch[] {
  const batches: Batch[] = [];
  let load = start;
  let open: Move[] = [];
  const close = (): void => {
    if (open.length === 0) return;
    const overloadOnTheWay = onTheWay(open, capacity, load);
    load = apply(load, open);
    batches.push({ moves: open, overloadOnTheWay, load });
    open = [];
  };
  for (const move of order) {
    if (open.length > 0 && onTheWay([...open, move], capacity, load) > 0) close();
    open.push(move);
  }
  close();
  return batches;
}
