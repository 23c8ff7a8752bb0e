/**
 * Prefixes found by the bytes of their text, without making a string of them: what millions of lines name is parsed once
 * and is one string everywhere, which also compares at once.
 */

/** Slots for each prefix, so that a chain of taken ones stays short. */
const SPARSENESS = 2;
/** Lists keep the order of the texts and leave some out: so many behind the last one are looked at first. */
const LOOK_AHEAD = 5;

export class PrefixTexts {
  /** As they were given. */
  readonly texts: readonly string[];
  /** Uint8: texts one after the other. */
  readonly #bytes: Uint8Array;
  /** Int32 [texts + 1]: where each starts. */
  readonly #start: Int32Array;
  /** Int32, by digest and then one after the other: a text, or -1. A power of two of them, never all taken. */
  readonly #slots: Int32Array;
  /** The text that was found last, or -1. */
  #last = -1;

  /** `texts`: canonical and distinct, so ASCII. */
  constructor(texts: readonly string[]) {
    this.texts = texts;
    this.#start = new Int32Array(texts.length + 1);
    for (let t = 0; t < texts.length; t++) this.#start[t + 1] = this.#start[t] + texts[t].length;
    this.#bytes = new Uint8Array(this.#start[texts.length]);
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(texts.length * SPARSENESS + 2))).fill(-1);
    for (let t = 0; t < texts.length; t++) this.#add(t);
  }

  /** The text that lies from `first` to before `end`, to the byte; null for none of them. */
  find(bytes: Uint8Array, first: number, end: number): string | null {
    const t = this.#indexOf(bytes, first, end);
    if (t < 0) return null;
    this.#last = t;
    return this.texts[t];
  }

  #indexOf(bytes: Uint8Array, first: number, end: number): number {
    const most = Math.min(this.#last + LOOK_AHEAD, this.texts.length - 1);
    for (let t = this.#last + 1; t <= most; t++) if (this.#equals(t, bytes, first, end)) return t;
    let slot = this.#firstSlot(bytes, first, end);
    while (this.#slots[slot] >= 0 && !this.#equals(this.#slots[slot], bytes, first, end)) slot = this.#nextSlot(slot);
    return this.#slots[slot];
  }

  #add(t: number): void {
    const [first, end] = [this.#start[t], this.#start[t + 1]];
    for (let at = first; at < end; at++) this.#bytes[at] = this.texts[t].charCodeAt(at - first);
    let slot = this.#firstSlot(this.#bytes, first, end);
    while (this.#slots[slot] >= 0) slot = this.#nextSlot(slot);
    this.#slots[slot] = t;
  }

  #equals(t: number, bytes: Uint8Array, first: number, end: number): boolean {
    const offset = this.#start[t] - first;
    if (this.#start[t + 1] - offset !== end) return false;
    for (let at = first; at < end; at++) if (this.#bytes[at + offset] !== bytes[at]) return false;
    return true;
  }

  /** FNV-1a: where to look first; what decides is the text. */
  #firstSlot(bytes: Uint8Array, first: number, end: number): number {
    let digest = 0x811c9dc5;
    for (let at = first; at < end; at++) digest = Math.imul(digest ^ bytes[at], 0x01000193);
    return (digest ^ (digest >>> 15)) & (this.#slots.length - 1);
  }

  #nextSlot(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }
}
