/** Grows a program by rows and columns and hands it out as CSC arrays. */
import type { IntegerProgram } from './integer.ts';

export class ProgramBuilder {
  private readonly cost: number[] = [];
  private readonly colLower: number[] = [];
  private readonly colUpper: number[] = [];
  private readonly integer: number[] = [];
  private readonly rowLower: number[] = [];
  private readonly rowUpper: number[] = [];
  private readonly starts: number[] = [0];
  private readonly rows: number[] = [];
  private readonly values: number[] = [];

  get rowCount(): number {
    return this.rowLower.length;
  }

  get columnCount(): number {
    return this.cost.length;
  }

  /** Adds lower ≤ row ≤ upper and returns its index. */
  addRow(lower: number, upper: number): number {
    this.rowLower.push(lower);
    this.rowUpper.push(upper);
    return this.rowLower.length - 1;
  }

  /** Adds a column with its coefficients; a row may stand at most once. Returns its index. */
  addColumn(column: {
    cost: number;
    lower?: number;
    upper?: number;
    integer?: boolean;
    rows: readonly number[];
    values: readonly number[];
  }): number {
    this.cost.push(column.cost);
    this.colLower.push(column.lower ?? 0);
    this.colUpper.push(column.upper ?? Number.POSITIVE_INFINITY);
    this.integer.push(column.integer ? 1 : 0);
    for (let at = 0; at < column.rows.length; at++) {
      // HiGHS drops coefficients below 1e-9 in any case; an exact zero would only cost memory.
      if (column.values[at] === 0) continue;
      this.rows.push(column.rows[at]);
      this.values.push(column.values[at]);
    }
    this.starts.push(this.rows.length);
    return this.cost.length - 1;
  }

  build(): IntegerProgram {
    return {
      cost: Float64Array.from(this.cost),
      colLower: Float64Array.from(this.colLower),
      colUpper: Float64Array.from(this.colUpper),
      rowLower: Float64Array.from(this.rowLower),
      rowUpper: Float64Array.from(this.rowUpper),
      starts: Int32Array.from(this.starts),
      rows: Int32Array.from(this.rows),
      values: Float64Array.from(this.values),
      integer: Uint8Array.from(this.integer),
    };
  }
}
