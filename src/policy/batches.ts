/**
 * Orders moves into batches that are safe on the way.
 *
 * Within a batch routers act when they act, so traffic may arrive before other traffic has left: a batch is safe if no side
 * gets over its capacity, or over its load before the batch or after the last one where that is more, even if all of the batch
 * arrives before any of it leaves. Batches are filled first come, those first that relieve an overloaded side, and where nothing
 * fits the move with the least overload goes alone; the last of MAX_BATCHES takes all that is left. Where that is not safe, the
 * order of single moves with the least overload that is found is taken instead, if it has less.
 */
import { fits } from '../problem/capacity.ts';
import { after, comings, fillWith, onTheWay } from './batch-loads.ts';
import { leastOrder } from './least-order.ts';
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

const MAX_BATCHES = 100;

/** `capacities` and `load`: Float64 [sides]. */
export function orderMoves(moves: readonly Move[], capacities: Float64Array, load: Float64Array): Order {
  // What overloads in the end does so by every order.
  const end = after(load, moves);
  const capacity = capacities.map((value, side) => Math.max(value, end[side]));
  const greedy = fillBatches(moves, capacity, load);
  if (overloadOf(greedy) === 0) return { batches: greedy, isLeast: true };
  const { order, isLeast } = leastOrder(
    greedy.flatMap((batch) => batch.moves),
    capacity,
    load,
  );
  const { batches, isWhole } = inSequence(order, capacity, load);
  if (isLeast && isWhole) return { batches, isLeast };
  return { batches: overloadOf(batches) < overloadOf(greedy) ? batches : greedy, isLeast: false };
}

function overloadOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, { overloadOnTheWay }) => sum + overloadOnTheWay, 0);
}

function batchOf(moves: readonly Move[], capacity: Float64Array, load: Float64Array): Batch {
  return { moves, overloadOnTheWay: onTheWay(moves, capacity, load), load: after(load, moves) };
}

function fillBatches(moves: readonly Move[], capacity: Float64Array, start: Float64Array): Batch[] {
  const batches: Batch[] = [];
  let load = start;
  let left = [...moves];
  while (left.length > 0) {
    const chosen = new Set(batches.length + 1 < MAX_BATCHES ? fillOne(left, capacity, load) : left);
    if (chosen.size === 0) {
      const present = load;
      const overload = (move: Move): number => onTheWay([move], capacity, present);
      chosen.add(left.reduce((a, b) => (overload(b) < overload(a) ? b : a)));
    }
    const batch = batchOf(
      left.filter((move) => chosen.has(move)),
      capacity,
      load,
    );
    load = batch.load;
    batches.push(batch);
    left = left.filter((move) => !chosen.has(move));
  }
  return batches;
}

function fillOne(left: readonly Move[], capacity: Float64Array, load: Float64Array): Move[] {
  const filled = load.slice();
  const relieves = ({ departures }: Move): boolean =>
    [...departures.keys()].some((side) => !fits(load[side], capacity[side]));
  const ordered = [...left.filter(relieves), ...left.filter((move) => !relieves(move))];
  return ordered.filter((move) => fillWith(filled, move, capacity, load));
}

/** Batches of neighbors in the order, as long as they are safe together; not whole where the last takes more than that. */
function inSequence(
  order: readonly Move[],
  capacity: Float64Array,
  start: Float64Array,
): { readonly batches: Batch[]; readonly isWhole: boolean } {
  const batches: Batch[] = [];
  let load = start;
  let filled = load.slice();
  let open: Move[] = [];
  const close = (): void => {
    if (open.length === 0) return;
    batches.push(batchOf(open, capacity, load));
    load = batches[batches.length - 1].load;
    filled = load.slice();
    open = [];
  };
  for (const [at, move] of order.entries()) {
    if (batches.length + 1 === MAX_BATCHES && at < order.length) {
      open.push(move);
      continue;
    }
    if (!fillWith(filled, move, capacity, load)) {
      close();
      // It goes alone where it does not fit at all.
      if (!fillWith(filled, move, capacity, load))
        for (const [side] of comings(move)) filled[side] = Number.POSITIVE_INFINITY;
    }
    open.push(move);
  }
  const isWhole = batches.length + 1 < MAX_BATCHES;
  close();
  return { batches, isWhole };
}
