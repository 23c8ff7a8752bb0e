/**
 * An order of single moves with little overload on the way, summed over the moves.
 *
 * Lower loads never cost more, so moves that come to no side which could ever be full go first; those that relieve no such side
 * go last (what arrives costs the same in any order). What is left falls into groups that share no such side, whose costs add up.
 * A group of up to MAX_EXACT moves is ordered best of all orders (a shortest path over the sets of moves done, cost
 * 2^moves · moves · sides); a larger one, up to MAX_BEAM, by the same search over the cheapest sets of each size alone; then, and above, by
 * best orders of WINDOW moves in a row and by moving single moves, as long as that pays and WORK lasts.
 */
import { fits } from '../problem/capacity.ts';
import { after, carryOut, comings, onTheWay } from './batch-loads.ts';
import type { Move } from './moves.ts';

export interface LeastOrder {
  readonly order: readonly Move[];
  /** No order has a lower sum. */
  readonly isLeast: boolean;
}

const MAX_EXACT = 12;
const MAX_BEAM = 60;
const WINDOW = 8;
/** Moves carried out in trials of one group. */
const WORK = 4e6;

export function leastOrder(moves: readonly Move[], capacity: Float64Array, load: Float64Array): LeastOrder {
  const isTight = tightSides(moves, capacity, load);
  const isFree = (move: Move): boolean => ![...comings(move)].some(([side]) => isTight[side] === 1);
  const first = moves.filter(isFree);
  const bound = moves.filter((move) => !isFree(move));
  const isLast = ({ departures, passing }: Move): boolean =>
    ![...departures.keys(), ...passing.keys()].some((side) => isTight[side] === 1);
  const last = bound.filter(isLast);
  const core = bound.filter((move) => !isLast(move));
  const start = after(load, first);
  const middle =
    first.length + last.length === 0 ? groupOrder(core, capacity, start) : leastOrder(core, capacity, start);
  return { order: [...first, ...middle.order, ...last], isLeast: middle.isLeast };
}

/** Uint8 [sides], 1 for those that would be full if all came and none left. */
function tightSides(moves: readonly Move[], capacity: Float64Array, load: Float64Array): Uint8Array {
  const most = load.slice();
  const isUsed = new Uint8Array(load.length);
  for (const move of moves) {
    for (const [side, volume] of comings(move)) {
      most[side] += volume;
      isUsed[side] = 1;
    }
  }
  return isUsed.map((used, side) => (used === 1 && !fits(most[side], capacity[side]) ? 1 : 0));
}

function groupOrder(moves: readonly Move[], capacity: Float64Array, load: Float64Array): LeastOrder {
  const orders = groups(moves, tightSides(moves, capacity, load)).map((group): LeastOrder => {
    if (group.length <= MAX_EXACT) return { order: bestOrder(group, capacity, load), isLeast: true };
    const candidates = [group, ...(group.length <= MAX_BEAM ? [beamOrder(group, capacity, load)] : [])].map((one) =>
      improved(one, capacity, load),
    );
    const order = candidates.reduce((a, b) => (costOf(b, capacity, load) < costOf(a, capacity, load) ? b : a));
    return { order, isLeast: costOf(order, capacity, load) === 0 };
  });
  return { order: orders.flatMap(({ order }) => order), isLeast: orders.every(({ isLeast }) => isLeast) };
}

/** Moves that meet on tight sides, directly or by others. */
function groups(moves: readonly Move[], isTight: Uint8Array): Move[][] {
  const parent = Int32Array.from(isTight, (_, side) => side);
  const root = (side: number): number => {
    let at = side;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  const sidesOf = ({ arrivals, departures, passing }: Move): number[] =>
    [...arrivals.keys(), ...departures.keys(), ...passing.keys()].filter((side) => isTight[side] === 1);
  for (const move of moves) {
    const sides = sidesOf(move);
    for (const side of sides) parent[root(side)] = root(sides[0]);
  }
  return [...Map.groupBy(moves, (move) => root(sidesOf(move)[0])).values()];
}

/** Shortest path from none done to all done; sets are bit masks, which only grow. */
function bestOrder(moves: readonly Move[], capacity: Float64Array, load: Float64Array): Move[] {
  const all = 2 ** moves.length - 1;
  const cost = new Float64Array(all + 1).fill(Number.POSITIVE_INFINITY);
  const last = new Int32Array(all + 1).fill(-1);
  cost[0] = 0;
  for (let done = 0; done < all; done++) {
    const present = after(
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

/** Some moves done, with what that cost and came to. */
interface Partial {
  readonly cost: number;
  /** What the sides have above their capacity: the less, the more can come. */
  readonly excess: number;
  readonly load: Float64Array;
  readonly order: readonly number[];
}

/** Of sets of equal size the cheapest are kept, at most as many as WORK allows. */
function beamOrder(moves: readonly Move[], capacity: Float64Array, load: Float64Array): Move[] {
  const width = Math.max(16, Math.floor(WORK / (32 * moves.length ** 2)));
  let kept: Partial[] = [{ cost: 0, excess: 0, load, order: [] }];
  for (let size = 0; size < moves.length; size++) {
    const next = new Map<string, Partial>();
    for (const { cost, load: present, order } of kept) {
      const done = new Set(order);
      for (const [at, move] of moves.entries()) {
        if (done.has(at)) continue;
        const through = cost + onTheWay([move], capacity, present);
        const key = [...order, at].sort((a, b) => a - b).join();
        const known = next.get(key);
        if (known !== undefined && known.cost <= through) continue;
        const reached = after(present, [move]);
        const excess = reached.reduce((sum, value, side) => sum + Math.max(0, value - capacity[side]), 0);
        next.set(key, { cost: through, excess, load: reached, order: [...order, at] });
      }
    }
    kept = [...next.values()].sort((a, b) => a.cost - b.cost || a.excess - b.excess).slice(0, width);
  }
  return kept[0].order.map((at) => moves[at]);
}

function costOf(order: readonly Move[], capacity: Float64Array, load: Float64Array): number {
  const present = load.slice();
  let cost = 0;
  for (const move of order) {
    cost += onTheWay([move], capacity, present);
    carryOut(present, move);
  }
  return cost;
}

function improved(start: readonly Move[], capacity: Float64Array, load: Float64Array): Move[] {
  let order = [...start];
  let cost = costOf(order, capacity, load);
  let work = WORK;
  for (let isBetter = true; isBetter && cost > 0 && work > 0; ) {
    isBetter = false;
    const windows = inWindows(order, capacity, load);
    work -= order.length * 2 ** WINDOW;
    for (const next of [windows, ...relocations(windows, capacity, load)]) {
      work -= order.length;
      const nextCost = costOf(next, capacity, load);
      if (nextCost < cost) {
        [order, cost, isBetter] = [next, nextCost, true];
        break;
      }
      if (work <= 0) break;
    }
  }
  return order;
}

/** The best order of a few moves in a row changes nothing for the others. */
function inWindows(order: readonly Move[], capacity: Float64Array, load: Float64Array): Move[] {
  const result = [...order];
  const present = load.slice();
  const step = WINDOW / 2;
  for (let at = 0; at < result.length; at += step) {
    const window = result.slice(at, at + WINDOW);
    if (costOf(window, capacity, present) > 0)
      result.splice(at, window.length, ...bestOrder(window, capacity, present));
    for (const move of result.slice(at, at + step)) carryOut(present, move);
  }
  return result;
}

/** Orders with one move elsewhere: a later one before one that overloads, or that one later. */
function* relocations(order: readonly Move[], capacity: Float64Array, load: Float64Array): Generator<Move[]> {
  const present = load.slice();
  for (const [at, move] of order.entries()) {
    if (onTheWay([move], capacity, present) > 0) {
      const full = new Set([...comings(move)].map(([side]) => side));
      for (let later = at + 1; later < order.length; later++) {
        if ([...order[later].departures.keys()].some((side) => full.has(side))) {
          yield order.toSpliced(later, 1).toSpliced(at, 0, order[later]);
          yield order.toSpliced(at, 1).toSpliced(later, 0, move);
        }
      }
    }
    carryOut(present, move);
  }
}
