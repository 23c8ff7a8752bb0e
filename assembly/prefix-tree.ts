/**
 * The branch and bound of `prefix-search.ts`, once for a class of prefixes: those of equal Out(k), egress costs and
 * neighbors differ in their volumes alone. What a pair pays per unit of volume in a node, and the slot that the node
 * branches on, do not depend on volumes, so the tree is grown once in a pass, as far as some member needs it; a member
 * walks it, the value of a node being the sum of its volumes times what the units pay.
 *
 * Holds where `prefix-sets.ts` does. Where the memory for nodes is used up, a node counts as cut: the bound stays true.
 * A node is one of `prefix-search.ts`, of units, and four words: the slot it branches on, its children with that slot closed
 * and open, and the node in which just its slots in use are open; UNKNOWN before they were asked for.
 */
import { getF64, getI32, setF64, setI32, setU8 } from './memory';
import { PrefixFrame } from './prefix-frame';
import { bestNode, CLOSED, conflictOf, OPEN, openSlot, openUsed, paidOf, REPAIRED_NODES, ROOT, relax, stateOf } from './prefix-search';
import { firstPair, firstSlot, loadUnits, orderSlots, pairCount, slotCount } from './prefix-values';

const UNKNOWN: i32 = -2;
/** No memory is left. */
const NONE: i32 = -1;
// Words behind a node.
const CONFLICT: i32 = 0;
const CLOSED_CHILD: i32 = 1;
const OPEN_CHILD: i32 = 2;
const REPAIRED: i32 = 3;

/** Nodes grown in this pass. */
let nodeCount: i32 = 0;
/** Tree whose units are loaded, or NONE. */
let loadedTree: i32 = NONE;

export function fellTrees(f: PrefixFrame): void {
  nodeCount = 0;
  loadedTree = NONE;
  for (let c = 0; c < f.treeCount; c++) setI32(f.treeRoot, c, UNKNOWN);
}

/** To be called where the values of another prefix were loaded. */
export function forgetUnits(): void {
  loadedTree = NONE;
}

/** Does a tree hold the selected prefix? Then its best set is in the best node and `treeBound` is its lower bound. */
export let treeBound: f64 = 0;

export function bestByTree(f: PrefixFrame, k: i32): bool {
  if (f.treeCount == 0) return false;
  const c = getI32(f.treeOf, k);
  if (c < 0 || !hasRoom(f)) return false;
  let root = getI32(f.treeRoot, c);
  if (root == UNKNOWN) {
    root = plant(f, c);
    setI32(f.treeRoot, c, root);
  }
  if (root == NONE) return false;
  let best: f64 = Infinity;
  let bestId = NONE;
  for (let id = root + 1; id <= root + slotCount; id++) {
    const value = valueAt(f, id);
    if (value >= best) continue;
    best = value;
    bestId = id;
  }
  let cut: f64 = Infinity;
  let depth = push(f, 0, root, Infinity);
  for (let nodes = 0; depth > 0; nodes++) {
    depth--;
    const id = getI32(f.treeStack, depth);
    const value = getF64(f.treeValue, depth);
    if (value >= best) continue;
    if (nodes >= f.nodeLimit) {
      cut = min(cut, value);
      continue;
    }
    const conflict = conflictAt(f, id);
    if (conflict < 0) {
      best = value;
      bestId = id;
      continue;
    }
    if (nodes < REPAIRED_NODES) {
      const repaired = childAt(f, c, id, REPAIRED, conflict);
      const tried = repaired == NONE ? Infinity : valueAt(f, repaired);
      if (tried < best) {
        best = tried;
        bestId = repaired;
      }
    }
    const closed = childAt(f, c, id, CLOSED_CHILD, conflict);
    const open = childAt(f, c, id, OPEN_CHILD, conflict);
    if (closed == NONE || open == NONE) {
      cut = min(cut, value);
      continue;
    }
    depth = push(f, depth, closed, best);
    depth = push(f, depth, open, best);
  }
  const node = bestNode(f);
  if (bestId >= 0) memory.copy(node, nodeAt(f, bestId), <usize>f.nodeBytes);
  setF64(node, 0, best);
  treeBound = min(best, cut);
  return true;
}

/** Has every pair volume, and room wherever it may go? Nothing times infinity is not a number. */
function hasRoom(f: PrefixFrame): bool {
  let room: f64 = Infinity;
  if (f.pruned != 0) room = leastEgressRoom(f);
  for (let at = 0; at < pairCount; at++) {
    const volume = getF64(f.pairVolume, firstPair + at);
    if (volume == 0 || volume > room) return false;
    if (volume > getF64(f.entryRoom, getI32(f.pairNeighbor, firstPair + at))) return false;
  }
  return true;
}

function leastEgressRoom(f: PrefixFrame): f64 {
  const egressRoom = f.room + ((<usize>f.pointCount) << 3);
  let room: f64 = Infinity;
  for (let s = 0; s < slotCount; s++) room = min(room, getF64(egressRoom, getI32(f.egressPoint, firstSlot + s)));
  return room;
}

function push(f: PrefixFrame, depth: i32, id: i32, best: f64): i32 {
  const value = valueAt(f, id);
  if (value >= best) return depth;
  setI32(f.treeStack, depth, id);
  setF64(f.treeValue, depth, value);
  return depth + 1;
}

@inline
function nodeAt(f: PrefixFrame, id: i32): usize {
  return f.treeNodes + <usize>id * <usize>f.treeNodeBytes;
}

@inline
function linksOf(f: PrefixFrame, id: i32): usize {
  return nodeAt(f, id) + <usize>f.treeNodeBytes - 16;
}

function valueAt(f: PrefixFrame, id: i32): f64 {
  const paid = paidOf(nodeAt(f, id));
  let total: f64 = 0;
  for (let at = 0; at < pairCount; at++) total += getF64(f.pairVolume, firstPair + at) * getF64(paid, at);
  return total;
}

/** A new node, its links unknown; NONE where no memory is left. */
function grow(f: PrefixFrame): i32 {
  if (nodeCount >= f.treeNodeCount) return NONE;
  const links = linksOf(f, nodeCount);
  for (let word = CONFLICT; word <= REPAIRED; word++) setI32(links, word, UNKNOWN);
  return nodeCount++;
}

/** The root, and behind it a node for each slot with just that one open. */
function plant(f: PrefixFrame, tree: i32): i32 {
  if (nodeCount + slotCount + 1 > f.treeNodeCount) return NONE;
  loadTree(f, tree);
  const root = grow(f);
  memory.fill(stateOf(f, nodeAt(f, root)), 0, <usize>slotCount);
  settle(f, root, ROOT);
  for (let s = 0; s < slotCount; s++) {
    const id = grow(f);
    const state = stateOf(f, nodeAt(f, id));
    memory.fill(state, <u8>CLOSED, <usize>slotCount);
    setU8(state, s, OPEN);
    settle(f, id, ROOT);
  }
  return root;
}

function loadTree(f: PrefixFrame, tree: i32): void {
  orderSlots(f);
  if (tree == loadedTree) return;
  loadUnits(f, f.prices);
  loadedTree = tree;
}

/** What a unit of each pair pays in a node; Infinity for all of it where some pair is left without a way. */
function settle(f: PrefixFrame, id: i32, decided: i32): void {
  const node = nodeAt(f, id);
  if (!relax(f, node, decided)) setF64(paidOf(node), 0, Infinity);
}

function conflictAt(f: PrefixFrame, id: i32): i32 {
  const links = linksOf(f, id);
  let conflict = getI32(links, CONFLICT);
  if (conflict == UNKNOWN) {
    conflict = conflictOf(f, nodeAt(f, id));
    setI32(links, CONFLICT, conflict);
  }
  return conflict;
}

/** The node behind a link, grown where it is not there yet. */
function childAt(f: PrefixFrame, tree: i32, id: i32, link: i32, conflict: i32): i32 {
  const known = getI32(linksOf(f, id), link);
  if (known != UNKNOWN) return known;
  const child = grow(f);
  if (child == NONE) return NONE;
  setI32(linksOf(f, id), link, child);
  loadTree(f, tree);
  const node = nodeAt(f, child);
  if (link == REPAIRED) {
    openUsed(f, nodeAt(f, id), node);
    settle(f, child, ROOT);
    return child;
  }
  memory.copy(node, nodeAt(f, id), <usize>f.nodeBytes);
  if (link == OPEN_CHILD) openSlot(f, stateOf(f, node), conflict);
  else setU8(stateOf(f, node), conflict, CLOSED);
  settle(f, child, conflict);
  return child;
}
