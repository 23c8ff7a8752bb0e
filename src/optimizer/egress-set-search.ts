/**
 * The cheapest egress set of one prefix under prices.
 *
 *   min_{S ⊆ Out(k), at most one point of a router}  Σ_h min_{i ∈ In(h)} value(h, i, near_S(i))
 *
 * Branch and bound on "slot open" / "slot closed". In a node a pair at ingress i may use any slot that is not closed and
 * not farther than the nearest open one: dropping the tie between pairs makes that a lower bound. Where the slots so
 * chosen are consistent with each other the node is solved; otherwise a slot that breaks a pair's choice, by being closer
 * or on the same router, is branched on. Depth first, open before closed; the best single slot is the first incumbent.
 *
 * Guarantee: `bound` ≤ the true minimum, and equal to `value` unless `NODE_LIMIT` cut the search.
 * Cost: nodes · entries · slots; mostly one node.
 */
import { fits } from '../problem/capacity.ts';
import type { Problem } from '../problem/problem.ts';
import type { PricedPrefix } from './priced-prefix.ts';

const NODE_LIMIT = 400;

export interface BlockChoice {
  /** Lower bound on the value of every choice of the prefix; Infinity where there is none. */
  readonly bound: number;
  /** Value of the choice returned. */
  readonly value: number;
  /** Int32 [pairs of the prefix], ingress point; empty where there is no choice. */
  readonly ingress: Int32Array;
  /** Int32 [pairs of the prefix], egress slot, counted from the first of the prefix. */
  readonly slot: Int32Array;
}

const NO_CHOICE: BlockChoice = {
  bound: Number.POSITIVE_INFINITY,
  value: Number.POSITIVE_INFINITY,
  ingress: new Int32Array(0),
  slot: new Int32Array(0),
};

// A slot is 0 while nothing is decided.
const OPEN = 1;
const CLOSED = 2;

/** The best S of one member (SES). With `prune` a point too small for the prefix as a whole is left out. */
export function bestSingle(problem: Problem, prefix: number, priced: PricedPrefix, prune: boolean): BlockChoice {
  const { egressStart, egressPoint, egressCapacity, pairStart, pairVolume } = problem;
  let volume = 0;
  for (let pair = pairStart[prefix]; pair < pairStart[prefix + 1]; pair++) volume += pairVolume[pair];
  let best = Number.POSITIVE_INFINITY;
  let slot = -1;
  for (let s = 0; s < priced.slotCount; s++) {
    if (prune && !fits(volume, egressCapacity[egressPoint[egressStart[prefix] + s]])) continue;
    const value = valueOfSlot(priced, s, best);
    if (value < best) {
      best = value;
      slot = s;
    }
  }
  if (slot < 0) return NO_CHOICE;
  const state = new Uint8Array(priced.slotCount).fill(CLOSED);
  state[slot] = OPEN;
  return relax(priced, state);
}

/** Σ over pairs of the least value at the slot; Infinity once it reaches `cutoff`, for no value is negative. */
function valueOfSlot(priced: PricedPrefix, slot: number, cutoff: number): number {
  const { pairCount, slotCount, entryStart, value } = priced;
  let total = 0;
  for (let at = 0; at < pairCount; at++) {
    let least = Number.POSITIVE_INFINITY;
    for (let entry = entryStart[at]; entry < entryStart[at + 1]; entry++) {
      if (value[entry * slotCount + slot] < least) least = value[entry * slotCount + slot];
    }
    total += least;
    if (total >= cutoff) return Number.POSITIVE_INFINITY;
  }
  return total;
}

/** The best S of any size (MES). */
export function bestSet(problem: Problem, prefix: number, priced: PricedPrefix): BlockChoice {
  let best = bestSingle(problem, prefix, priced, false);
  let cut = Number.POSITIVE_INFINITY;
  const stack: Uint8Array[] = [new Uint8Array(priced.slotCount)];
  for (let nodes = 0; stack.length > 0; nodes++) {
    const state = stack.pop() as Uint8Array;
    const node = relax(priced, state);
    if (node.value >= best.value) continue;
    if (nodes >= NODE_LIMIT) {
      cut = Math.min(cut, node.value);
      continue;
    }
    const conflict = conflictOf(problem, prefix, node, state);
    if (conflict < 0) {
      best = node;
      continue;
    }
    const closed = state.slice();
    closed[conflict] = CLOSED;
    stack.push(closed, withOpen(problem, prefix, state, conflict));
  }
  return { ...best, bound: Math.min(best.value, cut) };
}

/** Opening a slot closes the others of its router. */
function withOpen(problem: Problem, prefix: number, state: Uint8Array, slot: number): Uint8Array {
  const first = problem.egressStart[prefix];
  const routerAt = (s: number) => problem.routerOf[problem.egressPoint[first + s]];
  const open = state.map((decided, s) => (routerAt(s) === routerAt(slot) ? CLOSED : decided));
  open[slot] = OPEN;
  return open;
}

/** Every pair takes its cheapest entry and slot that the state allows. */
function relax(priced: PricedPrefix, state: Uint8Array): BlockChoice {
  const { pairCount, slotCount, entryStart, entryPoint, value, near } = priced;
  const ingress = new Int32Array(pairCount);
  const slot = new Int32Array(pairCount);
  let total = 0;
  for (let at = 0; at < pairCount; at++) {
    let least = Number.POSITIVE_INFINITY;
    for (let entry = entryStart[at]; entry < entryStart[at + 1]; entry++) {
      const point = entryPoint[entry];
      for (let place = point * slotCount; place < (point + 1) * slotCount; place++) {
        const s = near[place];
        if (state[s] === CLOSED) continue;
        if (value[entry * slotCount + s] < least) {
          least = value[entry * slotCount + s];
          ingress[at] = point;
          slot[at] = s;
        }
        if (state[s] === OPEN) break;
      }
    }
    if (least === Number.POSITIVE_INFINITY) return NO_CHOICE;
    total += least;
  }
  return { bound: total, value: total, ingress, slot };
}

/** A slot in use that breaks the choice of another pair, or -1. */
function conflictOf(problem: Problem, prefix: number, node: BlockChoice, state: Uint8Array): number {
  const { egressStart, egressPoint, rank, pointCount, routerOf } = problem;
  const pointAt = (s: number) => egressPoint[egressStart[prefix] + s];
  const used = [...new Set(node.slot)];
  if (used.length === 1) return -1;
  for (let at = 0; at < node.slot.length; at++) {
    const own = pointAt(node.slot[at]);
    const row = node.ingress[at] * pointCount;
    for (const s of used) {
      if (state[s] === OPEN || s === node.slot[at]) continue;
      if (rank[row + pointAt(s)] < rank[row + own] || routerOf[pointAt(s)] === routerOf[own]) return s;
    }
  }
  return -1;
}
