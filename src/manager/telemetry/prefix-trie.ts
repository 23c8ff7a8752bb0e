/**
 * Longest-prefix match: a path-compressed binary trie (PATRICIA, Morrison 1968) packed into typed arrays.
 *
 * A node is a prefix; a table of m prefixes has at most 2m nodes, as every node without a value has two children. A node takes
 * 13 bytes and 4 for each 32-bit word of an address. A lookup visits at most one node for each bit, in practice about log2 m.
 */

/** "No node" and "no value". */
const NONE = -1;
const WORD_BITS = 32;
const FIRST_CAPACITY = 1024;

export class PrefixTrie {
  /** 32-bit words of an address: 1 for IPv4, 4 for IPv6. */
  readonly wordCount: number;
  /** Uint32 [node × word], most significant first; bits behind the length are 0. */
  #keys: Uint32Array;
  /** Uint8 [node], bits. */
  #lengths: Uint8Array;
  /** Int32 [node × 2], by the bit behind the prefix; `NONE` where there is none. */
  #children: Int32Array;
  /** Int32 [node], ≥ 0; `NONE` at nodes that only branch. */
  #values: Int32Array;
  #nodeCount = 0;

  constructor(wordCount: 1 | 4) {
    this.wordCount = wordCount;
    this.#keys = new Uint32Array(FIRST_CAPACITY * wordCount);
    this.#lengths = new Uint8Array(FIRST_CAPACITY);
    this.#children = new Int32Array(FIRST_CAPACITY * 2);
    this.#values = new Int32Array(FIRST_CAPACITY);
    this.#addNode(new Uint32Array(wordCount), 0, NONE);
  }

  get nodeCount(): number {
    return this.#nodeCount;
  }

  get byteCount(): number {
    return [this.#keys, this.#lengths, this.#children, this.#values].reduce((sum, array) => sum + array.byteLength, 0);
  }

  /** `key`: Uint32 [wordCount], copied; `length` in bits; `value` ≥ 0 takes the place of the one before. */
  set(key: Uint32Array, length: number, value: number): void {
    let node = 0;
    while (this.#lengths[node] < length) {
      const side = 2 * node + bitOf(key, 0, this.#lengths[node]);
      const child = this.#children[side];
      if (child === NONE) {
        const leaf = this.#addNode(key, length, value);
        this.#children[side] = leaf;
        return;
      }
      const common = this.#commonBits(key, length, child);
      if (common < this.#lengths[child]) {
        this.#split(side, child, common, key, length, value);
        return;
      }
      node = child;
    }
    this.#values[node] = value;
  }

  /** Nodes stay, so that a table that comes again takes no more room. */
  delete(key: Uint32Array, length: number): void {
    const node = this.#nodeOf(key, length);
    if (node !== NONE) this.#values[node] = NONE;
  }

  /** Value of exactly this prefix, or -1. */
  get(key: Uint32Array, length: number): number {
    const node = this.#nodeOf(key, length);
    return node === NONE ? NONE : this.#values[node];
  }

  /** Value of the longest prefix that holds the address, or -1. */
  match(address: Uint32Array): number {
    const [keys, lengths, children, values] = [this.#keys, this.#lengths, this.#children, this.#values];
    const words = this.wordCount;
    let best = NONE;
    let node = 0;
    while (node !== NONE) {
      const length = lengths[node];
      const word = length >>> 5;
      for (let w = 0; w < word; w++) if (keys[node * words + w] !== address[w]) return best;
      const rest = length & 31;
      if (rest > 0 && (keys[node * words + word] ^ address[word]) >>> (WORD_BITS - rest) !== 0) return best;
      if (values[node] !== NONE) best = values[node];
      if (word === words) return best;
      node = children[2 * node + ((address[word] >>> (WORD_BITS - 1 - rest)) & 1)];
    }
    return best;
  }

  /** Whether a prefix with a value is, or holds, this one. */
  covers(key: Uint32Array, length: number): boolean {
    let node = 0;
    while (node !== NONE && this.#lengths[node] <= length) {
      if (this.#commonBits(key, length, node) < this.#lengths[node]) return false;
      if (this.#values[node] !== NONE) return true;
      if (this.#lengths[node] === length) return false;
      node = this.#children[2 * node + bitOf(key, 0, this.#lengths[node])];
    }
    return false;
  }

  #nodeOf(key: Uint32Array, length: number): number {
    let node = 0;
    while (node !== NONE && this.#lengths[node] < length) {
      node = this.#children[2 * node + bitOf(key, 0, this.#lengths[node])];
    }
    if (node === NONE || this.#lengths[node] !== length) return NONE;
    return this.#commonBits(key, length, node) === length ? node : NONE;
  }

  #split(side: number, child: number, common: number, key: Uint32Array, length: number, value: number): void {
    const isAbove = common === length;
    const upper = this.#addNode(masked(key, common), common, isAbove ? value : NONE);
    this.#children[side] = upper;
    this.#children[2 * upper + bitOf(this.#keys, child * this.wordCount, common)] = child;
    if (isAbove) return;
    const leaf = this.#addNode(key, length, value);
    this.#children[2 * upper + bitOf(key, 0, common)] = leaf;
  }

  #commonBits(key: Uint32Array, length: number, node: number): number {
    const most = Math.min(length, this.#lengths[node]);
    for (let w = 0; w * WORD_BITS < most; w++) {
      const difference = key[w] ^ this.#keys[node * this.wordCount + w];
      if (difference !== 0) return Math.min(most, w * WORD_BITS + Math.clz32(difference));
    }
    return most;
  }

  #addNode(key: Uint32Array, length: number, value: number): number {
    const node = this.#nodeCount++;
    if (node === this.#lengths.length) this.#grow();
    this.#keys.set(key, node * this.wordCount);
    this.#lengths[node] = length;
    this.#children.fill(NONE, 2 * node, 2 * node + 2);
    this.#values[node] = value;
    return node;
  }

  /** By half, not double: a full table of 2M nodes would leave as much unused. */
  #grow(): void {
    const capacity = Math.ceil(this.#lengths.length * 1.5);
    const grown = <T extends Uint32Array | Uint8Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#keys = grown(this.#keys, new Uint32Array(capacity * this.wordCount));
    this.#lengths = grown(this.#lengths, new Uint8Array(capacity));
    this.#children = grown(this.#children, new Int32Array(capacity * 2));
    this.#values = grown(this.#values, new Int32Array(capacity));
  }
}

function bitOf(words: Uint32Array, offset: number, bit: number): number {
  return (words[offset + (bit >>> 5)] >>> (WORD_BITS - 1 - (bit & 31))) & 1;
}

function masked(key: Uint32Array, length: number): Uint32Array {
  return key.map((word, w) => {
    const kept = length - w * WORD_BITS;
    return kept >= WORD_BITS ? word : kept <= 0 ? 0 : (word & (0xffffffff << (WORD_BITS - kept))) >>> 0;
  });
}
