/** Tables for people. */
import Table from 'cli-table3';
import { printable } from './numbers.ts';

export type Alignment = 'left' | 'right';

export interface Column<Row> {
  readonly head: string;
  readonly align: Alignment;
  cell(row: Row): string;
}

const RULE = '─';
const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const;

/** A head, a rule, the rows; no colors, no trailing blanks; ends in a newline. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const table = new Table({
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map(({ align }) => align),
  });
  const cells = rows.map((row) => columns.map(({ cell }) => printable(cell(row))));
  const head = columns.map((column) => column.head);
  const widths = head.map((text, c) => Math.max(text.length, ...cells.map((row) => row[c].length)));
  table.push(
    head,
    widths.map((width) => RULE.repeat(width)),
    ...cells,
  );
  return `${table.toString().replaceAll(/ +$/gm, '')}\n`;
}

/** Lines of a name and a value, the values below each other. */
export function formatFields(fields: readonly (readonly [string, string])[]): string {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}\n`).join('');
}
