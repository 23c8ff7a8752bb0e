/**
 * Entries of a prefix-list that follow each other, as `frr.ts` writes them, byte by byte: a table has millions. Takes nothing
 * that the statements of `frr-text.ts` would refuse or read otherwise; in doubt a line is left to them.
 */

import type { Family } from '../document.ts';
import type { PrefixTexts } from './prefix-texts.ts';
import type { ReadList } from './read-list.ts';
import type { StatementCursor } from './statement-cursor.ts';

/** The list at hand. */
interface EntryList {
  /** What each of its entries starts with, up to the prefix. */
  readonly head: string;
  readonly family: Family;
  readonly members: ReadList;
}

/** Bytes of the text at a time; what is not ASCII is more than a byte each, and no part of an entry. */
const WINDOW = 1 << 14;
/** Behind them, so that what is compared there lies within the array: loops are slower once one of them has left it. */
const MARGIN = 256;
const [NEWLINE, COLON] = [10, 58];

const encoder = new TextEncoder();

export class FrrEntries {
  readonly #known: PrefixTexts;
  readonly #window = new Uint8Array(WINDOW + MARGIN);

  constructor(known: PrefixTexts) {
    this.#known = known;
  }

  /** Takes what the text goes on with, up to a line that is no entry of the list in plain form; how many they are. */
  take(cursor: StatementCursor, list: EntryList): number {
    const head = encoder.encode(list.head);
    let count = 0;
    while (head.length === list.head.length && cursor.text.startsWith(list.head, cursor.at)) {
      const text = cursor.text.slice(cursor.at, cursor.at + WINDOW);
      const { written } = encoder.encodeInto(text, this.#window.subarray(0, WINDOW));
      const taken = this.#takeWindow(cursor, list, head, written);
      if (taken === 0) break;
      count += taken;
    }
    return count;
  }

  #takeWindow(cursor: StatementCursor, { family, members }: EntryList, head: Uint8Array, end: number): number {
    const bytes = this.#window;
    let taken = 0;
    let count = 0;
    for (;;) {
      const first = behind(head, bytes, taken);
      if (first < 0) break;
      let at = first;
      let colons = 0;
      for (; at < end && bytes[at] !== NEWLINE; at++) if (bytes[at] === COLON) colons++;
      const isOfFamily = (family === 6) === colons > 0;
      const prefix = at < end && isOfFamily ? this.#known.find(bytes, first, at) : null;
      // What the list has already is refused elsewhere.
      if (prefix === null || !members.add(prefix)) break;
      taken = at + 1;
      count++;
    }
    cursor.skip(taken, count);
    return count;
  }
}

/** Where `bytes` go on behind `expected`; -1 where that is not what they have at `at`. */
function behind(expected: Uint8Array, bytes: Uint8Array, at: number): number {
  for (let b = 0; b < expected.length; b++) if (bytes[at + b] !== expected[b]) return -1;
  return at + expected.length;
}
