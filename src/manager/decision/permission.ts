/** Allow- and deny-lists: which prefixes may be moved at all. */
import { prefixWords } from '../telemetry/ip-words.ts';
import { PrefixTrie } from '../telemetry/prefix-trie.ts';
import type { DecisionSettings } from './settings.ts';

export class Permission {
  readonly #allow: PrefixList | null;
  readonly #deny: PrefixList;

  constructor({ allow, deny }: Pick<DecisionSettings, 'allow' | 'deny'>) {
    this.#allow = allow === undefined ? null : new PrefixList(allow);
    this.#deny = new PrefixList(deny);
  }

  /** Never what contains a denied prefix: it carries that one's traffic too, where that has no route of its own. Nor a default route. */
  isAllowed(prefix: string): boolean {
    if (prefix.endsWith('/0') || this.#deny.holds(prefix) || this.#deny.isWithin(prefix)) return false;
    return this.#allow?.holds(prefix) ?? true;
  }
}

class PrefixList {
  readonly #tries = { 1: new PrefixTrie(1), 4: new PrefixTrie(4) };
  /** All that contain one of the list. */
  readonly #containers = new Set<string>();

  constructor(prefixes: readonly string[]) {
    for (const text of prefixes) {
      const prefix = prefixWords(text);
      if (prefix === null) continue;
      this.#trie(prefix.words).set(prefix.words, prefix.length, prefix.length);
      for (let length = 0; length < prefix.length; length++) this.#containers.add(key(prefix.words, length));
    }
  }

  /** Whether the prefix is one of the list, or within one. */
  holds(text: string): boolean {
    const prefix = prefixWords(text);
    if (prefix === null) return false;
    return this.#trie(prefix.words).covers(prefix.words, prefix.length);
  }

  /** Whether one of the list is within the prefix. */
  isWithin(text: string): boolean {
    const prefix = prefixWords(text);
    return prefix !== null && this.#containers.has(key(prefix.words, prefix.length));
  }

  #trie(words: Uint32Array): PrefixTrie {
    return words.length === 1 ? this.#tries[1] : this.#tries[4];
  }
}

/** The first `length` bits, and how many words they are of. */
function key(words: Uint32Array, length: number): string {
  const bits = [...words].map((word) => word.toString(2).padStart(32, '0')).join('');
  return `${words.length} ${bits.slice(0, length)}`;
}
