/** `assembly/min-tree.ts` in plain TypeScript: many trees in two arrays, each from a first leaf and a first node. */
export const BLOCK = 16;

export class Forest {
  readonly leaves: Float64Array;
  readonly nodes: Float64Array;

  constructor(leafCapacity: number, nodeCapacity: number) {
    this.leaves = new Float64Array(leafCapacity);
    this.nodes = new Float64Array(nodeCapacity);
  }

  build(first: number, end: number, base: number, width: number): void {
    const { nodes } = this;
    const blocks = (end - first) / BLOCK;
    for (let block = 0; block < width; block++) {
      const empty = block >= blocks;
      nodes[base + width + block] = empty ? Number.POSITIVE_INFINITY : this.#blockMinimum(first + block * BLOCK);
    }
    for (let node = width - 1; node >= 1; node--) {
      nodes[base + node] = Math.min(nodes[base + 2 * node], nodes[base + 2 * node + 1]);
    }
  }

  set(first: number, base: number, width: number, leaf: number, value: number): void {
    const { leaves, nodes } = this;
    const block = (leaf - first) >> 4;
    leaves[leaf] = value;
    let minimum = this.#blockMinimum(first + block * BLOCK);
    for (let node = width + block; nodes[base + node] !== minimum; node >>= 1) {
      nodes[base + node] = minimum;
      if (node === 1) return;
      minimum = Math.min(minimum, nodes[base + (node ^ 1)]);
    }
  }

  lowest(first: number, base: number, width: number, divisor: number, bound: number): number {
    const { leaves, nodes } = this;
    let node = 1;
    while (node < width) {
      node *= 2;
      if (!(nodes[base + node] / divisor <= bound)) node++;
    }
    let leaf = first + (node - width) * BLOCK;
    while (!(leaves[leaf] / divisor <= bound)) leaf++;
    return leaf;
  }

  #blockMinimum(leaf: number): number {
    const { leaves } = this;
    let minimum = leaves[leaf];
    for (let i = leaf + 1; i < leaf + BLOCK; i++) if (leaves[i] < minimum) minimum = leaves[i];
    return minimum;
  }
}
