/**
 * Step 7 of MULTIPLEEGRESS: FIG. 4, lines 6 to 45, of US 7,197,040. Where the figure is silent or misprinted: the last
 * egress of a prefix is never deleted, inserts come from Out(k) and not from a router that is open already, line 29 asks
 * V_j of the new assignment, and no pair may end where it is unreachable or not eligible.
 *
 * Ties: lowest prefix, deletes before inserts, lowest slot. Every move lowers ΣV by more than the tolerance. Same result,
 * bit for bit, as valuing every move against the whole instance each time, but:
 *
 * - A move of prefix k moves only k's pairs, between points of Out(k).
 * - The best ratio of every prefix is kept. VSet only shrinks and, by the definition in `step7-move`, ΣV − ΣV' of a
 *   prefix that stays as it is only falls while the overloads fall and the other points fill up. So a ratio ≥ 0 that was
 *   valued before is a lower bound; it is valued again when it comes to the top.
 * - What can lower a ratio is valued at once: a point leaves VSet or its overload grows (all prefixes there), an
 *   overload falls below what a move that saves cost takes from it, room appears for a move that did not fit.
 *
 * O(pairs × slots) of a prefix per valuation.
 */
import { getF64, getI32, getU8, setF64, setI32, setU8 } from './memory';
import { BLOCK, blocksFor, buildTree, lowestIndex, setLeaf, widthFor } from './min-tree';
import { OK } from './status';
import { Step7Frame } from './step7-frame';
import { costDelta, egressAfter, evaluate, isProposed, losesVolume, overloadAt, overloadDelta } from './step7-move';
import { indexPlaces, settle } from './step7-start';

export function step7(frame: usize): i32 {
  const f = changetype<Step7Frame>(frame);
  const tolerance = settle(f);
  indexPlaces(f);
  memory.fill(f.changedAt, 0, <usize>f.pointCount << 2);
  const blockCount = blocksFor(f.prefixCount);
  const width = widthFor(blockCount);
  for (let k = 0; k < f.prefixCount; k++) setF64(f.bestRatio, k, bestMove(f, k, 0, tolerance));
  for (let k = f.prefixCount; k < blockCount * BLOCK; k++) setF64(f.bestRatio, k, Infinity);
  buildTree(f.bestRatio, f.bestNodes, width, blockCount);

  f.deletes = 0;
  f.inserts = 0;
  for (let moves = 0; moves < f.moveLimit; ) {
    const ratio = getF64(f.bestNodes, 1);
    if (ratio == Infinity) return OK;
    const k = lowestIndex(f.bestRatio, f.bestNodes, width, 1, ratio);
    if (isStale(f, k)) {
      revalue(f, k, moves, width, tolerance);
      continue;
    }
    const slot = getI32(f.bestSlot, k);
    if (getU8(f.open, slot) != 0) f.deletes++;
    else f.inserts++;
    moves++;
    const touchedCount = apply(f, k, slot, moves, tolerance);
    revalue(f, k, moves, width, tolerance);
    for (let t = 0; t < touchedCount; t++) revalueAt(f, getI32(f.touched, t), moves, width, tolerance);
  }
  return OK;
}

/** One possible move per slot, valued from `open`: for tests. */
export function moveValues(frame: usize): i32 {
  const f = changetype<Step7Frame>(frame);
  const tolerance = settle(f);
  indexPlaces(f);
  for (let k = 0; k < f.prefixCount; k++) {
    for (let slot = getI32(f.egressStart, k), end = getI32(f.egressStart, k + 1); slot < end; slot++) {
      const admitted = isProposed(f, k, slot) && evaluate(f, k, slot, tolerance);
      setU8(f.admitted, slot, admitted ? 1 : 0);
      setF64(f.costDelta, slot, costDelta);
      setF64(f.overloadDelta, slot, overloadDelta);
    }
  }
  return OK;
}

/** Best ratio among the moves of prefix k, its slot in `bestSlot`; Infinity where none is admitted. */
function bestMove(f: Step7Frame, k: i32, moves: i32, tolerance: f64): f64 {
  const first = getI32(f.egressStart, k);
  const last = getI32(f.egressStart, k + 1);
  setI32(f.valuedAt, k, moves);
  for (let slot = first; slot < last; slot++) {
    setF64(f.refused, getI32(f.placeOf, slot), Infinity);
    setF64(f.saved, getI32(f.placeOf, slot), 0);
  }
  let best = Infinity;
  if (!isOverloaded(f, k)) return best;
  for (let inserting = 0; inserting < 2; inserting++) {
    for (let slot = first; slot < last; slot++) {
      if ((getU8(f.open, slot) == 0) != (inserting != 0)) continue;
      if (!isProposed(f, k, slot) || !evaluate(f, k, slot, tolerance)) continue;
      if (costDelta < 0) noteSaving(f, k, slot);
      const ratio = costDelta / overloadDelta;
      if (!(ratio < best)) continue;
      best = ratio;
      setI32(f.bestSlot, k, slot);
    }
  }
  return best;
}

/** The move of `slot` was just valued and saves cost: its ratio falls once an overload is less than what it takes. */
function noteSaving(f: Step7Frame, k: i32, slot: i32): void {
  for (let e = getI32(f.egressStart, k), end = getI32(f.egressStart, k + 1); e < end; e++) {
    if (!losesVolume(f, slot, e)) continue;
    const place = getI32(f.placeOf, e);
    setF64(f.saved, place, max(getF64(f.saved, place), getF64(f.moved, getI32(f.egressPoint, e))));
  }
}

/** Does the prefix send anything through an overloaded point? Otherwise no move of it lowers ΣV. */
function isOverloaded(f: Step7Frame, k: i32): bool {
  for (let p = getI32(f.pairStart, k), end = getI32(f.pairStart, k + 1); p < end; p++) {
    const slot = getI32(f.egress, p);
    if (slot < 0 || getF64(f.pairVolume, p) == 0) continue;
    if (getF64(f.overload, getI32(f.egressPoint, slot)) > 0) return true;
  }
  return false;
}

/** Has the load of a point of Out(k) changed since k was valued? */
function isStale(f: Step7Frame, k: i32): bool {
  const valuedAt = getI32(f.valuedAt, k);
  for (let slot = getI32(f.egressStart, k), end = getI32(f.egressStart, k + 1); slot < end; slot++) {
    if (getI32(f.changedAt, getI32(f.egressPoint, slot)) > valuedAt) return true;
  }
  return false;
}

function revalue(f: Step7Frame, k: i32, moves: i32, width: i32, tolerance: f64): void {
  const best = bestMove(f, k, moves, tolerance);
  if (best != getF64(f.bestRatio, k)) setLeaf(f.bestRatio, f.bestNodes, width, k, best);
}

/** The prefixes whose best ratio may have fallen because the load of the point has changed. */
function revalueAt(f: Step7Frame, point: i32, moves: i32, width: i32, tolerance: f64): void {
  const before = getF64(f.overloadBefore, point);
  const after = getF64(f.overload, point);
  const falls = after < before && after > 0;
  const all = before > 0 && !falls;
  const load = getF64(f.load, point);
  const limit = getF64(f.limit, point);
  for (let place = getI32(f.placeStart, point), end = getI32(f.placeStart, point + 1); place < end; place++) {
    const k = getI32(f.prefixAt, place);
    if (!all && !(falls ? getF64(f.saved, place) > after : load + getF64(f.refused, place) <= limit)) continue;
    if (getI32(f.valuedAt, k) != moves) revalue(f, k, moves, width, tolerance);
  }
}

/** Lines 40 to 44 and 9; lists the points whose load changed in `touched` and returns their number. */
function apply(f: Step7Frame, k: i32, slot: i32, moves: i32, tolerance: f64): i32 {
  evaluate(f, k, slot, tolerance);
  let touchedCount = 0;
  for (let e = getI32(f.egressStart, k), end = getI32(f.egressStart, k + 1); e < end; e++) {
    const point = getI32(f.egressPoint, e);
    const before = getF64(f.load, point);
    const moved = getF64(f.moved, point);
    const load = losesVolume(f, slot, e) ? before - moved : before + moved;
    if (load == before) continue;
    setF64(f.overloadBefore, point, getF64(f.overload, point));
    setF64(f.load, point, load);
    setF64(f.overload, point, overloadAt(f, point, load));
    setI32(f.changedAt, point, moves);
    setI32(f.touched, touchedCount, point);
    touchedCount++;
  }
  for (let p = getI32(f.pairStart, k), end = getI32(f.pairStart, k + 1); p < end; p++) {
    setI32(f.egress, p, egressAfter(f, k, p, slot, getI32(f.egress, p)));
  }
  setU8(f.open, slot, 1 - getU8(f.open, slot));
  // An admitted move leaves no pair of its prefix where it may not be.
  setU8(f.stranded, k, 0);
  return touchedCount;
}
