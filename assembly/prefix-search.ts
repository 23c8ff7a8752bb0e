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
 * A node: Float64 value, Float64 [maxPairs] paid, Int32 [maxPairs] ingress, Int32 [maxPairs] slot, Uint8 [maxSlots] state.
 */
import { getF64, getI32, getU8, setF64, setI32, setU8 } from './memory';
import { PrefixFrame } from './prefix-frame';
import { firstPair, firstSlot, nearestFirst, orderSlots, pairCount, slotCount } from './prefix-values';

/** Nodes whose slots in use are tried as a set: good incumbents come early or not at all. */
export const REPAIRED_NODES: i32 = 3;
// A slot is 0 while nothing is decided.
export const OPEN: i32 = 1;
export const CLOSED: i32 = 2;
/** In place of the slot that a child decides. */
export const ROOT: i32 = -1;

@inline
export function bestNode(f: PrefixFrame): usize {
  return f.nodes;
}

@inline
export function paidOf(node: usize): usize {
  return node + 8;
}

@inline
export function ingressOf(f: PrefixFrame, node: usize): usize {
  return node + 8 + ((<usize>f.maxPairs) << 3);
}

@inline
export function slotOf(f: PrefixFrame, node: usize): usize {
  return node + 8 + <usize>f.maxPairs * 12;
}

@inline
export function stateOf(f: PrefixFrame, node: usize): usize {
  return node + 8 + ((<usize>f.maxPairs) << 4);
}

/** The best S of one member into the best node; without points that have no room for all of the prefix. 0: no room asked. */
export function bestSingle(f: PrefixFrame, room: usize): f64 {
  const node = bestNode(f);
  let volume: f64 = 0;
  if (room != 0) volume = volumeOfPrefix(f);
  const egressRoom = room + ((<usize>f.pointCount) << 3);
  let best: f64 = Infinity;
  let slot = -1;
  for (let s = 0; s < slotCount; s++) {
    if (room != 0 && volume > getF64(egressRoom, getI32(f.egressPoint, firstSlot + s))) continue;
    const value = valueOfSlot(f, s, best);
    if (value < best) {
      best = value;
      slot = s;
    }
  }
  if (slot >= 0) takeSlot(f, node, slot);
  setF64(node, 0, best);
  return best;
}

/** Volume of the selected prefix, summed in pair order. */
export function volumeOfPrefix(f: PrefixFrame): f64 {
  let volume: f64 = 0;
  for (let at = 0; at < pairCount; at++) volume += getF64(f.pairVolume, firstPair + at);
  return volume;
}


/** Σ over pairs of the least value at the slot; Infinity once it reaches `cutoff`, for no value is negative. */
function valueOfSlot(f: PrefixFrame, s: i32, cutoff: f64): f64 {
  let total: f64 = 0;
  for (let at = 0; at < pairCount; at++) {
    let least: f64 = Infinity;
    for (let entry = getI32(f.entryStart, at), end = getI32(f.entryStart, at + 1); entry < end; entry++) {
      const value = getF64(f.entryValue, entry * slotCount + s);
      if (value < least) least = value;
    }
    total += least;
    if (total >= cutoff) return Infinity;
  }
  return total;
}

function takeSlot(f: PrefixFrame, node: usize, s: i32): void {
  for (let at = 0; at < pairCount; at++) {
    let least: f64 = Infinity;
    for (let entry = getI32(f.entryStart, at), end = getI32(f.entryStart, at + 1); entry < end; entry++) {
      const value = getF64(f.entryValue, entry * slotCount + s);
      if (value >= least) continue;
      least = value;
      setI32(ingressOf(f, node), at, getI32(f.entryPoint, entry));
    }
    setI32(slotOf(f, node), at, s);
    setF64(paidOf(node), at, least);
  }
}

/** The best S of any size into the best node; returns a lower bound on the value of every S, equal unless cut short. */
export function bestSet(f: PrefixFrame): f64 {
  orderSlots(f);
  const bytes = <usize>f.nodeBytes;
  const best = bestNode(f);
  const node = best + bytes;
  const spare = node + bytes;
  const stack = spare + bytes;
  bestSingle(f, 0);
  let cut: f64 = Infinity;
  let depth: usize = 0;
  memory.fill(stateOf(f, stack), 0, <usize>slotCount);
  if (relax(f, stack, ROOT)) depth = 1;
  for (let nodes = 0; depth > 0; nodes++) {
    depth--;
    memory.copy(node, stack + depth * bytes, bytes);
    const value = getF64(node, 0);
    if (value >= getF64(best, 0)) continue;
    if (nodes >= f.nodeLimit) {
      cut = min(cut, value);
      continue;
    }
    const conflict = conflictOf(f, node);
    if (conflict < 0) {
      memory.copy(best, node, bytes);
      continue;
    }
    if (nodes < REPAIRED_NODES) {
      openUsed(f, node, spare);
      if (relax(f, spare, ROOT) && getF64(spare, 0) < getF64(best, 0)) memory.copy(best, spare, bytes);
    }
    let child = stack + depth * bytes;
    memory.copy(child, node, bytes);
    setU8(stateOf(f, child), conflict, CLOSED);
    if (relax(f, child, conflict) && getF64(child, 0) < getF64(best, 0)) depth++;
    child = stack + depth * bytes;
    memory.copy(child, node, bytes);
    openSlot(f, stateOf(f, child), conflict);
    if (relax(f, child, conflict) && getF64(child, 0) < getF64(best, 0)) depth++;
  }
  return min(getF64(best, 0), cut);
}

@inline
function routerAt(f: PrefixFrame, s: i32): i32 {
  return getI32(f.routerOf, getI32(f.egressPoint, firstSlot + s));
}

/** Exactly the slots in use open, of one router the first. */
export function openUsed(f: PrefixFrame, node: usize, spare: usize): void {
  const state = stateOf(f, spare);
  memory.fill(state, <u8>CLOSED, <usize>slotCount);
  for (let at = 0; at < pairCount; at++) {
    const s = getI32(slotOf(f, node), at);
    if (getU8(state, s) == OPEN) continue;
    let isTaken = false;
    for (let other = 0; other < slotCount && !isTaken; other++) {
      isTaken = getU8(state, other) == OPEN && routerAt(f, other) == routerAt(f, s);
    }
    if (!isTaken) setU8(state, s, OPEN);
  }
}

/** Opening a slot closes the others of its router. */
export function openSlot(f: PrefixFrame, state: usize, slot: i32): void {
  const router = routerAt(f, slot);
  for (let s = 0; s < slotCount; s++) if (routerAt(f, s) == router) setU8(state, s, CLOSED);
  setU8(state, slot, OPEN);
}

/**
 * Cheapest entry and slot of every pair that the state of the node allows; false where some pair is left without. The
 * state of a child allows less than its parent's, of which it is a copy but for what `decided` opens or closes: a pair whose
 * choice is still allowed keeps it.
 */
export function relax(f: PrefixFrame, node: usize, decided: i32): bool {
  const states = stateOf(f, node);
  const ingress = ingressOf(f, node);
  const slots = slotOf(f, node);
  const paid = paidOf(node);
  let total: f64 = 0;
  for (let at = 0; at < pairCount; at++) {
    if (decided == ROOT || !isStillAllowed(f, states, getI32(ingress, at), getI32(slots, at), decided)) {
      let least: f64 = Infinity;
      for (let entry = getI32(f.entryStart, at), end = getI32(f.entryStart, at + 1); entry < end; entry++) {
        const point = getI32(f.entryPoint, entry);
        const near = nearestFirst(f, point);
        const values = f.entryValue + ((<usize>(entry * slotCount)) << 3);
        for (let place = 0; place < slotCount; place++) {
          const s = getI32(near, place);
          const state = getU8(states, s);
          if (state == CLOSED) continue;
          const value = getF64(values, s);
          if (value < least) {
            least = value;
            setI32(ingress, at, point);
            setI32(slots, at, s);
          }
          if (state == OPEN) break;
        }
      }
      if (least == Infinity) return false;
      setF64(paid, at, least);
    }
    total += getF64(paid, at);
  }
  setF64(node, 0, total);
  return true;
}

/** Is the slot, which was allowed before, not closed, and the one just decided not open and closer to the ingress? */
@inline
function isStillAllowed(f: PrefixFrame, states: usize, point: i32, slot: i32, decided: i32): bool {
  if (getU8(states, slot) == CLOSED) return false;
  if (slot == decided || getU8(states, decided) == CLOSED) return true;
  const rank = f.rank + ((<usize>point * <usize>f.pointCount) << 2);
  return getI32(rank, getI32(f.egressPoint, firstSlot + decided)) > getI32(rank, getI32(f.egressPoint, firstSlot + slot));
}

/** The slot in use that breaks the choice of most other pairs, or -1. */
export function conflictOf(f: PrefixFrame, node: usize): i32 {
  const state = stateOf(f, node);
  const slots = slotOf(f, node);
  const used = f.usedSlots;
  let usedCount = 0;
  for (let at = 0; at < pairCount; at++) {
    const s = getI32(slots, at);
    let isNew = true;
    for (let u = 0; u < usedCount && isNew; u++) isNew = getI32(used, u) != s;
    if (!isNew) continue;
    setI32(f.brokenBy, usedCount, 0);
    setI32(used, usedCount++, s);
  }
  if (usedCount == 1) return -1;
  for (let at = 0; at < pairCount; at++) {
    const own = getI32(slots, at);
    const ownPoint = getI32(f.egressPoint, firstSlot + own);
    const rank = f.rank + ((<usize>getI32(ingressOf(f, node), at) * <usize>f.pointCount) << 2);
    const place = getI32(rank, ownPoint);
    const router = getI32(f.routerOf, ownPoint);
    for (let u = 0; u < usedCount; u++) {
      const s = getI32(used, u);
      if (s == own || getU8(state, s) == OPEN) continue;
      const point = getI32(f.egressPoint, firstSlot + s);
      if (getI32(rank, point) < place || getI32(f.routerOf, point) == router) {
        setI32(f.brokenBy, u, getI32(f.brokenBy, u) + 1);
      }
    }
  }
  let most = 0;
  let conflict = -1;
  for (let u = 0; u < usedCount; u++) {
    if (getI32(f.brokenBy, u) <= most) continue;
    most = getI32(f.brokenBy, u);
    conflict = getI32(used, u);
  }
  return conflict;
}
