import type { FaultList } from './fault-list.ts';

/** What the values of a column are; decides what a binary column holds. */
export type ValueKind = 'text' | 'measure' | 'integer' | 'reference' | 'flag';

/** Lists of values: the kind of an item and, where an item may carry a measure of its own, the keys of both. */
export interface ListKind {
  readonly items: ValueKind;
  /** Row form: `{ [itemKey]: item, [name]: measure }` may stand for an item. Column form: `name` lies beside `values`. */
  readonly weight?: { readonly itemKey: string; readonly name: string };
}

/** What a list of objects may hold: the kind of every key. */
export type TableKinds<K extends string = string> = Readonly<Record<K, ValueKind | ListKind>>;

/** The values of one key, as they came: nothing about them has been checked. */
export interface Column {
  readonly length: number;
  /** Null where the column form leaves the whole column out. */
  readonly values: ArrayLike<unknown> | null;
  /** How a value that is left out looks: undefined in rows, null in arrays, -1 in binary integers and indices. */
  readonly absent: undefined | null | -1;
  /** Whether a number may stand for an id. */
  readonly takesIndices: boolean;
  /** Pointer to the column as a whole. */
  readonly base: string;
  readonly faults: FaultList;
  pointer(index: number): string;
}

/** A column of lists: the items of row r run from `offsets[r]` to `offsets[r + 1]`. */
export interface ListColumn {
  /** Int32 [rows + 1]. */
  readonly offsets: Int32Array;
  readonly items: Column;
  /** The measure of each item, as long as `items`; null where items carry none. */
  readonly weights: Column | null;
}

/** A list of objects, whether it came as rows or as columns. */
export interface Table<K extends string> {
  readonly count: number;
  pointer(row: number, key: K): string;
  column(key: K): Column;
  /** Required lists may neither be left out nor be empty. */
  lists(key: K, isRequired: boolean): ListColumn;
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Tells every key of `object` that is not among `known`. */
export function checkKeys(object: object, known: object, pointer: (key: string) => string, faults: FaultList): void {
  for (const key of Object.keys(object)) {
    if (!Object.hasOwn(known, key)) faults.add(pointer(key), 'is not a known key');
  }
}
