/**
 * Plans prefix by prefix: each of the list in turn takes its cheapest choice in the room that the others leave. A choice
 * is searched among ways that fit by themselves; where its sums do not, the sides in excess are made dear for this prefix
 * and it is searched again, a few times. What then exceeds least is taken.
 *
 * With `keeps`, a prefix that was placed keeps its choice unless the new one lowers cost + weight · overload.
 */
import { getF64, getI32, setF64, setI32 } from './memory';
import { PrefixFrame } from './prefix-frame';
import { bestNode, bestSet, bestSingle, ingressOf, slotOf, volumeOfPrefix } from './prefix-search';
import { firstPair, firstSlot, loadTerms, loadValues, pairCount, selectPrefix } from './prefix-values';
import { OK } from './status';

const ATTEMPTS: i32 = 6;
// Places in `terms`.
const DEAR: i32 = 0;
const WEIGHT: i32 = 1;
const ALLOWANCE: i32 = 2;
const COST_DELTA: i32 = 3;
const OVERLOAD: i32 = 4;
const WHOLE: i32 = 5;
const PLACED: i32 = 6;
/** Σ over all sides of load above the limit. */
let overload: f64 = 0;

export function placePrefixes(frame: usize): i32 {
  const f = changetype<PrefixFrame>(frame);
  const weight = getF64(f.terms, WEIGHT);
  prepare(f);
  for (let at = 0; at < f.listCount; at++) {
    const k = getI32(f.list, at);
    selectPrefix(f, k);
    if (pairCount == 0) continue;
    const isPlaced = getI32(f.placedSlot, firstPair) >= 0;
    if (!isPlaced || f.keeps == 0) {
      if (isPlaced) addPlaced(f, -1);
      choose(f, f.prices);
      takeBest(f);
      addPlaced(f, 1);
      continue;
    }
    const before = overload;
    const cost = placedCost(f);
    // The found arrays hold the old choice while the new one is tried.
    copyPlaced(f, f.placedIngress, f.placedSlot, f.foundIngress, f.foundSlot);
    addPlaced(f, -1);
    choose(f, f.prices);
    takeBest(f);
    addPlaced(f, 1);
    if (placedCost(f) - cost + weight * (overload - before) < -1e-12 * cost) continue;
    addPlaced(f, -1);
    copyPlaced(f, f.foundIngress, f.foundSlot, f.placedIngress, f.placedSlot);
    addPlaced(f, 1);
    // Back where it was, rounding left aside.
    overload = before;
  }
  setF64(f.terms, OVERLOAD, overload);
  return OK;
}

/**
 * Places prefixes under prices that follow the loads: a side that fills faster than the volume placed so far, of the whole
 * that is to come, would have it becomes dearer, one that fills slower cheaper.
 */
export function fillPrefixes(frame: usize): i32 {
  const f = changetype<PrefixFrame>(frame);
  const sides = 2 * f.pointCount;
  const stiffness = getF64(f.terms, ALLOWANCE);
  prepare(f);
  const whole = getF64(f.terms, WHOLE);
  if (f.continues == 0) {
    memory.copy(f.firstLoad, f.load, (<usize>sides) << 3);
    setF64(f.terms, PLACED, 0);
  }
  let placed = getF64(f.terms, PLACED);
  for (let at = 0; at < f.listCount; at++) {
    selectPrefix(f, getI32(f.list, at));
    if (pairCount == 0) continue;
    const volume = volumeOfPrefix(f);
    const progress = whole > 0 ? (placed + 0.5 * volume) / whole : 0;
    for (let s = 0; s < sides; s++) {
      const limit = getF64(f.limit, s);
      let price: f64 = 0;
      if (limit < Infinity) {
        const first = getF64(f.firstLoad, s);
        const room = limit - first;
        const ahead = room > 0 ? (getF64(f.load, s) - first) / room - progress : 0;
        price = max(0, getF64(f.prices, s) + stiffness * ahead);
      }
      setF64(f.ownPrices, s, price);
    }
    choose(f, f.ownPrices);
    takeBest(f);
    addPlaced(f, 1);
    placed += volume;
  }
  setF64(f.terms, PLACED, placed);
  setF64(f.terms, OVERLOAD, overload);
  return OK;
}

/**
 * Takes all prefixes of the list out of the plan and lets them choose anew, in order. The plan stays as it was where that
 * adds more than the allowance to cost + weight · overload. Returns through `terms`.
 */
export function reinsertPrefixes(frame: usize): i32 {
  const f = changetype<PrefixFrame>(frame);
  const weight = getF64(f.terms, WEIGHT);
  prepare(f);
  const before = overload;
  let delta: f64 = 0;
  for (let at = 0; at < f.listCount; at++) {
    selectPrefix(f, getI32(f.list, at));
    delta -= placedCost(f);
    copyPlaced(f, f.placedIngress, f.placedSlot, f.foundIngress, f.foundSlot);
    addPlaced(f, -1);
  }
  for (let at = 0; at < f.listCount; at++) {
    selectPrefix(f, getI32(f.list, at));
    choose(f, f.prices);
    takeBest(f);
    addPlaced(f, 1);
    delta += placedCost(f);
  }
  if (delta + weight * (overload - before) > getF64(f.terms, ALLOWANCE)) {
    for (let at = 0; at < f.listCount; at++) {
      selectPrefix(f, getI32(f.list, at));
      addPlaced(f, -1);
      copyPlaced(f, f.foundIngress, f.foundSlot, f.placedIngress, f.placedSlot);
      addPlaced(f, 1);
    }
    delta = 0;
    overload = before;
  }
  setF64(f.terms, COST_DELTA, delta);
  setF64(f.terms, OVERLOAD, overload);
  return OK;
}

function prepare(f: PrefixFrame): void {
  overload = 0;
  for (let s = 0, sides = 2 * f.pointCount; s < sides; s++) {
    overload += excessAt(f, s, getF64(f.load, s));
    setF64(f.room, s, getF64(f.limit, s) - getF64(f.load, s));
    setF64(f.ownPrices, s, getF64(f.prices, s));
    setF64(f.taken, s, 0);
  }
}

/** The best choice in the present room into the best node. */
function choose(f: PrefixFrame, prices: usize): void {
  const node = bestNode(f);
  const dear = getF64(f.terms, DEAR);
  const volume = volumeOrOne(f);
  let least: f64 = Infinity;
  let isPriced = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    search(f, f.room);
    if (getF64(node, 0) == Infinity) {
      // Some pair fits nowhere by itself: then where it exceeds least.
      for (let s = 0, sides = 2 * f.pointCount; s < sides; s++) {
        const short = min(1, max(0, volume - getF64(f.room, s)) / volume);
        setF64(f.ownPrices, s, getF64(f.ownPrices, s) + dear * short);
      }
      isPriced = true;
      search(f, 0);
    }
    const excess = measure(f, dear / volume, attempt + 1 < ATTEMPTS);
    if (excess > 0) isPriced = true;
    if (excess < least) {
      least = excess;
      memory.copy(f.kept, node, <usize>f.nodeBytes);
    }
    if (excess == 0) break;
  }
  memory.copy(node, f.kept, <usize>f.nodeBytes);
  if (!isPriced || prices == f.ownPrices) return;
  for (let s = 0, sides = 2 * f.pointCount; s < sides; s++) setF64(f.ownPrices, s, getF64(prices, s));
}

function search(f: PrefixFrame, room: usize): void {
  loadTerms(f, f.ownPrices);
  loadValues(f, f.ownPrices, room);
  if (f.sets != 0) bestSet(f);
  else bestSingle(f, room);
}

/** By how much the choice exceeds the room; each side in excess becomes dearer by `rate` a unit, where `prices` says so. */
function measure(f: PrefixFrame, rate: f64, prices: bool): f64 {
  const node = bestNode(f);
  for (let at = 0; at < pairCount; at++) {
    const volume = getF64(f.pairVolume, firstPair + at);
    const ingress = getI32(ingressOf(f, node), at);
    const egress = egressSide(f, firstSlot + getI32(slotOf(f, node), at));
    setF64(f.taken, ingress, getF64(f.taken, ingress) + volume);
    setF64(f.taken, egress, getF64(f.taken, egress) + volume);
  }
  let total: f64 = 0;
  for (let at = 0; at < pairCount; at++) {
    const ingress = getI32(ingressOf(f, node), at);
    const egress = egressSide(f, firstSlot + getI32(slotOf(f, node), at));
    total += clearTaken(f, ingress, rate, prices) + clearTaken(f, egress, rate, prices);
  }
  return total;
}

function clearTaken(f: PrefixFrame, side: i32, rate: f64, prices: bool): f64 {
  const amount = getF64(f.taken, side);
  if (amount == 0) return 0;
  setF64(f.taken, side, 0);
  const excess = amount - max(0, getF64(f.room, side));
  if (excess <= 0) return 0;
  if (prices) setF64(f.ownPrices, side, getF64(f.ownPrices, side) + rate * excess);
  return excess;
}

@inline
function egressSide(f: PrefixFrame, slot: i32): i32 {
  return f.pointCount + getI32(f.egressPoint, slot);
}

function volumeOrOne(f: PrefixFrame): f64 {
  const volume = volumeOfPrefix(f);
  return volume == 0 ? 1 : volume;
}

function takeBest(f: PrefixFrame): void {
  const node = bestNode(f);
  for (let at = 0; at < pairCount; at++) {
    setI32(f.placedIngress, firstPair + at, getI32(ingressOf(f, node), at));
    setI32(f.placedSlot, firstPair + at, firstSlot + getI32(slotOf(f, node), at));
  }
}

function copyPlaced(f: PrefixFrame, fromIngress: usize, fromSlot: usize, toIngress: usize, toSlot: usize): void {
  const offset = (<usize>firstPair) << 2;
  const bytes = (<usize>pairCount) << 2;
  memory.copy(toIngress + offset, fromIngress + offset, bytes);
  memory.copy(toSlot + offset, fromSlot + offset, bytes);
}

@inline
function excessAt(f: PrefixFrame, side: i32, load: f64): f64 {
  return max(0, load - getF64(f.limit, side));
}

function addPlaced(f: PrefixFrame, sign: f64): void {
  for (let at = 0; at < pairCount; at++) {
    const pair = firstPair + at;
    const volume = sign * getF64(f.pairVolume, pair);
    addLoad(f, getI32(f.placedIngress, pair), volume);
    addLoad(f, egressSide(f, getI32(f.placedSlot, pair)), volume);
  }
}

function addLoad(f: PrefixFrame, side: i32, volume: f64): void {
  const load = getF64(f.load, side);
  const next = load + volume;
  overload += excessAt(f, side, next) - excessAt(f, side, load);
  setF64(f.load, side, next);
  setF64(f.room, side, getF64(f.limit, side) - next);
}

/** Real cost of the prefix in the plan. */
function placedCost(f: PrefixFrame): f64 {
  let cost: f64 = 0;
  for (let at = 0; at < pairCount; at++) {
    const pair = firstPair + at;
    const point = getI32(f.placedIngress, pair);
    const slot = getI32(f.placedSlot, pair);
    const egress = getI32(f.egressPoint, slot);
    let unit = getF64(f.distance, point * f.pointCount + egress) + getF64(f.slotCost, slot);
    if (f.changeUnit != 0 && !(getI32(f.currentIngress, pair) == point && getI32(f.currentSlot, pair) == slot)) {
      unit += getF64(f.changeUnit, pair);
    }
    cost += getF64(f.pairVolume, pair) * unit;
  }
  return cost;
}
