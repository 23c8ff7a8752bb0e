/** Rows in the order of their groups: those of group g run from `start[g]` to `start[g + 1]`. */
export interface Grouping {
  /** Int32 [groups + 1]. */
  readonly start: Int32Array;
  /** Int32 [rows]: row numbers. */
  readonly rows: Int32Array;
}

/**
 * Groups `rows` by their key, keeping their order within a group (a counting sort); a key of -1 drops the row. Grouping
 * by a second key first and by the first key then sorts by both.
 */
export function groupRows(rows: Int32Array, keys: Int32Array, groupCount: number): Grouping {
  const start = new Int32Array(groupCount + 1);
  for (let i = 0; i < rows.length; i++) if (keys[rows[i]] >= 0) start[keys[rows[i]] + 1]++;
  for (let g = 0; g < groupCount; g++) start[g + 1] += start[g];
  const next = start.slice();
  const grouped = new Int32Array(start[groupCount]);
  for (let i = 0; i < rows.length; i++) {
    const key = keys[rows[i]];
    if (key >= 0) grouped[next[key]++] = rows[i];
  }
  return { start, rows: grouped };
}

export function allRows(count: number): Int32Array {
  const rows = new Int32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  return rows;
}

type Values<T> = { readonly length: number; [index: number]: T };

/** Fills `target` with the values of `rows`, in their order; a loop, because `from` walks an iterator. */
export function gather<T, V extends Values<T>>(rows: Int32Array, values: ArrayLike<T>, target: V): V {
  for (let i = 0; i < rows.length; i++) target[i] = values[rows[i]];
  return target;
}
