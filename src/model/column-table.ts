import { openBinary } from './binary-column.ts';
import {
  type Column,
  checkKeys,
  isPlainObject,
  type ListColumn,
  type ListKind,
  type Table,
  type TableKinds,
  type ValueKind,
} from './column.ts';
import { type FaultList, pointerTo, shown } from './fault-list.ts';

/** The column form: an object of equally long arrays; a column of lists is `{offsets, values}`. */
export class ColumnTable<K extends string> implements Table<K> {
  readonly count: number;
  readonly #name: string;
  readonly #faults: FaultList;
  readonly #columns = new Map<string, Column>();
  readonly #lists = new Map<string, ListColumn>();
  /** Columns that cannot be read at all; they are told once. */
  readonly #unreadable = new Set<string>();

  constructor(name: string, kinds: TableKinds<K>, source: Readonly<Record<string, unknown>>, faults: FaultList) {
    this.#name = name;
    this.#faults = faults;
    checkKeys(source, kinds, (key) => pointerTo(name, key), faults);
    for (const [key, kind] of Object.entries<ValueKind | ListKind>(kinds)) {
      if (!Object.hasOwn(source, key)) continue;
      const base = pointerTo(name, key);
      const column = typeof kind === 'string' ? openColumn(source[key], kind, base, faults) : null;
      const lists = typeof kind === 'string' ? null : openLists(source[key], kind, base, faults);
      if (column !== null) this.#columns.set(key, column);
      else if (lists !== null) this.#lists.set(key, lists);
      else this.#unreadable.add(key);
    }
    this.count = this.#commonLength();
  }

  pointer(row: number, key: K): string {
    return pointerTo(this.#name, key, row);
  }

  column(key: K): Column {
    return { ...(this.#columns.get(key) ?? this.#withoutValues(key)), length: this.count };
  }

  lists(key: K, isRequired: boolean): ListColumn {
    const lists = this.#lists.get(key);
    if (lists === undefined) {
      const items = this.#withoutValues(key);
      if (isRequired && items.values === null && this.count > 0) this.#faults.add(items.base, 'is missing');
      return { offsets: new Int32Array(this.count + 1), items, weights: null };
    }
    const { offsets } = lists;
    for (let row = 0; isRequired && row < this.count; row++) {
      if (offsets[row] < offsets[row + 1]) continue;
      this.#faults.add(
        () => pointerTo(this.#name, key, 'offsets', row),
        'must not be followed by itself: the list would be empty',
      );
    }
    return { ...lists, offsets: offsets.subarray(0, this.count + 1) };
  }

  /** A column that is left out has null values; an unreadable one has none, so that it is not told again as missing. */
  #withoutValues(key: K): Column {
    const column = columnOf(null, 0, pointerTo(this.#name, key), this.#faults);
    return this.#unreadable.has(key) ? { ...column, values: [] } : column;
  }

  #commonLength(): number {
    const lengths = new Map([...this.#columns].map(([key, { length }]) => [key, length]));
    for (const [key, { offsets }] of this.#lists) lengths.set(key, offsets.length - 1);
    const [first] = lengths;
    if (first === undefined) return 0;
    for (const [key, length] of lengths) {
      if (length === first[1]) continue;
      const other = `${pointerTo(this.#name, first[0])} has ${first[1]}`;
      this.#faults.add(pointerTo(this.#name, key), `has ${length} values, but ${other}`);
    }
    return Math.min(...lengths.values());
  }
}

function columnOf(values: ArrayLike<unknown> | null, length: number, base: string, faults: FaultList): Column {
  return {
    length,
    values,
    absent: null,
    takesIndices: true,
    base,
    faults,
    pointer: (index) => base + pointerTo(index),
  };
}

/** Null where `source` is no column; that is told. */
function openColumn(source: unknown, kind: ValueKind, base: string, faults: FaultList): Column | null {
  if (Array.isArray(source)) return columnOf(source, source.length, base, faults);
  const numbers = openBinary(source, kind);
  if (typeof numbers === 'string') {
    faults.add(base, numbers);
    return null;
  }
  return { ...columnOf(numbers, numbers.length, base, faults), absent: kind === 'measure' ? undefined : -1 };
}

/** Null where `source` is no column of lists; that is told. */
function openLists(source: unknown, kind: ListKind, base: string, faults: FaultList): ListColumn | null {
  if (!isPlainObject(source)) {
    faults.add(base, `must be an object of offsets and values, not ${shown(source)}`);
    return null;
  }
  const weightKey = kind.weight?.name;
  const known = { offsets: true, values: true, ...(weightKey !== undefined && { [weightKey]: true }) };
  checkKeys(source, known, (key) => base + pointerTo(key), faults);
  const missing = ['offsets', 'values'].filter((key) => !Object.hasOwn(source, key));
  for (const key of missing) faults.add(base + pointerTo(key), 'is missing');
  if (missing.length > 0) return null;
  const items = openColumn(source.values, kind.items, `${base}/values`, faults);
  const offsets = items && openOffsets(source.offsets, items.length, `${base}/offsets`, faults);
  if (items === null || offsets === null) return null;
  if (weightKey === undefined || !Object.hasOwn(source, weightKey)) return { offsets, items, weights: null };
  const weights = openColumn(source[weightKey], 'measure', base + pointerTo(weightKey), faults);
  if (weights === null || weights.length === items.length) return { offsets, items, weights };
  faults.add(weights.base, `has ${weights.length} values, but ${base}/values has ${items.length}`);
  return { offsets, items, weights: null };
}

/** Offsets start at 0, never fall, and end at the number of values. */
function openOffsets(source: unknown, valueCount: number, base: string, faults: FaultList): Int32Array | null {
  const column = openColumn(source, 'reference', base, faults);
  if (column === null || column.values === null) return null;
  const { values, length } = column;
  const offsets = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const least = i === 0 ? 0 : offsets[i - 1];
    const most = i === 0 ? 0 : valueCount;
    const offset = values[i];
    if (typeof offset !== 'number' || !Number.isInteger(offset) || offset < least || offset > most) {
      const bounds = least === most ? `be ${least}` : `be an integer from ${least} to ${most}`;
      faults.add(column.pointer(i), `must ${bounds}, not ${shown(offset)}`);
      return null;
    }
    offsets[i] = offset;
  }
  if (length > 0 && offsets[length - 1] === valueCount) return offsets;
  faults.add(base, `must end with ${valueCount}, the number of values`);
  return null;
}
