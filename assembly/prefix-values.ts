/**
 * One prefix under prices, laid out for searching: what each of its pairs pays by each ingress and egress slot.
 * Infinity where the way is not allowed, or where the pair by itself has no room.
 */
import { getF64, getI32, getU8, setF64, setI32 } from './memory';
import { PrefixFrame } from './prefix-frame';

/** Of the prefix that was loaded last. */
export let firstSlot: i32 = 0;
export let slotCount: i32 = 0;
export let firstPair: i32 = 0;
export let pairCount: i32 = 0;

/** Which Out(k) the rows of `near` were filled for; a module instance serves one frame only. */
let stamp: i32 = 0;
let stampedFirst: i32 = 0;
let stampedCount: i32 = -1;

export function selectPrefix(f: PrefixFrame, k: i32): void {
  firstSlot = getI32(f.egressStart, k);
  slotCount = getI32(f.egressStart, k + 1) - firstSlot;
  firstPair = getI32(f.pairStart, k);
  pairCount = getI32(f.pairStart, k + 1) - firstPair;
}

/** Terms of the selected prefix that do not depend on the pair. */
export function loadTerms(f: PrefixFrame, prices: usize): void {
  const egressPrice = prices + ((<usize>f.pointCount) << 3);
  const weight = <f64>f.costWeight;
  for (let s = 0; s < slotCount; s++) {
    const slot = firstSlot + s;
    setF64(f.slotTerm, s, weight * getF64(f.slotCost, slot) + getF64(egressPrice, getI32(f.egressPoint, slot)));
  }
}

/** Values of the selected prefix, after `loadTerms`. `room` may be 0. */
export function loadValues(f: PrefixFrame, prices: usize, room: usize): void {
  loadEntries(f, prices, room, false);
}

/** The same for one unit of each pair, room unlimited. */
export function loadUnits(f: PrefixFrame, prices: usize): void {
  loadEntries(f, prices, 0, true);
}

function loadEntries(f: PrefixFrame, prices: usize, room: usize, ofUnit: bool): void {
  let entry = 0;
  for (let at = 0; at < pairCount; at++) {
    setI32(f.entryStart, at, entry);
    const pair = firstPair + at;
    if (f.fixedIngress != 0) {
      priceEntry(f, pair, entry++, getI32(f.fixedIngress, pair), 0, room, false, ofUnit);
      continue;
    }
    const h = getI32(f.pairNeighbor, pair);
    for (let e = getI32(f.ingressStart, h), end = getI32(f.ingressStart, h + 1); e < end; e++) {
      const point = getI32(f.ingressPoint, e);
      priceEntry(f, pair, entry++, point, getF64(prices, point), room, true, ofUnit);
    }
  }
  setI32(f.entryStart, pairCount, entry);
}

function priceEntry(
  f: PrefixFrame,
  pair: i32,
  entry: i32,
  point: i32,
  price: f64,
  room: usize,
  limited: bool,
  ofUnit: bool,
): void {
  setI32(f.entryPoint, entry, point);
  const values = f.entryValue + ((<usize>(entry * slotCount)) << 3);
  const volume = ofUnit ? 1 : getF64(f.pairVolume, pair);
  if (room != 0 && limited && volume > getF64(room, point)) {
    for (let s = 0; s < slotCount; s++) setF64(values, s, Infinity);
    return;
  }
  const weight = <f64>f.costWeight;
  const far = f.distance + ((<usize>point * <usize>f.pointCount) << 3);
  const egressRoom = room + ((<usize>f.pointCount) << 3);
  let change: f64 = 0;
  let stays = -1;
  if (f.changeUnit != 0) {
    change = weight * getF64(f.changeUnit, pair);
    if (getI32(f.currentIngress, pair) == point) stays = getI32(f.currentSlot, pair) - firstSlot;
  }
  for (let s = 0; s < slotCount; s++) {
    const egress = getI32(f.egressPoint, firstSlot + s);
    const length = getF64(far, egress);
    const isBarred =
      length == Infinity || !isEligible(f, pair, s) || (room != 0 && volume > getF64(egressRoom, egress));
    if (isBarred) setF64(values, s, Infinity);
    else setF64(values, s, volume * (weight * length + price + getF64(f.slotTerm, s) + (s == stays ? 0 : change)));
  }
}

@inline
export function isEligible(f: PrefixFrame, pair: i32, s: i32): bool {
  return f.eligible == 0 || getU8(f.eligible, getI32(f.arcStart, pair) + s) != 0;
}

/** Int32 [slotCount]: slots of the selected prefix by closeness to the point. Filled once for prefixes of equal Out(k). */
export function nearestFirst(f: PrefixFrame, point: i32): usize {
  const row = f.near + ((<usize>point * <usize>slotCount) << 2);
  if (getI32(f.nearStamp, point) == stamp) return row;
  setI32(f.nearStamp, point, stamp);
  const rank = f.rank + ((<usize>point * <usize>f.pointCount) << 2);
  for (let s = 0; s < slotCount; s++) {
    const place = getI32(rank, getI32(f.egressPoint, firstSlot + s));
    let at = s;
    for (; at > 0; at--) {
      const before = getI32(row, at - 1);
      if (getI32(rank, getI32(f.egressPoint, firstSlot + before)) < place) break;
      setI32(row, at, before);
    }
    setI32(row, at, s);
  }
  return row;
}

/** To be called for the selected prefix before `nearestFirst`. */
export function orderSlots(f: PrefixFrame): void {
  let isSame = slotCount == stampedCount;
  for (let s = 0; isSame && s < slotCount; s++) {
    isSame = getI32(f.egressPoint, firstSlot + s) == getI32(f.egressPoint, stampedFirst + s);
  }
  if (isSame) return;
  stamp++;
  stampedFirst = firstSlot;
  stampedCount = slotCount;
}
