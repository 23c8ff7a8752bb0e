/** An integer program as free MPS, for solvers outside; numbers are written so that they read back the same. */
import type { IntegerProgram } from '../src/optimizer/milp/integer.ts';

export function mpsOf(program: IntegerProgram): string {
  const { cost, colLower, colUpper, rowLower, rowUpper, starts, rows, values, integer } = program;
  const lines = ['NAME egresso FREE', 'ROWS', ' N cost'];
  const isFree = (row: number) => rowLower[row] === Number.NEGATIVE_INFINITY;
  rowUpper.forEach((upper, row) => {
    if (!isFree(row) && rowLower[row] !== upper) throw new Error(`row ${row} is a range`);
    lines.push(` ${isFree(row) ? 'L' : 'E'} r${row}`);
  });
  lines.push('COLUMNS', " M1 'MARKER' 'INTORG'");
  cost.forEach((value, column) => {
    if (integer[column] === 0) throw new Error(`column ${column} is not integer`);
    if (value !== 0) lines.push(` x${column} cost ${value}`);
    for (let at = starts[column]; at < starts[column + 1]; at++) lines.push(` x${column} r${rows[at]} ${values[at]}`);
  });
  lines.push(" M2 'MARKER' 'INTEND'", 'RHS');
  rowUpper.forEach((upper, row) => {
    if (upper !== 0) lines.push(` rhs r${row} ${upper}`);
  });
  lines.push('BOUNDS');
  colUpper.forEach((upper, column) => {
    lines.push(` LO bound x${column} ${colLower[column]}`, ` UP bound x${column} ${upper}`);
  });
  lines.push('ENDATA', '');
  return lines.join('\n');
}
