/** A binary min-heap of numbered nodes by key; a node may be in it more than once. */
export class NodeHeap {
  size = 0;
  readonly #keys: Float64Array;
  readonly #nodes: Int32Array;

  /** `capacity` bounds how many entries there are at any time. */
  constructor(capacity: number) {
    this.#keys = new Float64Array(capacity);
    this.#nodes = new Int32Array(capacity);
  }

  /** Key of the entry that `pop` returns next. */
  get leastKey(): number {
    return this.#keys[0];
  }

  push(node: number, key: number): void {
    let hole = this.size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#keys[parent] <= key) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#keys[hole] = key;
    this.#nodes[hole] = node;
  }

  pop(): number {
    const least = this.#nodes[0];
    const last = --this.size;
    const key = this.#keys[last];
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#keys[child + 1] < this.#keys[child]) child++;
      if (this.#keys[child] >= key) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#move(last, hole);
    return least;
  }

  #move(from: number, to: number): void {
    this.#keys[to] = this.#keys[from];
    this.#nodes[to] = this.#nodes[from];
  }
}
