/**
 * The short way through a pass: the cheapest entry of each neighbor for each egress, found once for all prefixes. It holds
 * where the ingress is free to choose, no present choice is cheaper than others, and the pair has room at every ingress.
 */
import { getF64, getI32, setF64, setI32 } from './memory';
import { PrefixFrame } from './prefix-frame';
import { bestNode, conflictOf, ingressOf, paidOf, slotOf, stateOf, volumeOfPrefix } from './prefix-search';
import { firstPair, firstSlot, isEligible, pairCount, slotCount } from './prefix-values';

export function fillTable(f: PrefixFrame): void {
  const n = f.pointCount;
  const weight = <f64>f.costWeight;
  for (let h = 0; h < f.neighborCount; h++) {
    const row = h * n;
    let room: f64 = Infinity;
    for (let j = 0; j < n; j++) setF64(f.entryTable, row + j, Infinity);
    for (let e = getI32(f.ingressStart, h), end = getI32(f.ingressStart, h + 1); e < end; e++) {
      const point = getI32(f.ingressPoint, e);
      const price = getF64(f.prices, point);
      const far = f.distance + ((<usize>point * <usize>n) << 3);
      if (f.pruned != 0) room = min(room, getF64(f.room, point));
      for (let j = 0; j < n; j++) {
        const length = getF64(far, j);
        if (length == Infinity) continue;
        const value = weight * length + price;
        if (value >= getF64(f.entryTable, row + j)) continue;
        setF64(f.entryTable, row + j, value);
        setI32(f.entryChoice, row + j, point);
      }
    }
    setF64(f.entryRoom, h, room);
  }
}

/** The best choice of the selected prefix into the best node, where the short way holds and settles it. */
export function bestByTable(f: PrefixFrame): bool {
  for (let at = 0; at < pairCount; at++) {
    const pair = firstPair + at;
    if (getF64(f.pairVolume, pair) > getF64(f.entryRoom, getI32(f.pairNeighbor, pair))) return false;
  }
  return f.sets != 0 ? bestOfEach(f) : bestOfAll(f);
}

/** One egress for all pairs. */
function bestOfAll(f: PrefixFrame): bool {
  const n = f.pointCount;
  const volume = volumeOfPrefix(f);
  const egressRoom = f.room + ((<usize>n) << 3);
  let best: f64 = Infinity;
  let slot = -1;
  for (let s = 0; s < slotCount; s++) {
    const egress = getI32(f.egressPoint, firstSlot + s);
    if (f.pruned != 0 && volume > getF64(egressRoom, egress)) continue;
    const term = getF64(f.slotTerm, s);
    let total: f64 = 0;
    for (let at = 0; at < pairCount && total < best; at++) {
      const pair = firstPair + at;
      const entry = getF64(f.entryTable, getI32(f.pairNeighbor, pair) * n + egress);
      total += entry == Infinity || !isEligible(f, pair, s) ? Infinity : getF64(f.pairVolume, pair) * (entry + term);
    }
    if (total >= best) continue;
    best = total;
    slot = s;
  }
  const node = bestNode(f);
  setF64(node, 0, best);
  if (slot < 0) return true;
  const egress = getI32(f.egressPoint, firstSlot + slot);
  for (let at = 0; at < pairCount; at++) {
    setI32(ingressOf(f, node), at, getI32(f.entryChoice, getI32(f.pairNeighbor, firstPair + at) * n + egress));
    setI32(slotOf(f, node), at, slot);
  }
  return true;
}

/** For every pair its own egress: settled where these make a set. */
function bestOfEach(f: PrefixFrame): bool {
  const n = f.pointCount;
  const node = bestNode(f);
  const egressRoom = f.room + ((<usize>n) << 3);
  let total: f64 = 0;
  for (let at = 0; at < pairCount; at++) {
    const pair = firstPair + at;
    const volume = getF64(f.pairVolume, pair);
    const row = getI32(f.pairNeighbor, pair) * n;
    let least: f64 = Infinity;
    let slot = -1;
    for (let s = 0; s < slotCount; s++) {
      const egress = getI32(f.egressPoint, firstSlot + s);
      const value = getF64(f.entryTable, row + egress) + getF64(f.slotTerm, s);
      if (value >= least || !isEligible(f, pair, s)) continue;
      if (f.pruned != 0 && volume > getF64(egressRoom, egress)) continue;
      least = value;
      slot = s;
    }
    if (slot < 0) return false;
    const paid = volume * least;
    setI32(ingressOf(f, node), at, getI32(f.entryChoice, row + getI32(f.egressPoint, firstSlot + slot)));
    setI32(slotOf(f, node), at, slot);
    setF64(paidOf(node), at, paid);
    total += paid;
  }
  setF64(node, 0, total);
  memory.fill(stateOf(f, node), 0, <usize>slotCount);
  return conflictOf(f, node) < 0;
}
