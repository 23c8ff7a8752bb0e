/** Prefixes of both families by number, exactly or by longest match. Numbers are given in order of arrival and never change. */
import { addressWords, type PrefixWords, prefixWords } from './ip-words.ts';
import { PrefixTrie } from './prefix-trie.ts';

export class PrefixIndex {
  readonly #ipv4 = new PrefixTrie(1);
  readonly #ipv6 = new PrefixTrie(4);
  readonly #texts: string[] = [];
  /** Numbers of prefixes that were removed, for when they come again. */
  readonly #removed = new Map<string, number>();

  get count(): number {
    return this.#texts.length;
  }

  /** Number of the prefix, new or not; -1 for what is no prefix. */
  add(text: string): number {
    const prefix = prefixWords(text);
    if (prefix === null) return -1;
    const trie = this.#trie(prefix);
    const known = trie.get(prefix.words, prefix.length);
    if (known >= 0) return known;
    const index = this.#removed.get(prefix.canonical) ?? this.#texts.push(prefix.canonical) - 1;
    this.#removed.delete(prefix.canonical);
    trie.set(prefix.words, prefix.length, index);
    return index;
  }

  /** It is matched and found no more; added again it has the same number. */
  remove(index: number): void {
    const prefix = prefixWords(this.#texts[index]);
    if (prefix === null) return;
    this.#trie(prefix).delete(prefix.words, prefix.length);
    this.#removed.set(prefix.canonical, index);
  }

  /** Number of exactly this prefix, or -1. */
  find(text: string): number {
    const prefix = prefixWords(text);
    return prefix === null ? -1 : this.#trie(prefix).get(prefix.words, prefix.length);
  }

  /** Number of the longest prefix, of at most `maxLength` bits where given, that holds the address; -1 for none. */
  match(address: string, maxLength?: number): number {
    const words = addressWords(address);
    if (words === null) return -1;
    return words.length === 1 ? this.#ipv4.match(words, maxLength) : this.#ipv6.match(words, maxLength);
  }

  /** Canonical. */
  text(index: number): string {
    return this.#texts[index];
  }

  #trie({ words }: PrefixWords): PrefixTrie {
    return words.length === 1 ? this.#ipv4 : this.#ipv6;
  }
}
