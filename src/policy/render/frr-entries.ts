/**
 * Entries of a prefix-list that follow each other, as `frr.ts` writes them, byte by byte: a table has millions. Takes nothing
 * that the statements of `frr-text.ts` would refuse or read otherwise; in doubt a line is left to them.
 */
import type { Family } from './named-policy.ts';
import type { PrefixTexts } from './prefix-texts.ts';
import type { StatementCursor } from './statement-cursor.ts';

/** The list at hand. */
interface EntryList {
  /** What each of its entries starts with, up to the sequence number. */
  readonly head: string;
  readonly family: Family;
  readonly prefixes: string[];
  /** Sequence number of the last entry. */
  readonly last: number;
}

/** Bytes of the text at a time; what is not ASCII is more than a byte each, and no part of an entry. */
const WINDOW = 1 << 14;
/** Behind them, so that what is compared there lies within the array: loops are slower once one of them has left it. */
const MARGIN = 256;
const [NEWLINE, ZERO, NINE, COLON] = [10, 48, 57, 58];
const MAX_SEQUENCE = 0xffffffff;

const encoder = new TextEncoder();
const PERMIT = encoder.encode(' permit ');

export class FrrEntries {
  readonly #known: PrefixTexts;
  readonly #window = new Uint8Array(WINDOW + MARGIN);

  constructor(known: PrefixTexts) {
    this.#known = known;
  }

  /** Takes what the text goes on with, up to a line that is no entry of the list in plain form; the last sequence number. */
  take(cursor: StatementCursor, list: EntryList): number {
    const head = encoder.encode(list.head);
    let { last } = list;
    while (head.length === list.head.length && cursor.text.startsWith(list.head, cursor.at)) {
      const text = cursor.text.slice(cursor.at, cursor.at + WINDOW);
      const { written } = encoder.encodeInto(text, this.#window.subarray(0, WINDOW));
      const before = last;
      last = this.#takeWindow(cursor, list, head, written, last);
      if (last === before) break;
    }
    return last;
  }

  #takeWindow(
    cursor: StatementCursor,
    { family, prefixes }: EntryList,
    head: Uint8Array,
    end: number,
    before: number,
  ): number {
    const bytes = this.#window;
    let last = before;
    let taken = 0;
    let count = 0;
    for (;;) {
      const digits = behind(head, bytes, taken);
      if (digits < 0) break;
      let at = digits;
      let sequence = 0;
      while (bytes[at] >= ZERO && bytes[at] <= NINE) sequence = sequence * 10 + bytes[at++] - ZERO;
      const first = behind(PERMIT, bytes, at);
      if (first < 0 || bytes[digits] === ZERO || sequence <= last || sequence > MAX_SEQUENCE) break;
      let colons = 0;
      for (at = first; at < end && bytes[at] !== NEWLINE; at++) if (bytes[at] === COLON) colons++;
      const isOfFamily = (family === 6) === colons > 0;
      const prefix = at < end && isOfFamily ? this.#known.find(bytes, first, at) : null;
      if (prefix === null) break;
      prefixes.push(prefix);
      last = sequence;
      taken = at + 1;
      count++;
    }
    cursor.skip(taken, count);
    return last;
  }
}

/** Where `bytes` go on behind `expected`; -1 where that is not what they have at `at`. */
function behind(expected: Uint8Array, bytes: Uint8Array, at: number): number {
  for (let b = 0; b < expected.length; b++) if (bytes[at + b] !== expected[b]) return -1;
  return at + expected.length;
}
