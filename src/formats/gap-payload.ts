import { FaultList, pointerTo } from '../model/fault-list.ts';
import type { DenseGap } from './gap-orlib.ts';

/** A generalized assignment instance from a request, every fault of it found. */
export interface GapPayload extends DenseGap {
  /** Uint8 [machine × job], row-major: 1 where the pair is forbidden; null where none is. */
  readonly forbidden: Uint8Array | null;
}

const KEYS = ['costs', 'weights', 'capacities', 'forbidden'];

/**
 * Checks the body of a request: `{costs, weights, capacities, forbidden}` with `costs[machine][job]`,
 * `weights[machine][job]`, `capacities[machine]` and `forbidden` (may be left out) a list of `[machine, job]`. Rows may
 * be typed arrays. The arrays of the result are new.
 *
 * @throws EgressoError GAP_INVALID with all faults.
 */
export function parseGapPayload(body: unknown): GapPayload {
  const faults = new FaultList();
  const stop = (): void => {
    if (faults.count > 0) throw faults.toError('GAP_INVALID', 'the assignment instance');
  };
  if (typeof body !== 'object' || body === null || Array.isArray(body) || ArrayBuffer.isView(body)) {
    faults.add('', 'the instance is no object');
  }
  stop();
  const { costs, weights, capacities, forbidden, ...unknown } = body as { [key: string]: unknown };
  for (const key of Object.keys(unknown)) {
    faults.add(pointerTo(key), `unknown key; expected are ${KEYS.join(', ')}`);
  }
  const machineCount = lengthOf(capacities);
  const jobCount = lengthOf((costs as { [row: number]: unknown } | null | undefined)?.[0]);
  if (machineCount < 1) faults.add('/capacities', 'must be a list with the capacity of at least one machine');
  if (lengthOf(costs) < 1) faults.add('/costs', 'must be a list of rows, one per machine');
  else if (jobCount < 1) faults.add('/costs/0', 'must be a list with the cost of at least one job');
  stop();
  const costTable = readTable(costs, 'costs', machineCount, jobCount, Number.NEGATIVE_INFINITY, faults);
  const weightTable = readTable(weights, 'weights', machineCount, jobCount, 0, faults);
  const capacityList = readRow(capacities, '/capacities', machineCount, 0, faults);
  const forbiddenPairs = readForbidden(forbidden, machineCount, jobCount, faults);
  stop();
  // Only now is the size of the table known to be that of the body.
  const forbiddenTable = forbiddenPairs.length === 0 ? null : new Uint8Array(costTable.length);
  for (const pair of forbiddenPairs) if (forbiddenTable !== null) forbiddenTable[pair] = 1;
  return {
    machineCount,
    jobCount,
    costs: costTable,
    weights: weightTable,
    capacities: capacityList,
    forbidden: forbiddenTable,
  };
}

function readTable(
  table: unknown,
  key: string,
  machineCount: number,
  jobCount: number,
  least: number,
  faults: FaultList,
): Float64Array {
  if (lengthOf(table) !== machineCount) {
    faults.add(`/${key}`, `must be a list of ${machineCount} rows, one per machine, as there are capacities`);
    return new Float64Array();
  }
  // Each row is checked before it is written, so the size of the whole is one that the body really has.
  const rows = Array.from(table as ArrayLike<unknown>, (row, s) =>
    readRow(row, `/${key}/${s}`, jobCount, least, faults),
  );
  const values = new Float64Array(rows.reduce((sum, row) => sum + row.length, 0));
  let next = 0;
  for (const row of rows) {
    values.set(row, next);
    next += row.length;
  }
  return values;
}

function readRow(row: unknown, pointer: string, count: number, least: number, faults: FaultList): Float64Array {
  if (lengthOf(row) !== count) {
    faults.add(pointer, `must be a list of ${count} numbers`);
    return new Float64Array();
  }
  return Float64Array.from(row as ArrayLike<unknown>, (value, i) => {
    if (typeof value === 'number' && Number.isFinite(value) && value >= least) return value;
    faults.add(`${pointer}/${i}`, `must be a finite number${least === 0 ? ' ≥ 0' : ''}, is ${describe(value)}`);
    return 0;
  });
}

/** The forbidden pairs as `machine × jobs + job`. */
function readForbidden(list: unknown, machineCount: number, jobCount: number, faults: FaultList): number[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    faults.add('/forbidden', 'must be a list of [machine, job]');
    return [];
  }
  const isIndex = (value: unknown, bound: number): value is number =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) < bound;
  const pairs = new Set<number>();
  list.forEach((pair: unknown, i) => {
    const [machine, job] = lengthOf(pair) === 2 ? (pair as Iterable<unknown>) : [];
    if (!isIndex(machine, machineCount) || !isIndex(job, jobCount)) {
      faults.add(`/forbidden/${i}`, `must be [machine, job] with machine < ${machineCount} and job < ${jobCount}`);
    } else if (pairs.has(machine * jobCount + job)) faults.add(`/forbidden/${i}`, 'stands in the list twice');
    else pairs.add(machine * jobCount + job);
  });
  return [...pairs];
}

/** Length of an array or typed array of numbers, -1 for anything else. */
function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? (value as Float64Array).length : -1;
}

function describe(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
}
