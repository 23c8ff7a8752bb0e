import {
  type Column,
  checkKeys,
  isPlainObject,
  type ListColumn,
  type ListKind,
  type Table,
  type TableKinds,
} from './column.ts';
import { type FaultList, pointerTo, shown } from './fault-list.ts';

/** The row form: a list of objects. Rows that are no objects are told and left out. */
export class RowTable<K extends string> implements Table<K> {
  readonly #name: string;
  readonly #kinds: TableKinds<K>;
  readonly #faults: FaultList;
  readonly #rows: Readonly<Record<string, unknown>>[] = [];
  /** Where each row stands in the payload. */
  readonly #positions: number[] = [];

  constructor(name: string, kinds: TableKinds<K>, source: readonly unknown[], faults: FaultList) {
    this.#name = name;
    this.#kinds = kinds;
    this.#faults = faults;
    for (let position = 0; position < source.length; position++) {
      const row = source[position];
      if (isPlainObject(row)) {
        checkKeys(row, kinds, (key) => pointerTo(name, position, key), faults);
        this.#rows.push(row);
        this.#positions.push(position);
      } else {
        faults.add(pointerTo(name, position), `must be an object, not ${shown(row)}`);
      }
    }
  }

  get count(): number {
    return this.#rows.length;
  }

  pointer(row: number, key: K): string {
    return pointerTo(this.#name, this.#positions[row], key);
  }

  column(key: K): Column {
    const values = this.#rows.map((row) => row[key]);
    return this.#asColumn(values, key, (row) => this.pointer(row, key));
  }

  lists(key: K, isRequired: boolean): ListColumn {
    const { weight } = this.#kinds[key] as ListKind;
    const offsets = new Int32Array(this.count + 1);
    const items: unknown[] = [];
    const weights: unknown[] = [];
    const pointers = new ItemPointers(offsets, (row) => this.pointer(row, key));
    const itemKeys = weight === undefined ? {} : { [weight.itemKey]: true, [weight.name]: true };
    for (let row = 0; row < this.count; row++) {
      for (const item of this.#list(row, key, isRequired)) {
        const entry = weight !== undefined && isPlainObject(item) ? item : null;
        if (entry !== null) {
          pointers.markObject(items.length);
          const index = items.length - offsets[row];
          checkKeys(entry, itemKeys, (other) => `${this.pointer(row, key)}${pointerTo(index, other)}`, this.#faults);
        }
        items.push(entry === null || weight === undefined ? item : entry[weight.itemKey]);
        weights.push(entry === null || weight === undefined ? undefined : entry[weight.name]);
      }
      offsets[row + 1] = items.length;
    }
    return {
      offsets,
      items: this.#asColumn(items, key, (index) => pointers.of(index, weight?.itemKey)),
      weights: weight === undefined ? null : this.#asColumn(weights, key, (index) => pointers.of(index, weight.name)),
    };
  }

  #asColumn(values: readonly unknown[], key: K, pointer: (index: number) => string): Column {
    return {
      length: values.length,
      values,
      absent: undefined,
      takesIndices: false,
      base: pointerTo(this.#name, key),
      faults: this.#faults,
      pointer,
    };
  }

  #list(row: number, key: K, isRequired: boolean): readonly unknown[] {
    const value = this.#rows[row][key];
    if (Array.isArray(value)) {
      if (isRequired && value.length === 0) this.#faults.add(this.pointer(row, key), 'must not be empty');
      return value;
    }
    if (value !== undefined) this.#faults.add(this.pointer(row, key), `must be a list, not ${shown(value)}`);
    else if (isRequired) this.#faults.add(this.pointer(row, key), 'is missing');
    return [];
  }
}

/** Pointers to the items of lists, which have to find the row of an item first. */
class ItemPointers {
  readonly #offsets: Int32Array;
  readonly #rowPointer: (row: number) => string;
  readonly #objects = new Set<number>();

  constructor(offsets: Int32Array, rowPointer: (row: number) => string) {
    this.#offsets = offsets;
    this.#rowPointer = rowPointer;
  }

  markObject(index: number): void {
    this.#objects.add(index);
  }

  of(index: number, objectKey: string | undefined): string {
    const row = this.#offsets.findIndex((offset) => offset > index) - 1;
    const suffix = this.#objects.has(index) && objectKey !== undefined ? pointerTo(objectKey) : '';
    return `${this.#rowPointer(row)}${pointerTo(index - this.#offsets[row])}${suffix}`;
  }
}
