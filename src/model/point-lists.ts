import type { ListColumn } from './column.ts';
import type { Grouping } from './grouping.ts';

export interface PointLists extends Grouping {
  /** Uint8 [rows], 1 where an item of the list is at fault, so that the list is not what was meant. */
  readonly isFaulty: Uint8Array;
}

/**
 * The items of a column of lists of points, grouped by the rows in canonical order (`order`, the row of each), points
 * ascending within a row. A point that an earlier item of the same list names already is told.
 */
export function groupPoints({ offsets, items }: ListColumn, points: Int32Array, order: Int32Array): PointLists {
  const start = new Int32Array(order.length + 1);
  const rows = new Int32Array(items.length);
  const isFaulty = new Uint8Array(order.length);
  let count = 0;
  for (let rank = 0; rank < order.length; rank++) {
    const end = offsets[order[rank] + 1];
    for (let item = offsets[order[rank]]; item < end; item++) {
      if (points[item] >= 0) rows[count++] = item;
      else isFaulty[rank] = 1;
    }
    start[rank + 1] = count;
    sortItems(rows, start[rank], count, points);
    for (let i = start[rank] + 1; i < count; i++) {
      const [item, earlier] = [rows[i], rows[i - 1]];
      if (points[item] !== points[earlier]) continue;
      items.faults.add(
        () => items.pointer(item),
        () => `must name a point once; it is also at ${items.pointer(earlier)}`,
      );
    }
  }
  return { start, rows: rows.subarray(0, count), isFaulty };
}

/** Below this many items a list is sorted by insertion. */
const MANY_ITEMS = 32;

/** Sorts the items from `from` to before `to` by point; those of one point keep their order. */
function sortItems(items: Int32Array, from: number, to: number, points: Int32Array): void {
  if (to - from > MANY_ITEMS) {
    items.subarray(from, to).sort((a, b) => points[a] - points[b] || a - b);
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const item = items[i];
    let hole = i;
    for (; hole > from && points[items[hole - 1]] > points[item]; hole--) items[hole] = items[hole - 1];
    items[hole] = item;
  }
}
