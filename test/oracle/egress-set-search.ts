/**
 * Plain twin of `assembly/prefix-search.ts`: the cheapest egress set of one prefix under prices.
 *
 *   min_{S ⊆ Out(k), at most one point of a router}  Σ_h min_{i ∈ In(h)} value(h, i, near_S(i))
 *
 * Branch and bound on "slot open" / "slot closed". In a node a pair at ingress i may use any slot that is not closed and
 * not farther than the nearest open one: dropping the tie between pairs makes that a lower bound. Where the slots so
 * chosen are consistent with each other the node is solved; otherwise a slot that breaks a pair's choice, by being closer
 * or on the same router, is branched on. Depth first, open before closed; the best single slot is the first incumbent.
 *
 * Guarantee: `bound` ≤ the true minimum, and equal to `value` unless the limit cut the search.
 * Cost: nodes · entries · slots; mostly one node.
 */
import type { Problem } from '../../src/problem/problem.ts';
import type { PricedPrefix } from './priced-prefix.ts';

/** Nodes whose slots in use are tried as a set: good incumbents come early or not at all. */
const REPAIRED_NODES = 3;

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

/** The best S of one member (SES), without points that have too little room for the prefix as a whole. */
export function bestSingle(
  problem: Problem,
  prefix: number,
  priced: PricedPrefix,
  room: Float64Array | null,
): BlockChoice {
  const { egressStart, egressPoint, pointCount, pairStart, pairVolume } = problem;
  let volume = 0;
  for (let pair = pairStart[prefix]; pair < pairStart[prefix + 1]; pair++) volume += pairVolume[pair];
  let best = Number.POSITIVE_INFINITY;
  let slot = -1;
  for (let s = 0; s < priced.slotCount; s++) {
    if (room !== null && volume > room[pointCount + egressPoint[egressStart[prefix] + s]]) continue;
    const value = valueOfSlot(priced, s, best);
    if (value < best) {
      best = value;
      slot = s;
    }
  }
  if (slot < 0) return NO_CHOICE;
  return takeSlot(priced, slot, best);
}

/** Every pair by its cheapest ingress to the slot, the first of equals. */
function takeSlot({ pairCount, slotCount, entryStart, entryPoint, value }: PricedPrefix, slot: number, total: number) {
  const ingress = new Int32Array(pairCount);
  for (let at = 0; at < pairCount; at++) {
    let least = Number.POSITIVE_INFINITY;
    for (let entry = entryStart[at]; entry < entryStart[at + 1]; entry++) {
      if (value[entry * slotCount + slot] >= least) continue;
      least = value[entry * slotCount + slot];
      ingress[at] = entryPoint[entry];
    }
  }
  return { bound: total, value: total, ingress, slot: new Int32Array(pairCount).fill(slot) };
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
/** @param volumes Float64 [pairs of the prefix] where `priced` holds what a unit of each pays; null: it holds the whole. */
export function bestSet(
  problem: Problem,
  prefix: number,
  priced: PricedPrefix,
  nodeLimit: number,
  volumes: Float64Array | null = null,
): BlockChoice {
  let best: BlockChoice =
    volumes === null ? bestSingle(problem, prefix, priced, null) : bestSingleOfUnits(priced, volumes);
  let cut = Number.POSITIVE_INFINITY;
  const root = relax(priced, new Uint8Array(priced.slotCount), null, volumes);
  const stack: Node[] = root === null ? [] : [root];
  for (let nodes = 0; stack.length > 0; nodes++) {
    const node = stack.pop() as Node;
    if (node.value >= best.value) continue;
    if (nodes >= nodeLimit) {
      cut = Math.min(cut, node.value);
      continue;
    }
    const conflict = conflictOf(problem, prefix, node);
    if (conflict < 0) {
      best = node;
      continue;
    }
    if (nodes < REPAIRED_NODES) {
      const repaired = relax(priced, setOf(problem, prefix, node, priced.slotCount), null, volumes);
      if (repaired !== null && repaired.value < best.value) best = repaired;
    }
    const closed = node.state.slice();
    closed[conflict] = CLOSED;
    for (const state of [closed, withOpen(problem, prefix, node.state, conflict)]) {
      const child = relax(priced, state, node, volumes);
      if (child !== null && child.value < best.value) stack.push(child);
    }
  }
  return { ingress: best.ingress, slot: best.slot, value: best.value, bound: Math.min(best.value, cut) };
}

function bestSingleOfUnits(priced: PricedPrefix, volumes: Float64Array): BlockChoice {
  let best: BlockChoice = NO_CHOICE;
  for (let s = 0; s < priced.slotCount; s++) {
    const only = new Uint8Array(priced.slotCount).fill(CLOSED);
    only[s] = OPEN;
    const single = relax(priced, only, null, volumes);
    if (single !== null && single.value < best.value) best = single;
  }
  return best;
}

/** Exactly the slots in use open, of one router the first. */
function setOf(problem: Problem, prefix: number, node: BlockChoice, slotCount: number): Uint8Array {
  const { egressStart, egressPoint, routerOf } = problem;
  const state = new Uint8Array(slotCount).fill(CLOSED);
  const routers = new Set<number>();
  for (const s of node.slot) {
    const router = routerOf[egressPoint[egressStart[prefix] + s]];
    if (state[s] === OPEN || routers.has(router)) continue;
    routers.add(router);
    state[s] = OPEN;
  }
  return state;
}

/** Opening a slot closes the others of its router. */
function withOpen(problem: Problem, prefix: number, state: Uint8Array, slot: number): Uint8Array {
  const first = problem.egressStart[prefix];
  const routerAt = (s: number) => problem.routerOf[problem.egressPoint[first + s]];
  const open = state.map((decided, s) => (routerAt(s) === routerAt(slot) ? CLOSED : decided));
  open[slot] = OPEN;
  return open;
}

/** A state with the cheapest entry and slot of every pair that it allows. */
interface Node extends BlockChoice {
  readonly state: Uint8Array;
  /** Float64 [pairs], what each pair pays. */
  readonly paid: Float64Array;
}

/**
 * Null where some pair is left without a way. A state allows less than that of its `parent`, so a pair whose choice there
 * is still allowed keeps it.
 */
function relax(
  priced: PricedPrefix,
  state: Uint8Array,
  parent: Node | null,
  volumes: Float64Array | null,
): Node | null {
  const { pairCount, slotCount, entryStart, entryPoint, value, near } = priced;
  const ingress = parent?.ingress.slice() ?? new Int32Array(pairCount);
  const slot = parent?.slot.slice() ?? new Int32Array(pairCount);
  const paid = parent?.paid.slice() ?? new Float64Array(pairCount);
  let total = 0;
  for (let at = 0; at < pairCount; at++) {
    if (parent === null || !stillAllowed(near, slotCount, state, ingress[at], slot[at])) {
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
      if (least === Number.POSITIVE_INFINITY) return null;
      paid[at] = least;
    }
    total += volumes === null ? paid[at] : volumes[at] * paid[at];
  }
  return { bound: total, value: total, ingress, slot, state, paid };
}

/** Is the slot not closed, and none that is closer to the ingress open? */
function stillAllowed(near: Int32Array, slotCount: number, state: Uint8Array, point: number, slot: number): boolean {
  if (state[slot] === CLOSED) return false;
  for (let place = point * slotCount; near[place] !== slot; place++) if (state[near[place]] === OPEN) return false;
  return true;
}

/** The slot in use that breaks the choice of most other pairs, or -1. */
export function conflictOf(problem: Problem, prefix: number, node: Pick<Node, 'slot' | 'ingress' | 'state'>): number {
  const { egressStart, egressPoint, rank, pointCount, routerOf } = problem;
  const pointAt = (s: number) => egressPoint[egressStart[prefix] + s];
  const used: number[] = [];
  for (const s of node.slot) if (!used.includes(s)) used.push(s);
  if (used.length === 1) return -1;
  const broken = new Int32Array(used.length);
  for (let at = 0; at < node.slot.length; at++) {
    const own = pointAt(node.slot[at]);
    const row = node.ingress[at] * pointCount;
    const place = rank[row + own];
    const router = routerOf[own];
    for (let u = 0; u < used.length; u++) {
      const s = used[u];
      if (node.state[s] === OPEN || s === node.slot[at]) continue;
      const point = pointAt(s);
      if (rank[row + point] < place || routerOf[point] === router) broken[u]++;
    }
  }
  let most = 0;
  let conflict = -1;
  for (let u = 0; u < used.length; u++) {
    if (broken[u] <= most) continue;
    most = broken[u];
    conflict = used[u];
  }
  return conflict;
}
