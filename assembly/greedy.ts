/**
 * GREEDY: FIG. 2, steps 2 to 26, of US 7,197,040, with "an exact fit fits" in line 10.
 *
 * Returns exactly what the triple loop returns, moves in the same order, but looks again only at what a move changed:
 *
 * - The ratio of job r on s to t is (c_rt − c_rs) / min(p_rs, U_s − T_s). For one job the denominator is the same for
 *   every t, and rounding never reverses an order, so the best ratio is that of the cheapest target with room.
 * - Light jobs (p_rs ≤ U_s − T_s) keep their denominator p_rs, heavy ones share U_s − T_s, which only falls: one tree by
 *   ratio, one by cost increase, and a job changes from light to heavy at most once.
 * - Room at a target only shrinks, so a stored increase is a lower bound; it is checked when it comes to the top. Room
 *   appears only when a machine leaves VSet; then the candidates with an arc to it are lowered.
 *
 * O(arcs) at the start, then O(|VSet| + log jobs) per move plus the bounds that turned out stale; every arc is stale at
 * most once.
 */
import { GreedyFrame } from './greedy-frame';
import { cheapestTarget, indexEntries, layOutSlots, scanTargets, sumLoads } from './greedy-start';
import { getF64, getI32, setF64, setI32 } from './memory';
import { blocksFor, buildTree, lowerLeaf, lowestIndex, setLeaf } from './min-tree';
import { OK } from './status';

/** A scan of all candidates costs a few percent per candidate of what it costs to correct one at the top. */
const STALE_SHIFT: i32 = 5;

export function greedy(frame: usize): i32 {
  const g = changetype<GreedyFrame>(frame);
  g.moves = 0;
  sumLoads(g);
  if (g.overloadedCount == 0) return OK;
  let status = layOutSlots(g);
  if (status != OK) return status;
  scanTargets(g);
  status = indexEntries(g);
  if (status != OK) return status;
  refreshAll(g);

  let staleCount = 0;
  for (let s = bestMachine(g); s >= 0; s = bestMachine(g)) {
    const slot = getI32(g.bestSlot, s);
    const job = getI32(g.slotJob, slot);
    const divisor = min(getF64(g.weight, getI32(g.assignment, job)), excess(g, s));
    const increase = cheapestTarget(g, job) - getF64(g.cost, getI32(g.assignment, job));
    if (increase / divisor == getF64(g.bestRatio, s)) {
      move(g, s, slot, increase / divisor, divisor);
    } else if (++staleCount > 64 + (g.candidateCount >> STALE_SHIFT)) {
      staleCount = 0;
      scanTargets(g);
      refreshAll(g);
    } else {
      setIncrease(g, s, slot, increase);
      refresh(g, s);
    }
  }
  return OK;
}

/** U_s − T_s > 0 of a machine in VSet. */
@inline
function excess(g: GreedyFrame, s: i32): f64 {
  return getF64(g.used, s) - getF64(g.limit, s);
}

/** Machine of the best candidate by (ratio, job), or -1 when there is none. */
function bestMachine(g: GreedyFrame): i32 {
  let best = Infinity;
  let machine = -1;
  for (let v = 0; v < g.overloadedCount; v++) {
    const s = getI32(g.overloaded, v);
    const ratio = getF64(g.bestRatio, s);
    if (ratio > best || ratio == Infinity) continue;
    if (ratio < best || jobOf(g, s) < jobOf(g, machine)) {
      best = ratio;
      machine = s;
    }
  }
  return machine;
}

@inline
function jobOf(g: GreedyFrame, s: i32): i32 {
  return getI32(g.slotJob, getI32(g.bestSlot, s));
}

/** The machine's best candidate, from the roots of its two trees. */
function refresh(g: GreedyFrame, s: i32): void {
  const first = getI32(g.slotStart, s);
  const node = <usize>getI32(g.nodeStart, s) << 3;
  const leaf = <usize>first << 3;
  const width = getI32(g.treeWidth, s);
  const over = excess(g, s);
  const light = getF64(g.lightNodes + node, 1);
  const heavy = getF64(g.heavyNodes + node, 1) / over;
  const ratio = heavy < light ? heavy : light;
  setF64(g.bestRatio, s, ratio);
  if (ratio == Infinity) return;
  let index = i32.MAX_VALUE;
  if (light == ratio) index = lowestIndex(g.lightLeaves + leaf, g.lightNodes + node, width, 1, ratio);
  if (heavy == ratio) {
    index = min(index, lowestIndex(g.heavyLeaves + leaf, g.heavyNodes + node, width, over, ratio));
  }
  setI32(g.bestSlot, s, first + index);
}

function refreshAll(g: GreedyFrame): void {
  for (let v = 0; v < g.overloadedCount; v++) refresh(g, getI32(g.overloaded, v));
}

/** Steps 19 to 24. */
function move(g: GreedyFrame, s: i32, slot: i32, ratio: f64, divisor: f64): void {
  const job = getI32(g.slotJob, slot);
  const old = getI32(g.assignment, job);
  const cost = getF64(g.cost, old);
  // Lowest machine among the targets of this ratio: costs that differ may round to the same ratio.
  let arc = getI32(g.start, job);
  while (
    !(getF64(g.room, getI32(g.machine, arc)) >= getF64(g.weight, arc)) ||
    (getF64(g.cost, arc) - cost) / divisor != ratio
  ) {
    arc++;
  }
  const t = getI32(g.machine, arc);
  setI32(g.assignment, job, arc);
  setF64(g.used, s, getF64(g.used, s) - getF64(g.weight, old));
  setF64(g.used, t, getF64(g.used, t) + getF64(g.weight, arc));
  setF64(g.room, t, getF64(g.limit, t) - getF64(g.used, t));
  setI32(g.movedJobs, g.moves, job);
  g.moves++;
  if (getF64(g.used, s) <= getF64(g.limit, s)) {
    leave(g, s);
  } else {
    retire(g, s, slot);
    makeHeavy(g, s);
    refresh(g, s);
  }
}

/** Stores a slot's increase, higher or lower than before, in the tree where it belongs. */
function setIncrease(g: GreedyFrame, s: i32, slot: i32, increase: f64): void {
  const index = slot - getI32(g.slotStart, s);
  const leaf = <usize>getI32(g.slotStart, s) << 3;
  const node = <usize>getI32(g.nodeStart, s) << 3;
  const width = getI32(g.treeWidth, s);
  setF64(g.increase, slot, increase);
  const weight = -getF64(g.weightLeaves, slot);
  if (weight == -Infinity) setLeaf(g.heavyLeaves + leaf, g.heavyNodes + node, width, index, increase);
  else setLeaf(g.lightLeaves + leaf, g.lightNodes + node, width, index, increase / weight);
}

/** The slot's job has moved away. */
function retire(g: GreedyFrame, s: i32, slot: i32): void {
  setIncrease(g, s, slot, Infinity);
  setI32(g.slotOf, getI32(g.slotJob, slot), -1);
  setI32(g.slotJob, slot, -1);
  const index = slot - getI32(g.slotStart, s);
  const leaf = <usize>getI32(g.slotStart, s) << 3;
  const node = <usize>getI32(g.nodeStart, s) << 3;
  setLeaf(g.weightLeaves + leaf, g.weightNodes + node, getI32(g.treeWidth, s), index, Infinity);
}

/** Jobs that weigh more than what is left of the excess become heavy. */
function makeHeavy(g: GreedyFrame, s: i32): void {
  const first = getI32(g.slotStart, s);
  const leaf = <usize>first << 3;
  const node = <usize>getI32(g.nodeStart, s) << 3;
  const width = getI32(g.treeWidth, s);
  const bound = -excess(g, s);
  const blockCount = blocksFor(getI32(g.slotStart, s + 1) - first);
  // One by one while they are few against the blocks of the machine, then all at once.
  for (let left = 8 + (blockCount >> 3); left > 0; left--) {
    const heaviest = getF64(g.weightNodes + node, 1);
    if (!(heaviest < bound)) return;
    const index = lowestIndex(g.weightLeaves + leaf, g.weightNodes + node, width, 1, heaviest);
    setLeaf(g.weightLeaves + leaf, g.weightNodes + node, width, index, Infinity);
    setLeaf(g.lightLeaves + leaf, g.lightNodes + node, width, index, Infinity);
    lowerLeaf(g.heavyLeaves + leaf, g.heavyNodes + node, width, index, getF64(g.increase, first + index));
  }
  if (!(getF64(g.weightNodes + node, 1) < bound)) return;
  for (let slot = first, end = getI32(g.slotStart, s + 1); slot < end; slot++) {
    if (!(getF64(g.weightLeaves, slot) < bound)) continue;
    setF64(g.weightLeaves, slot, Infinity);
    setF64(g.lightLeaves, slot, Infinity);
    setF64(g.heavyLeaves, slot, getF64(g.increase, slot));
  }
  buildTree(g.weightLeaves + leaf, g.weightNodes + node, width, blockCount);
  buildTree(g.lightLeaves + leaf, g.lightNodes + node, width, blockCount);
  buildTree(g.heavyLeaves + leaf, g.heavyNodes + node, width, blockCount);
}

/** Machine s fits: its jobs stay, and it becomes a target. */
function leave(g: GreedyFrame, s: i32): void {
  let kept = 0;
  for (let v = 0; v < g.overloadedCount; v++) {
    const other = getI32(g.overloaded, v);
    if (other == s) continue;
    setI32(g.overloaded, kept, other);
    kept++;
  }
  g.overloadedCount = kept;
  for (let slot = getI32(g.slotStart, s), end = getI32(g.slotStart, s + 1); slot < end; slot++) {
    const job = getI32(g.slotJob, slot);
    if (job < 0) continue;
    setI32(g.slotOf, job, -1);
    setI32(g.slotJob, slot, -1);
  }
  const room = getF64(g.limit, s) - getF64(g.used, s);
  setF64(g.room, s, room);
  for (let e = getI32(g.entryStart, s), end = getI32(g.entryStart, s + 1); e < end; e++) {
    const entry = g.entries + (<usize>e << 4);
    if (!(room >= getF64(entry, 1))) continue;
    const slot = getI32(entry, 0);
    const job = getI32(g.slotJob, slot);
    if (job < 0) continue;
    const arc = getI32(entry, 1);
    const old = getI32(g.assignment, job);
    const increase = getF64(g.cost, arc) - getF64(g.cost, old);
    if (increase < getF64(g.increase, slot)) setIncrease(g, getI32(g.machine, old), slot, increase);
  }
  refreshAll(g);
}
