import type { ListColumn } from './column.ts';
import { allRows, type Grouping, groupRows } from './grouping.ts';

export interface PointLists extends Grouping {
  /** Uint8 [rows], 1 where an item of the list is at fault, so that the list is not what was meant. */
  readonly isFaulty: Uint8Array;
}

/**
 * The items of a column of lists of points, grouped by the rows in canonical order (`order`, the row of each), points
 * ascending within a row. A point that an earlier item of the same list names already is told.
 */
export function groupPoints(
  { offsets, items }: ListColumn,
  points: Int32Array,
  order: Int32Array,
  pointCount: number,
): PointLists {
  const owner = new Int32Array(items.length);
  order.forEach((row, rank) => {
    owner.fill(rank, offsets[row], offsets[row + 1]);
  });
  const isFaulty = new Uint8Array(order.length);
  points.forEach((point, item) => {
    if (point < 0) isFaulty[owner[item]] = 1;
  });
  const byPoint = groupRows(allRows(items.length), points, pointCount);
  const { start, rows } = groupRows(byPoint.rows, owner, order.length);
  for (let i = 1; i < rows.length; i++) {
    const [item, earlier] = [rows[i], rows[i - 1]];
    if (points[item] !== points[earlier] || owner[item] !== owner[earlier]) continue;
    items.faults.add(
      () => items.pointer(item),
      () => `must name a point once; it is also at ${items.pointer(earlier)}`,
    );
  }
  return { start, rows, isFaulty };
}
