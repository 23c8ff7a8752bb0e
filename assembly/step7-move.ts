/**
 * The value of one Step 7 move, by a definition that does not depend on how it is computed:
 *
 * - C' − C: over the pairs of the prefix in order, new cost − old cost of the pairs that change their egress.
 * - out_j, in_j: volumes that leave and reach point j, summed in pair order; one of the two is 0.
 * - ΣV − ΣV': over the overloaded points in order, min(V_j, out_j) − in_j. The other points stay as they are, for a move
 *   that overloads one is not admitted: load_j + in_j ≤ limit_j.
 *
 * So a value changes only where V_j falls below out_j, and then ΣV − ΣV' falls, rounding included.
 */
import { nearestOpen } from './compute-egress';
import { getF64, getI32, getU8, setF64 } from './memory';
import { Step7Frame } from './step7-frame';

/** Results of `evaluate`. */
export let costDelta: f64 = 0;
export let overloadDelta: f64 = 0;

@inline
export function overloadAt(f: Step7Frame, point: i32, load: f64): f64 {
  const over = load - getF64(f.limit, point);
  return over > 0 ? over : 0;
}

/** May slot carry pair p of prefix k? Reachable and eligible. */
export function carries(f: Step7Frame, k: i32, p: i32, slot: i32): bool {
  if (distanceTo(f, p, slot) == Infinity) return false;
  if (f.eligible == 0) return true;
  const first = getI32(f.egressStart, k);
  const slotCount = getI32(f.egressStart, k + 1) - first;
  const arc = getI32(f.arcStart, k) + (p - getI32(f.pairStart, k)) * slotCount + slot - first;
  return getU8(f.eligible, arc) != 0;
}

@inline
function distanceTo(f: Step7Frame, p: i32, slot: i32): f64 {
  const row = f.distance + (<usize>getI32(f.pairIngress, p) * <usize>f.pointCount << 3);
  return getF64(row, getI32(f.egressPoint, slot));
}

/** Volume × unit cost; nothing for no volume, even where the egress is unreachable, and nothing for no egress. */
function pairCost(f: Step7Frame, p: i32, slot: i32): f64 {
  const volume = getF64(f.pairVolume, p);
  if (volume == 0 || slot < 0) return 0;
  let unit = distanceTo(f, p, slot) + getF64(f.slotCost, slot);
  if (f.currentSlot != 0 && getI32(f.currentSlot, p) != slot) unit += getF64(f.changeUnit, p);
  return volume * unit;
}

/** Egress of pair p after the move: its open slot is closed, or its closed slot opened. */
export function egressAfter(f: Step7Frame, k: i32, p: i32, slot: i32, from: i32): i32 {
  if (getU8(f.open, slot) != 0) return from == slot ? nearestOpen(f, k, p, slot) : from;
  if (from < 0) return slot;
  const rank = f.rank + (<usize>getI32(f.pairIngress, p) * <usize>f.pointCount << 2);
  return getI32(rank, getI32(f.egressPoint, slot)) < getI32(rank, getI32(f.egressPoint, from)) ? slot : from;
}

/** May `slot` be deleted or inserted at all: lines 11 and 25, the last egress and the router rule. */
export function isProposed(f: Step7Frame, k: i32, slot: i32): bool {
  const point = getI32(f.egressPoint, slot);
  const isDelete = getU8(f.open, slot) != 0;
  if (isDelete != getF64(f.overload, point) > 0) return false;
  const router = getI32(f.routerOf, point);
  let others = 0;
  for (let other = getI32(f.egressStart, k), end = getI32(f.egressStart, k + 1); other < end; other++) {
    if (other == slot || getU8(f.open, other) == 0) continue;
    if (!isDelete && getI32(f.routerOf, getI32(f.egressPoint, other)) == router) return false;
    others++;
  }
  return others > 0;
}

/**
 * Values the move of `slot` and leaves the volumes in `moved`; false where the move is not admitted: it does not lower
 * ΣV, a pair would leave where it may not, or a point would be overloaded that was not (lines 15 and 29).
 */
export function evaluate(f: Step7Frame, k: i32, slot: i32, tolerance: f64): bool {
  const first = getI32(f.egressStart, k);
  const last = getI32(f.egressStart, k + 1);
  const stranded = getU8(f.stranded, k) != 0;
  for (let e = first; e < last; e++) setF64(f.moved, getI32(f.egressPoint, e), 0);
  let cost = 0.0;
  for (let p = getI32(f.pairStart, k), end = getI32(f.pairStart, k + 1); p < end; p++) {
    const from = getI32(f.egress, p);
    const to = egressAfter(f, k, p, slot, from);
    if (to == from) {
      if (stranded && !carries(f, k, p, to)) return false;
      continue;
    }
    if (!carries(f, k, p, to)) return false;
    cost += pairCost(f, p, to) - pairCost(f, p, from);
    if (from >= 0) addMoved(f, from, getF64(f.pairVolume, p));
    addMoved(f, to, getF64(f.pairVolume, p));
  }
  let relief = 0.0;
  let refusing = -1;
  for (let e = first; e < last; e++) {
    const point = getI32(f.egressPoint, e);
    const moved = getF64(f.moved, point);
    const over = getF64(f.overload, point);
    const loses = losesVolume(f, slot, e);
    if (over > 0) relief += loses ? min(over, moved) : -moved;
    else if (!loses && refusing < 0 && getF64(f.load, point) + moved > getF64(f.limit, point)) refusing = e;
  }
  costDelta = cost;
  overloadDelta = relief;
  if (!(relief > tolerance)) return false;
  if (refusing < 0) return true;
  const place = getI32(f.placeOf, refusing);
  setF64(f.refused, place, min(getF64(f.refused, place), getF64(f.moved, getI32(f.egressPoint, refusing))));
  return false;
}

/** A delete takes volume from its own slot, an insert from the others. */
@inline
export function losesVolume(f: Step7Frame, slot: i32, other: i32): bool {
  return (other == slot) == (getU8(f.open, slot) != 0);
}

@inline
function addMoved(f: Step7Frame, slot: i32, volume: f64): void {
  const point = getI32(f.egressPoint, slot);
  setF64(f.moved, point, getF64(f.moved, point) + volume);
}
