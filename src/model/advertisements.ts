import type { ListColumn } from './column.ts';
import { compareOptional, compareText, type Directory } from './directory.ts';
import type { FaultList } from './fault-list.ts';
import { allRows, gather, groupRows } from './grouping.ts';
import { type AdvertisementTable, ORIGINS } from './network-model.ts';
import { readAddresses, readChoices, readReferences, readTexts, readUint32 } from './read-column.ts';
import { openTable } from './table.ts';
import { ADVERTISEMENT_KINDS } from './tables.ts';

/** Reads `advertisements`; those that do not name a prefix and a point are told and left out. */
export function readAdvertisements(
  payload: Readonly<Record<string, unknown>>,
  prefixes: Directory,
  points: Directory,
  faults: FaultList,
): AdvertisementTable {
  const table = openTable(payload, 'advertisements', ADVERTISEMENT_KINDS, faults);
  const paths = table.lists('asPath', false);
  const origins = readChoices(table.column('origin'), ORIGINS);
  const columns: AdvertisementTable = {
    count: table.count,
    prefix: readReferences(table.column('prefix'), prefixes, true),
    at: readReferences(table.column('at'), points, true),
    peerAsn: new Uint32Array(readUint32(table.column('peerAsn'), 0)),
    peerAddress: readAddresses(table.column('peerAddress')),
    peerRouterId: readAddresses(table.column('peerRouterId')),
    nextHop: readAddresses(table.column('nextHop')),
    asPathStart: paths.offsets,
    asPath: new Uint32Array(readUint32(paths.items, null)),
    origin: Uint8Array.from(origins, (origin) => (origin === null ? 0 : ORIGINS.indexOf(origin))),
    med: readUint32(table.column('med'), -1),
    localPref: readUint32(table.column('localPref'), -1),
    communities: communitySets(table.lists('communities', false)),
  };
  const named = allRows(table.count).filter((row) => columns.at[row] >= 0);
  const { start, rows } = groupRows(named, columns.prefix, prefixes.ranks.length);
  for (let k = 0; k + 1 < start.length; k++) {
    if (start[k + 1] - start[k] > 1) rows.subarray(start[k], start[k + 1]).sort((a, b) => compareRoutes(columns, a, b));
  }
  return rearranged(columns, rows);
}

/** A total order over all attributes: routes that compare equal are equal. */
function compareRoutes(routes: AdvertisementTable, a: number, b: number): number {
  return (
    routes.at[a] - routes.at[b] ||
    routes.peerAsn[a] - routes.peerAsn[b] ||
    compareOptional(routes.peerAddress[a], routes.peerAddress[b]) ||
    compareOptional(routes.peerRouterId[a], routes.peerRouterId[b]) ||
    compareOptional(routes.nextHop[a], routes.nextHop[b]) ||
    comparePaths(routes, a, b) ||
    routes.origin[a] - routes.origin[b] ||
    routes.med[a] - routes.med[b] ||
    routes.localPref[a] - routes.localPref[b] ||
    compareLists(routes.communities[a], routes.communities[b])
  );
}

function comparePaths({ asPath, asPathStart }: AdvertisementTable, a: number, b: number): number {
  const lengthA = asPathStart[a + 1] - asPathStart[a];
  const lengthB = asPathStart[b + 1] - asPathStart[b];
  for (let hop = 0; hop < Math.min(lengthA, lengthB); hop++) {
    const difference = asPath[asPathStart[a] + hop] - asPath[asPathStart[b] + hop];
    if (difference !== 0) return difference;
  }
  return lengthA - lengthB;
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = compareText(a[i], b[i]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Communities are a set (RFC 1997): each once, in the order of their text. */
function communitySets({ offsets, items }: ListColumn): readonly (readonly string[])[] {
  const texts = readTexts(items, true);
  const none: readonly string[] = [];
  return Array.from({ length: offsets.length - 1 }, (_, row) => {
    if (offsets[row] === offsets[row + 1]) return none;
    const given = texts.slice(offsets[row], offsets[row + 1]).map((text) => text ?? '');
    return [...new Set(given)].sort(compareText);
  });
}

function rearranged(routes: AdvertisementTable, rows: Int32Array): AdvertisementTable {
  const count = rows.length;
  const asPathStart = new Int32Array(count + 1);
  for (let a = 0; a < count; a++) {
    asPathStart[a + 1] = asPathStart[a] + routes.asPathStart[rows[a] + 1] - routes.asPathStart[rows[a]];
  }
  const asPath = new Uint32Array(asPathStart[count]);
  for (let a = 0; a < count; a++) {
    const from = routes.asPathStart[rows[a]] - asPathStart[a];
    for (let hop = asPathStart[a]; hop < asPathStart[a + 1]; hop++) asPath[hop] = routes.asPath[from + hop];
  }
  const texts = (column: readonly (string | null)[]) => gather(rows, column, new Array<string | null>(count));
  return {
    count,
    prefix: gather(rows, routes.prefix, new Int32Array(count)),
    at: gather(rows, routes.at, new Int32Array(count)),
    peerAsn: gather(rows, routes.peerAsn, new Uint32Array(count)),
    peerAddress: texts(routes.peerAddress),
    peerRouterId: texts(routes.peerRouterId),
    nextHop: texts(routes.nextHop),
    asPathStart,
    asPath,
    origin: gather(rows, routes.origin, new Uint8Array(count)),
    med: gather(rows, routes.med, new Float64Array(count)),
    localPref: gather(rows, routes.localPref, new Float64Array(count)),
    communities: gather(rows, routes.communities, new Array<readonly string[]>(count)),
  };
}
