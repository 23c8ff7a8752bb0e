import { CsvError, parse } from 'csv-parse/sync';
import { shown } from '../model/fault-list.ts';
import { lineFault } from './line-fault.ts';

/** One line of a CSV file by column name; an optional column that is missing or empty is "". */
export interface CsvRecord {
  readonly line: number;
  readonly fields: { readonly [column: string]: string };
}

/** What the columns of a file may be; each row has all that its header names, in any order. */
export interface CsvColumns {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
}

/**
 * Reads a CSV file (RFC 4180, with a header line; blank around values is dropped, empty lines and lines that start
 * with "#" are skipped).
 *
 * @throws EgressoError FORMAT_INVALID with `/line/N` pointers: broken quoting, ragged rows, columns that are unknown,
 * missing or named twice.
 */
export function readCsv(text: string, name: string, { required, optional = [] }: CsvColumns): CsvRecord[] {
  const [header, ...rows] = parseRows(text, name);
  const columns = header?.record ?? [];
  const fault = headerFault(columns, required, optional);
  if (fault !== null) {
    throw lineFault(name, header?.info.lines ?? 1, fault);
  }
  const blank = Object.fromEntries(optional.map((column) => [column, '']));
  return rows.map(({ record, info }) => {
    const fields: { [column: string]: string } = { ...blank };
    columns.forEach((column, i) => {
      fields[column] = record[i];
    });
    return { line: info.lines, fields };
  });
}

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function parseRows(text: string, name: string): Row[] {
  try {
    return parse(text, {
      bom: true,
      info: true,
      trim: true,
      comment: '#',
      comment_no_infix: true,
      skip_empty_lines: true,
      max_record_size: 65536,
    }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw lineFault(name, Number(error.lines ?? 1), error.message);
  }
}

function headerFault(
  columns: readonly string[],
  required: readonly string[],
  optional: readonly string[],
): string | null {
  const expected = [...required, ...optional.map((column) => `[${column}]`)].join(',');
  const missing = required.find((column) => !columns.includes(column));
  if (missing !== undefined) return `the header has no column "${missing}"; expected is ${expected}`;
  const unknown = columns.find((column) => !required.includes(column) && !optional.includes(column));
  if (unknown !== undefined) return `the header has an unknown column ${shown(unknown)}; expected is ${expected}`;
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  return twice === undefined ? null : `the header has column ${shown(twice)} twice`;
}
