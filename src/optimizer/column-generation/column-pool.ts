/** Columns of a block-structured program, append-only: cost, the resources they use, and what they stand for. */
export interface Column {
  readonly block: number;
  readonly cost: number;
  /** Resources used, each at most once, and how much of each. */
  readonly resources: ArrayLike<number>;
  readonly amounts: ArrayLike<number>;
  /** The decision behind the column, as its oracle writes it; null where nobody asks. */
  readonly detail: Int32Array | null;
}

export class ColumnPool {
  readonly columns: Column[] = [];
  /** Columns of each block, in order of arrival. */
  readonly ofBlock: number[][];

  constructor(blockCount: number) {
    this.ofBlock = Array.from({ length: blockCount }, () => []);
  }

  add(column: Column): void {
    this.ofBlock[column.block].push(this.columns.length);
    this.columns.push(column);
  }

  /** Adds the column unless the block already holds one of the same cost and amounts. */
  addIfNew(column: Column): boolean {
    for (const index of this.ofBlock[column.block]) if (isSame(this.columns[index], column)) return false;
    this.add(column);
    return true;
  }
}

function isSame(a: Column, b: Column): boolean {
  if (a.cost !== b.cost || a.resources.length !== b.resources.length) return false;
  for (let at = 0; at < a.resources.length; at++) {
    if (a.resources[at] !== b.resources[at] || a.amounts[at] !== b.amounts[at]) return false;
  }
  return true;
}
