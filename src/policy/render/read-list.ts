/** A list of prefixes as texts make it: whole, then prefix by prefix. What was given out stays as it was. */
import type { Family } from '../document.ts';

export class ReadList {
  /** Where it begins. */
  readonly line: number;
  readonly family: Family;
  /** The prefix that was added last; empty where there is none. */
  last = '';
  #prefixes: string[] = [];
  #isGiven = false;
  /** In place of `#prefixes` since it was edited. */
  #edited: Set<string> | null = null;

  constructor(line: number, family: Family) {
    this.line = line;
    this.family = family;
  }

  /** In the order of the texts. */
  get prefixes(): readonly string[] {
    if (this.#edited !== null) this.#prefixes = [...this.#edited];
    this.#edited = null;
    this.#isGiven = true;
    return this.#prefixes;
  }

  get isEmpty(): boolean {
    return (this.#edited?.size ?? this.#prefixes.length) === 0;
  }

  /** False where an edit adds what is there. */
  add(prefix: string): boolean {
    this.last = prefix;
    if (this.#edited === null && !this.#isGiven) {
      this.#prefixes.push(prefix);
      return true;
    }
    const members = this.#edit();
    const isNew = !members.has(prefix);
    members.add(prefix);
    return isNew;
  }

  /** False where it is not there. */
  remove(prefix: string): boolean {
    return this.#edit().delete(prefix);
  }

  #edit(): Set<string> {
    this.#edited ??= new Set(this.#prefixes);
    return this.#edited;
  }
}
