/**
 * Minimum of many values under single changes, and the lowest index that reaches it.
 *
 * Leaves lie in blocks of 16; over the block minima stands a binary tree: `nodes[1]` is the root, `nodes[width + b]`
 * the minimum of block b, `width` the next power of two. Unused leaves and nodes hold Infinity. A change costs one block
 * and one path.
 */
import { getF64, getPair, setF64 } from './memory';

export const BLOCK: i32 = 16;
const BLOCK_SHIFT: i32 = 4;

@inline
export function blocksFor(leafCount: i32): i32 {
  return (leafCount + BLOCK - 1) >> BLOCK_SHIFT;
}

/** Power of two ≥ max(1, blockCount); a tree has 2 · width nodes. */
export function widthFor(blockCount: i32): i32 {
  return blockCount <= 1 ? 1 : 1 << (32 - clz(blockCount - 1));
}

@inline
function blockMinimum(leaves: usize, block: i32): f64 {
  const first = block << BLOCK_SHIFT;
  const a = f64x2.pmin(getPair(leaves, first), getPair(leaves, first + 2));
  const b = f64x2.pmin(getPair(leaves, first + 4), getPair(leaves, first + 6));
  const c = f64x2.pmin(getPair(leaves, first + 8), getPair(leaves, first + 10));
  const d = f64x2.pmin(getPair(leaves, first + 12), getPair(leaves, first + 14));
  const all = f64x2.pmin(f64x2.pmin(a, b), f64x2.pmin(c, d));
  const low = f64x2.extract_lane(all, 0);
  const high = f64x2.extract_lane(all, 1);
  return high < low ? high : low;
}

/** All nodes from all leaves. */
export function buildTree(leaves: usize, nodes: usize, width: i32, blockCount: i32): void {
  for (let block = 0; block < width; block++) {
    setF64(nodes, width + block, block < blockCount ? blockMinimum(leaves, block) : Infinity);
  }
  for (let node = width - 1; node >= 1; node--) {
    const left = getF64(nodes, 2 * node);
    const right = getF64(nodes, 2 * node + 1);
    setF64(nodes, node, right < left ? right : left);
  }
}

/** Replaces one leaf by any value. */
export function setLeaf(leaves: usize, nodes: usize, width: i32, index: i32, value: f64): void {
  setF64(leaves, index, value);
  let minimum = blockMinimum(leaves, index >> BLOCK_SHIFT);
  let node = width + (index >> BLOCK_SHIFT);
  while (getF64(nodes, node) != minimum) {
    setF64(nodes, node, minimum);
    if (node == 1) return;
    const sibling = getF64(nodes, node ^ 1);
    if (sibling < minimum) minimum = sibling;
    node >>= 1;
  }
}

/** Replaces one leaf by a value that is not above it. */
export function lowerLeaf(leaves: usize, nodes: usize, width: i32, index: i32, value: f64): void {
  setF64(leaves, index, value);
  let node = width + (index >> BLOCK_SHIFT);
  while (node >= 1 && value < getF64(nodes, node)) {
    setF64(nodes, node, value);
    node >>= 1;
  }
}

/**
 * Lowest index whose leaf / divisor ≤ bound; the root must satisfy it. Division by a positive number never reverses an
 * order, so the test may be asked of a minimum; it is asked of the quotient because two leaves may round to the same one.
 */
export function lowestIndex(leaves: usize, nodes: usize, width: i32, divisor: f64, bound: f64): i32 {
  let node = 1;
  while (node < width) {
    node <<= 1;
    if (!(getF64(nodes, node) / divisor <= bound)) node++;
  }
  let index = (node - width) << BLOCK_SHIFT;
  while (!(getF64(leaves, index) / divisor <= bound)) index++;
  return index;
}
