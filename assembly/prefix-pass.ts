/**
 * The pricing pass of the whole problem: each prefix takes its cheapest choice under prices. The sum of the values is the
 * part of the Lagrangian bound that depends on the prefixes. Compensated summation in the order of the list.
 */
import { getF64, getI32, setF64, setI32 } from './memory';
import { PrefixFrame } from './prefix-frame';
import { bestNode, bestSet, bestSingle, ingressOf, slotOf } from './prefix-search';
import { bestBySets, fillSets } from './prefix-sets';
import { bestByTable, fillTable } from './prefix-table';
import { bestByTree, fellTrees, forgetUnits, treeBound } from './prefix-tree';
import { firstPair, firstSlot, loadTerms, loadValues, pairCount, selectPrefix } from './prefix-values';
import { OK } from './status';

export function pricePrefixes(frame: usize): i32 {
  const f = changetype<PrefixFrame>(frame);
  const room = f.pruned != 0 ? f.room : 0;
  const short = f.fixedIngress == 0 && f.changeUnit == 0;
  if (f.continues == 0) start(f, short);
  let sum = getF64(f.total, 0);
  let compensation = getF64(f.total, 1);
  for (let at = 0; at < f.listCount; at++) {
    const k = getI32(f.list, at);
    selectPrefix(f, k);
    setF64(f.value, k, 0);
    if (pairCount == 0) continue;
    loadTerms(f, f.prices);
    let value: f64;
    if (short && (bestBySets(f, k) || bestByTable(f))) {
      value = getF64(bestNode(f), 0);
    } else if (short && bestByTree(f, k)) {
      value = treeBound;
    } else {
      forgetUnits();
      loadValues(f, f.prices, room);
      value = f.sets != 0 ? bestSet(f) : bestSingle(f, room);
    }
    setF64(f.value, k, value);
    takeFound(f);
    if (value == Infinity || sum == Infinity) {
      sum = Infinity;
      continue;
    }
    const total = sum + value;
    const part = total - sum;
    compensation += sum - (total - part) + (value - part);
    sum = total;
  }
  setF64(f.total, 0, sum);
  setF64(f.total, 1, compensation);
  return OK;
}

function start(f: PrefixFrame, short: bool): void {
  memory.fill(f.foundLoad, 0, (<usize>f.pointCount) << 4);
  setF64(f.total, 0, 0);
  setF64(f.total, 1, 0);
  if (!short) return;
  fillTable(f);
  fillSets(f);
  fellTrees(f);
}

function takeFound(f: PrefixFrame): void {
  const node = bestNode(f);
  const isFound = getF64(node, 0) < Infinity;
  for (let at = 0; at < pairCount; at++) {
    const pair = firstPair + at;
    if (!isFound) {
      setI32(f.foundIngress, pair, -1);
      setI32(f.foundSlot, pair, -1);
      continue;
    }
    const ingress = getI32(ingressOf(f, node), at);
    const slot = firstSlot + getI32(slotOf(f, node), at);
    const egress = f.pointCount + getI32(f.egressPoint, slot);
    const volume = getF64(f.pairVolume, pair);
    setI32(f.foundIngress, pair, ingress);
    setI32(f.foundSlot, pair, slot);
    setF64(f.foundLoad, ingress, getF64(f.foundLoad, ingress) + volume);
    setF64(f.foundLoad, egress, getF64(f.foundLoad, egress) + volume);
  }
}
