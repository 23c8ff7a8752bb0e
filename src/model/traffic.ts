import type { Directory } from './directory.ts';
import type { FaultList } from './fault-list.ts';
import { allRows, gather, groupRows } from './grouping.ts';
import { readMeasures, readReferences } from './read-column.ts';
import { openTable } from './table.ts';
import { CURRENT_KINDS, TRAFFIC_KINDS } from './tables.ts';

/** The (neighbor, prefix) pairs in the order of `TrafficTable`. */
export interface TrafficPairs {
  readonly start: Int32Array;
  readonly neighbor: Int32Array;
  readonly volume: Float64Array;
  /** Pointer to the prefix of a pair, as the payload names it. */
  pointer(pair: number): string;
}

export interface CurrentChoices {
  /** Int32 [pairs], see `TrafficTable`. */
  readonly currentIngress: Int32Array;
  readonly currentEgress: Int32Array;
}

export function readTraffic(
  payload: Readonly<Record<string, unknown>>,
  neighbors: Directory,
  prefixes: Directory,
  faults: FaultList,
): TrafficPairs {
  const table = openTable(payload, 'traffic', TRAFFIC_KINDS, faults);
  const neighborOf = readReferences(table.column('neighbor'), neighbors, true);
  const prefixOf = readReferences(table.column('prefix'), prefixes, true);
  const volumeOf = readMeasures(table.column('volume'), null);
  const byNeighbor = groupRows(allRows(table.count), neighborOf, neighbors.ranks.length);
  const { start, rows } = groupRows(byNeighbor.rows, prefixOf, prefixes.ranks.length);
  for (let pair = 1; pair < rows.length; pair++) {
    const [row, earlier] = [rows[pair], rows[pair - 1]];
    if (neighborOf[row] !== neighborOf[earlier] || prefixOf[row] !== prefixOf[earlier]) continue;
    const message = `names a neighbor and prefix whose volume is also at ${table.pointer(earlier, 'volume')}`;
    faults.add(() => table.pointer(row, 'prefix'), message);
  }
  return {
    start,
    neighbor: gather(rows, neighborOf, new Int32Array(rows.length)),
    volume: gather(rows, volumeOf, new Float64Array(rows.length)),
    pointer: (pair) => table.pointer(rows[pair], 'prefix'),
  };
}

/** Reads `current`; a choice may name points that are no longer allowed, but every pair has to have traffic. */
export function readCurrent(
  payload: Readonly<Record<string, unknown>>,
  { start, neighbor }: TrafficPairs,
  directories: { readonly neighbors: Directory; readonly prefixes: Directory; readonly points: Directory },
  faults: FaultList,
): CurrentChoices {
  const table = openTable(payload, 'current', CURRENT_KINDS, faults);
  const neighborOf = readReferences(table.column('neighbor'), directories.neighbors, true);
  const prefixOf = readReferences(table.column('prefix'), directories.prefixes, true);
  const ingress = readReferences(table.column('ingress'), directories.points, true);
  const egress = readReferences(table.column('egress'), directories.points, true);
  const currentIngress = new Int32Array(neighbor.length).fill(-1);
  const currentEgress = new Int32Array(neighbor.length).fill(-1);
  const givenBy = new Int32Array(neighbor.length).fill(-1);
  for (let row = 0; row < table.count; row++) {
    if (neighborOf[row] < 0 || prefixOf[row] < 0) continue;
    const pointer = () => table.pointer(row, 'prefix');
    const pair = findSorted(neighbor, neighborOf[row], start[prefixOf[row]], start[prefixOf[row] + 1]);
    if (pair < 0) {
      faults.add(pointer, 'names a neighbor and prefix that have no traffic');
    } else if (givenBy[pair] >= 0) {
      faults.add(pointer, `names a neighbor and prefix that are also at ${table.pointer(givenBy[pair], 'prefix')}`);
    } else {
      givenBy[pair] = row;
      currentIngress[pair] = ingress[row];
      currentEgress[pair] = egress[row];
    }
  }
  return { currentIngress, currentEgress };
}

/** Place of `value` among the ascending values from `from` to before `to`, or -1. */
function findSorted(values: Int32Array, value: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low < to && values[low] === value ? low : -1;
}
