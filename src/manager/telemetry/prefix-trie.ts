/**
 * Longest-prefix match: a path-compressed binary trie (PATRICIA, Morrison 1968) packed into one typed array.
 *
 * A node is a prefix; a table of m prefixes has at most 2m nodes, as every node without a value has two children. A node takes
 * 16 bytes and 4 for each 32-bit word of an address, next to each other, so that a step of a lookup touches one or two cache
 * lines. A lookup visits at most one node for each bit, in practice about log2 m.
 */

/** "No node" and "no value". */
const NONE = -1;
const WORD_BITS = 32;
const FIRST_CAPACITY = 1024;
/** Int32 words of a node: two children, by the bit behind the prefix; value ≥ 0 or `NONE`; bits; the prefix, rest 0. */
const VALUE = 2;
const LENGTH = 3;
const KEY = 4;

export class PrefixTrie {
  /** 32-bit words of an address: 1 for IPv4, 4 for IPv6, most significant first. */
  readonly wordCount: number;
  readonly #stride: number;
  /** Int32 [node × stride]. */
  #nodes: Int32Array;
  #nodeCount = 0;

  constructor(wordCount: 1 | 4) {
    this.wordCount = wordCount;
    this.#stride = KEY + wordCount;
    this.#nodes = new Int32Array(FIRST_CAPACITY * this.#stride);
    this.#addNode(new Uint32Array(wordCount), 0, NONE);
  }

  get byteCount(): number {
    return this.#nodes.byteLength;
  }

  /** `key`: Uint32 [wordCount], copied; `length` in bits; `value` ≥ 0 takes the place of the one before. */
  set(key: Uint32Array, length: number, value: number): void {
    let at = 0;
    while (this.#nodes[at + LENGTH] < length) {
      const side = at + bitOf(key[this.#nodes[at + LENGTH] >>> 5], this.#nodes[at + LENGTH]);
      const child = this.#nodes[side];
      if (child === NONE) {
        const leaf = this.#addNode(key, length, value);
        this.#nodes[side] = leaf;
        return;
      }
      const common = this.#commonBits(key, length, child);
      if (common < this.#nodes[child + LENGTH]) {
        this.#split(side, child, common, key, length, value);
        return;
      }
      at = child;
    }
    this.#nodes[at + VALUE] = value;
  }

  /** Nodes stay, so that a table that comes again takes no more room. */
  delete(key: Uint32Array, length: number): void {
    const at = this.#find(key, length);
    if (at !== NONE) this.#nodes[at + VALUE] = NONE;
  }

  /** Value of exactly this prefix, or -1. */
  get(key: Uint32Array, length: number): number {
    const at = this.#find(key, length);
    return at === NONE ? NONE : this.#nodes[at + VALUE];
  }

  /** Value of the longest prefix, of at most so many bits, that holds the address, or -1. */
  match(address: Uint32Array, maxLength = WORD_BITS * this.wordCount): number {
    const nodes = this.#nodes;
    const words = this.wordCount;
    let best = NONE;
    let at = 0;
    while (at !== NONE) {
      const length = nodes[at + LENGTH];
      if (length > maxLength) return best;
      const word = length >>> 5;
      for (let w = 0; w < word; w++) if (nodes[at + KEY + w] !== (address[w] | 0)) return best;
      const rest = length & 31;
      if (rest > 0 && (nodes[at + KEY + word] ^ address[word]) >>> (WORD_BITS - rest) !== 0) return best;
      if (nodes[at + VALUE] !== NONE) best = nodes[at + VALUE];
      if (word === words) return best;
      at = nodes[at + bitOf(address[word], length)];
    }
    return best;
  }

  /** Whether a prefix with a value is, or holds, this one. */
  covers(key: Uint32Array, length: number): boolean {
    let at = 0;
    while (at !== NONE && this.#nodes[at + LENGTH] <= length) {
      const own = this.#nodes[at + LENGTH];
      if (this.#commonBits(key, length, at) < own) return false;
      if (this.#nodes[at + VALUE] !== NONE) return true;
      if (own === length) return false;
      at = this.#nodes[at + bitOf(key[own >>> 5], own)];
    }
    return false;
  }

  /** Where the node of exactly this prefix begins, or -1. */
  #find(key: Uint32Array, length: number): number {
    let at = 0;
    while (at !== NONE && this.#nodes[at + LENGTH] < length) {
      at = this.#nodes[at + bitOf(key[this.#nodes[at + LENGTH] >>> 5], this.#nodes[at + LENGTH])];
    }
    if (at === NONE || this.#nodes[at + LENGTH] !== length) return NONE;
    return this.#commonBits(key, length, at) === length ? at : NONE;
  }

  #split(side: number, child: number, common: number, key: Uint32Array, length: number, value: number): void {
    const isAbove = common === length;
    const upper = this.#addNode(masked(key, common), common, isAbove ? value : NONE);
    this.#nodes[side] = upper;
    this.#nodes[upper + bitOf(this.#nodes[child + KEY + (common >>> 5)], common)] = child;
    if (isAbove) return;
    const leaf = this.#addNode(key, length, value);
    this.#nodes[upper + bitOf(key[common >>> 5], common)] = leaf;
  }

  #commonBits(key: Uint32Array, length: number, at: number): number {
    const most = Math.min(length, this.#nodes[at + LENGTH]);
    for (let w = 0; w * WORD_BITS < most; w++) {
      const difference = key[w] ^ this.#nodes[at + KEY + w];
      if (difference !== 0) return Math.min(most, w * WORD_BITS + Math.clz32(difference));
    }
    return most;
  }

  /** Where the new node begins. */
  #addNode(key: Uint32Array, length: number, value: number): number {
    const at = this.#nodeCount * this.#stride;
    this.#nodeCount++;
    if (at === this.#nodes.length) {
      // By half, not double: a full table of 2M nodes would leave as much unused.
      const capacity = Math.ceil((this.#nodes.length / this.#stride) * 1.5);
      const grown = new Int32Array(capacity * this.#stride);
      grown.set(this.#nodes);
      this.#nodes = grown;
    }
    this.#nodes[at] = NONE;
    this.#nodes[at + 1] = NONE;
    this.#nodes[at + VALUE] = value;
    this.#nodes[at + LENGTH] = length;
    this.#nodes.set(key, at + KEY);
    return at;
  }
}

/** Bit of an address, numbered from the most significant of its first word; `word` is the one that it is in. */
function bitOf(word: number, bit: number): number {
  return (word >>> (WORD_BITS - 1 - (bit & 31))) & 1;
}

function masked(key: Uint32Array, length: number): Uint32Array {
  return key.map((word, w) => {
    const kept = length - w * WORD_BITS;
    return kept >= WORD_BITS ? word : kept <= 0 ? 0 : (word & (0xffffffff << (WORD_BITS - kept))) >>> 0;
  });
}
