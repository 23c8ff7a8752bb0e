/**
 * Gives equal texts one index. A table of routes repeats few texts very often, so each is parsed once and kept once.
 */
export class Interner {
  readonly #parse: (text: string) => boolean;
  readonly #indexOf = new Map<string, number>();

  /** `parse` takes in a text that is new as the next index, or refuses it with false. */
  constructor(parse: (text: string) => boolean) {
    this.#parse = parse;
  }

  /** Index of the text, from 0 in the order of first appearance, or -1 where it was refused. */
  indexOf(text: string): number {
    const known = this.#indexOf.get(text);
    if (known !== undefined) return known;
    if (!this.#parse(text)) return -1;
    const index = this.#indexOf.size;
    // A piece cut from a larger string keeps all of that string alive; a copy of its bytes does not.
    this.#indexOf.set(Buffer.from(text, 'latin1').toString('latin1'), index);
    return index;
  }
}
