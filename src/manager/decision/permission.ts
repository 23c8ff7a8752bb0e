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

  /** Never a default route: it is what is left over, denied prefixes too. */
  isAllowed(prefix: string): boolean {
    if (prefix.endsWith('/0') || this.#deny.holds(prefix)) return false;
    return this.#allow?.holds(prefix) ?? true;
  }
}

class PrefixList {
  readonly #tries = { 1: new PrefixTrie(1), 4: new PrefixTrie(4) };

  constructor(prefixes: readonly string[]) {
    for (const text of prefixes) {
      const prefix = prefixWords(text);
      if (prefix === null) continue;
      this.#trie(prefix.words).set(prefix.words, prefix.length, prefix.length);
    }
  }

  /** Whether the prefix is one of the list, or within one. */
  holds(text: string): boolean {
    const prefix = prefixWords(text);
    if (prefix === null) return false;
    return this.#trie(prefix.words).covers(prefix.words, prefix.length);
  }

  #trie(words: Uint32Array): PrefixTrie {
    return words.length === 1 ? this.#tries[1] : this.#tries[4];
  }
}
