import { EgressoError } from '../errors.ts';
import { FaultList, shown } from '../model/fault-list.ts';
import { type BgpTable, BgpTableBuilder } from './bgp-table.ts';
import { type Input, inputName, readChunks } from './input.ts';
import { lineFault } from './line-fault.ts';

export interface BgpdumpOptions {
  /** Keep 0.0.0.0/0 and ::/0; by default they are dropped and counted. */
  readonly keepDefault?: boolean;
}

/** What was read beside the table. */
export interface BgpdumpCounts {
  readonly lines: number;
  readonly malformed: number;
  readonly defaultRoutes: number;
}

/** A line longer than this is no line of a dump, and would have to be held in memory as a whole. */
const MAX_LINE_LENGTH = 2 ** 20;
/** How many malformed lines a report names. */
const NAMED_LINES = 5;

/**
 * Reads the lines of `bgpdump -m` (TABLE_DUMP and TABLE_DUMP2, plain or gzip, IPv4 and IPv6) as a stream:
 *
 *     TABLE_DUMP2|time|B|peer address|peer ASN|prefix|AS path|origin|next hop|local-pref|MED|communities|…
 *
 * Malformed lines are left out and reported; memory grows with the distinct routes, never with the length of the text.
 *
 * @throws EgressoError FILE_UNREADABLE; FORMAT_INVALID for damaged gzip data or where no line is valid, with `/line/N`
 * pointers.
 */
export async function readBgpdump(
  input: Input,
  { keepDefault = false }: BgpdumpOptions = {},
): Promise<{ table: BgpTable; counts: BgpdumpCounts; reports: string[] }> {
  const builder = new BgpTableBuilder();
  const faults = new FaultList();
  const malformed: number[] = [];
  let lineCount = 0;
  let defaultRoutes = 0;
  for await (const lines of readLines(input)) {
    for (const line of lines) {
      lineCount++;
      if (line === '') continue;
      const fields = line.split('|', 13);
      if (!keepDefault && (fields[5] === '0.0.0.0/0' || fields[5] === '::/0')) {
        defaultRoutes++;
        continue;
      }
      const fault = builder.add(fields);
      if (fault === null) continue;
      faults.add(`/line/${lineCount}`, fault);
      if (malformed.length < NAMED_LINES) malformed.push(lineCount);
    }
  }
  if (builder.count === 0) {
    if (faults.count > 0) throw faults.toError('FORMAT_INVALID', inputName(input));
    throw new EgressoError('FORMAT_INVALID', `${inputName(input)} has no line of \`bgpdump -m\` that could be used`);
  }
  const reports: string[] = [];
  if (faults.count > 0) {
    const more = faults.count > malformed.length ? ', …' : '';
    reports.push(`Malformed lines left out: ${faults.count} (line ${malformed.join(', ')}${more}).`);
  }
  if (defaultRoutes > 0) reports.push(`Default routes dropped: ${defaultRoutes}.`);
  const table = builder.build();
  if (table.asSetCount > 0)
    reports.push(`AS paths with an AS_SET, for which its lowest member stands: ${table.asSetCount}.`);
  if (table.duplicateCount > 0) {
    reports.push(`Advertisements replaced by a later one of the same peer: ${table.duplicateCount}.`);
  }
  return { table, counts: { lines: lineCount, malformed: faults.count, defaultRoutes }, reports };
}

/**
 * Lines without their end (LF or CRLF), as many at once as a chunk completes: one step of the event loop per line would
 * cost more than its parsing. Bytes are taken as Latin-1: every field is checked, so none gets any further.
 */
async function* readLines(input: Input): AsyncGenerator<string[]> {
  let rest = '';
  let lineCount = 0;
  for await (const chunk of readChunks(input)) {
    const lines = (rest + chunk.toString('latin1')).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lineCount += lines.length;
    if (rest.length > MAX_LINE_LENGTH) {
      const message = `${shown(rest)} is longer than ${MAX_LINE_LENGTH} characters`;
      throw lineFault(inputName(input), lineCount + 1, message);
    }
    yield lines;
  }
  if (rest !== '') yield [rest.replace(/\r$/, '')];
}
