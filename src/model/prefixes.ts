import { canonicalOrder, checkUnique, type Directory, IdDirectory } from './directory.ts';
import type { FaultList } from './fault-list.ts';
import { gather } from './grouping.ts';
import { parsePrefix } from './ip-prefix.ts';
import type { PrefixTable } from './network-model.ts';
import { groupPoints } from './point-lists.ts';
import { readMeasures, readPrefixes, readReferences, readTexts } from './read-column.ts';
import { openTable } from './table.ts';
import { PREFIX_KINDS } from './tables.ts';

export interface PrefixTables {
  /** A prefix whose egress is left out has none yet. */
  readonly given: PrefixTable;
  readonly prefixDirectory: Directory;
  /** Uint8 [prefixes], 1 where the egress given for k is at fault. */
  readonly isEgressFaulty: Uint8Array;
}

export function readPrefixTable(
  payload: Readonly<Record<string, unknown>>,
  points: Directory,
  faults: FaultList,
): PrefixTables {
  const table = openTable(payload, 'prefixes', PREFIX_KINDS, faults);
  const texts = readPrefixes(table.column('prefix')).map((text) => text ?? '');
  const textOrder = canonicalOrder(texts);
  const repeated = checkUnique(texts, textOrder, (row) => table.pointer(row, 'prefix'), faults);
  const givenIds = readTexts(table.column('id'), false);
  const isNamed = givenIds.some((id) => id !== null);
  // A prefix that has been told as repeated is not told again for the id that follows from it.
  const ids = isNamed ? givenIds.map((id, row) => id ?? (repeated.has(row) ? '' : texts[row])) : texts;
  const order = isNamed ? canonicalOrder(ids) : textOrder;
  if (isNamed) checkUnique(ids, order, (row) => table.pointer(row, 'id'), faults);

  const isEgressRequired = payload.advertisements === undefined;
  const lists = table.lists('egress', isEgressRequired);
  const entries = readReferences(lists.items, points, true);
  const penalties = lists.weights === null ? new Float64Array(entries.length) : readMeasures(lists.weights, 0);
  const { start, rows, isFaulty } = groupPoints(lists, entries, order);
  const egressPoint = new Int32Array(rows.length);
  const egressPenalty = new Float64Array(rows.length);
  for (let slot = 0; slot < rows.length; slot++) {
    egressPoint[slot] = entries[rows[slot]];
    egressPenalty[slot] = penalties[rows[slot]];
  }
  const sortedIds = gather(order, ids, new Array<string>(table.count));
  const prefixes = gather(order, texts, new Array<string>(table.count));
  const given: PrefixTable = {
    count: table.count,
    ids: sortedIds,
    prefixes,
    egressStart: start,
    egressPoint,
    egressPenalty,
  };
  return {
    given,
    prefixDirectory: new PrefixDirectory(given, order),
    isEgressFaulty: isFaulty.map((fault, k) => (isEgressRequired && start[k] === start[k + 1] ? 1 : fault)),
  };
}

/** Finds a prefix by its id, else by its text in any spelling. */
class PrefixDirectory extends IdDirectory {
  readonly #byText: IdDirectory;

  constructor(table: PrefixTable, order: Int32Array) {
    super('prefix', table.ids, order);
    this.#byText = new IdDirectory('prefix', table.prefixes, order);
  }

  override find(name: string): number | string {
    const found = super.find(name);
    if (typeof found === 'number') return found;
    const parsed = parsePrefix(name);
    return 'canonical' in parsed ? this.#byText.find(parsed.canonical) : found;
  }
}
