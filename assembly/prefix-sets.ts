/**
 * The cheapest egress set of a prefix by looking at all of them: for prefixes of equal, small Out(k) what a neighbor pays
 * per unit of volume depends on the set alone, so a table of it serves them all.
 *
 *   min over sets S of  Σ_h v_h · min_{i ∈ In(h)} (price_i + w · d(i, near_S(i)) + term of near_S(i))
 *
 * Exact, where the ingress is free to choose, everything is eligible, no present choice is cheaper than others, and each
 * pair has room wherever it may go. A table: Float64 [neighbors × sets], and Int32 of the same shape, ingress · 256 + slot;
 * a set is the bits of its slots. Cost: O(sets · entries) a class, O(sets · pairs) a prefix, two sets at a time.
 */
import { getF64, getI32, setF64, setI32 } from './memory';
import { PrefixFrame } from './prefix-frame';
import { bestNode, ingressOf, slotOf } from './prefix-search';
import {
  firstPair,
  firstSlot,
  loadTerms,
  nearestFirst,
  orderSlots,
  pairCount,
  selectPrefix,
  slotCount,
} from './prefix-values';

/** Fewest sets of a table, so that its rows are whole vectors. */
const LEAST_SETS: i32 = 8;

@inline
function setCountOf(slots: i32): i32 {
  return max(LEAST_SETS, 1 << slots);
}

export function fillSets(f: PrefixFrame): void {
  for (let c = 0; c < f.classCount; c++) {
    selectPrefix(f, getI32(f.classPrefix, c));
    orderSlots(f);
    loadTerms(f, f.prices);
    const egressRoom = f.room + ((<usize>f.pointCount) << 3);
    let room: f64 = Infinity;
    if (f.pruned != 0) {
      for (let s = 0; s < slotCount; s++) room = min(room, getF64(egressRoom, getI32(f.egressPoint, firstSlot + s)));
    }
    setF64(f.classRoom, c, room);
    const sets = setCountOf(slotCount);
    for (let h = 0; h < f.neighborCount; h++) {
      const row = getI32(f.classStart, c) + h * sets;
      for (let set = 0; set < sets; set++) fillSet(f, h, set, row + set);
    }
  }
}

/** What a neighbor pays for a unit under a set, and where it goes. */
function fillSet(f: PrefixFrame, h: i32, set: i32, at: i32): void {
  setF64(f.setValue, at, Infinity);
  if (set == 0 || set >= 1 << slotCount || sharesRouter(f, set)) return;
  const weight = <f64>f.costWeight;
  let least: f64 = Infinity;
  for (let e = getI32(f.ingressStart, h), end = getI32(f.ingressStart, h + 1); e < end; e++) {
    const point = getI32(f.ingressPoint, e);
    const near = nearestFirst(f, point);
    let place = 0;
    while (((set >> getI32(near, place)) & 1) == 0) place++;
    const slot = getI32(near, place);
    const egress = getI32(f.egressPoint, firstSlot + slot);
    const length = getF64(f.distance + ((<usize>point * <usize>f.pointCount) << 3), egress);
    const value = weight * length + getF64(f.prices, point) + getF64(f.slotTerm, slot);
    if (length == Infinity || value >= least) continue;
    least = value;
    setI32(f.setChoice, at, (point << 8) | slot);
  }
  setF64(f.setValue, at, least);
}

function sharesRouter(f: PrefixFrame, set: i32): bool {
  for (let s = 1; s < slotCount; s++) {
    if (((set >> s) & 1) == 0) continue;
    const router = getI32(f.routerOf, getI32(f.egressPoint, firstSlot + s));
    for (let other = 0; other < s; other++) {
      const isIn = ((set >> other) & 1) != 0;
      if (isIn && getI32(f.routerOf, getI32(f.egressPoint, firstSlot + other)) == router) return true;
    }
  }
  return false;
}

/** The best set of the selected prefix into the best node, where a table holds it. Ties: the set of the least bits. */
export function bestBySets(f: PrefixFrame, k: i32): bool {
  if (f.classCount == 0) return false;
  const c = getI32(f.classOf, k);
  if (c < 0) return false;
  const room = getF64(f.classRoom, c);
  for (let at = 0; at < pairCount; at++) {
    const volume = getF64(f.pairVolume, firstPair + at);
    // Nothing times infinity is not a number.
    if (volume == 0 || volume > room) return false;
    if (volume > getF64(f.entryRoom, getI32(f.pairNeighbor, firstPair + at))) return false;
  }
  const sets = setCountOf(slotCount);
  const table = f.setValue + ((<usize>getI32(f.classStart, c)) << 3);
  let best: f64 = Infinity;
  let chosen = -1;
  for (let set = 0; set < sets; set += LEAST_SETS) {
    const column = table + ((<usize>set) << 3);
    let a = f64x2.splat(0);
    let b = f64x2.splat(0);
    let c = f64x2.splat(0);
    let d = f64x2.splat(0);
    for (let at = 0; at < pairCount; at++) {
      const row = column + ((<usize>(getI32(f.pairNeighbor, firstPair + at) * sets)) << 3);
      const volume = v128.load_splat<f64>(f.pairVolume + ((<usize>(firstPair + at)) << 3));
      a = f64x2.add(a, f64x2.mul(volume, v128.load(row)));
      b = f64x2.add(b, f64x2.mul(volume, v128.load(row, 16)));
      c = f64x2.add(c, f64x2.mul(volume, v128.load(row, 32)));
      d = f64x2.add(d, f64x2.mul(volume, v128.load(row, 48)));
    }
    const least = f64x2.pmin(f64x2.pmin(a, b), f64x2.pmin(c, d));
    if (f64x2.extract_lane(least, 0) >= best && f64x2.extract_lane(least, 1) >= best) continue;
    v128.store(f.setTotal, a);
    v128.store(f.setTotal, b, 16);
    v128.store(f.setTotal, c, 32);
    v128.store(f.setTotal, d, 48);
    for (let at = 0; at < LEAST_SETS; at++) {
      if (getF64(f.setTotal, at) >= best) continue;
      best = getF64(f.setTotal, at);
      chosen = set + at;
    }
  }
  const node = bestNode(f);
  setF64(node, 0, best);
  if (chosen < 0) return true;
  for (let at = 0; at < pairCount; at++) {
    const row = getI32(f.classStart, getI32(f.classOf, k)) + getI32(f.pairNeighbor, firstPair + at) * sets;
    const choice = getI32(f.setChoice, row + chosen);
    setI32(ingressOf(f, node), at, choice >> 8);
    setI32(slotOf(f, node), at, choice & 255);
  }
  return true;
}
