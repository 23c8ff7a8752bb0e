import { type FaultList, shown } from './fault-list.ts';
import { allRows } from './grouping.ts';

/** Finds the entries of one list by what the payload calls them. */
export interface Directory {
  readonly noun: string;
  /** Int32 [rows of the payload]: the canonical index of each row. */
  readonly ranks: Int32Array;
  /** Canonical index of the entry with this name; a text is what the name should have been. */
  find(name: string): number | string;
}

export class IdDirectory implements Directory {
  readonly noun: string;
  readonly ranks: Int32Array;
  readonly #ids: readonly string[];
  /** Built with the first name that is looked up: payloads with indices need none. */
  #indices: Map<string, number> | null = null;

  /** `ids` in canonical order, `order` the row of each. */
  constructor(noun: string, ids: readonly string[], order: Int32Array) {
    this.noun = noun;
    this.#ids = ids;
    this.ranks = new Int32Array(order.length);
    for (let index = 0; index < order.length; index++) this.ranks[order[index]] = index;
  }

  find(name: string): number | string {
    this.#indices ??= new Map(this.#ids.map((id, index) => [id, index]));
    return this.#indices.get(name) ?? `the id of a ${this.noun}`;
  }
}

/** Int32 [ids]: the rows in ascending order of their ids by UTF-16 code units, equal ids in the order of the rows. */
export function canonicalOrder(ids: readonly string[]): Int32Array {
  const order = allRows(ids.length);
  for (let row = 1; row < ids.length; row++) {
    if (ids[row - 1] > ids[row]) return order.sort((a, b) => compareText(ids[a], ids[b]) || a - b);
  }
  return order;
}

/** Order of UTF-16 code units, which no locale changes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same with null before every text. */
export function compareOptional(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareText(a, b);
}

/**
 * Tells every id that an earlier row has already, and answers those rows. `order` as `canonicalOrder` gives it; '' marks
 * ids that have been told.
 */
export function checkUnique(
  ids: readonly string[],
  order: Int32Array,
  pointer: (row: number) => string,
  faults: FaultList,
): ReadonlySet<number> {
  const repeated = new Set<number>();
  for (let i = 1, first = 0; i < order.length; i++) {
    const [row, earlier] = [order[i], order[first]];
    if (ids[row] !== ids[earlier]) first = i;
    else if (ids[row] !== '') {
      repeated.add(row);
      faults.add(
        () => pointer(row),
        () => `must be unique: ${shown(ids[row])} is also at ${pointer(earlier)}`,
      );
    }
  }
  return repeated;
}
