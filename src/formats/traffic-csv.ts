import { FaultList, shown } from '../model/fault-list.ts';
import { parsePrefix } from '../model/ip-prefix.ts';
import { MAX_MEASURE } from '../model/read-column.ts';
import { readCsv } from './csv.ts';

/** Traffic by name, in the order of the file. */
export interface TrafficList {
  readonly neighbors: readonly string[];
  /** Canonical text. */
  readonly prefixes: readonly string[];
  readonly count: number;
  /** Int32 [count], index into `neighbors`. */
  readonly neighbor: Int32Array;
  /** Int32 [count], index into `prefixes`. */
  readonly prefix: Int32Array;
  /** Float64 [count], ≥ 0. */
  readonly volume: Float64Array;
  /** Int32 [count], line of the file, from 1. */
  readonly line: Int32Array;
}

/**
 * Reads traffic: `neighbor,prefix,volume`, one line per (neighbor, prefix) pair.
 *
 * @throws EgressoError FORMAT_INVALID with `/line/N/column` pointers: an empty neighbor, no prefix, a volume that is
 * no number from 0 to 1e60, a pair that occurs twice.
 */
export function parseTrafficCsv(text: string, name = 'the traffic'): TrafficList {
  const records = readCsv(text, name, { required: ['neighbor', 'prefix', 'volume'] });
  const faults = new FaultList();
  const neighbors = new Map<string, number>();
  const prefixes = new Map<string, number>();
  const seen = new Map<string, number>();
  const neighbor = new Int32Array(records.length);
  const prefix = new Int32Array(records.length);
  const volume = new Float64Array(records.length);
  records.forEach(({ line, fields }, i) => {
    const parsed = parsePrefix(fields.prefix);
    const amount = parseVolume(fields.volume);
    if (fields.neighbor === '') faults.add(`/line/${line}/neighbor`, 'the neighbor is empty');
    if ('expected' in parsed) {
      faults.add(`/line/${line}/prefix`, `must be ${parsed.expected}, not ${shown(fields.prefix)}`);
    }
    const canonical = 'canonical' in parsed ? parsed.canonical : null;
    if (amount === null)
      faults.add(`/line/${line}/volume`, `${shown(fields.volume)} is no number from 0 to ${MAX_MEASURE}`);
    neighbor[i] = indexIn(neighbors, fields.neighbor);
    prefix[i] = indexIn(prefixes, canonical ?? '');
    volume[i] = amount ?? 0;
    const pair = `${neighbor[i]},${prefix[i]}`;
    const first = seen.get(pair);
    if (first === undefined) seen.set(pair, line);
    else if (canonical !== null) {
      faults.add(`/line/${line}`, `${shown(fields.neighbor)} to ${canonical} stands in line ${first} already`);
    }
  });
  if (records.length === 0) faults.add('/line/2', 'there is no traffic');
  if (faults.count > 0) throw faults.toError('FORMAT_INVALID', name);
  return {
    neighbors: [...neighbors.keys()],
    prefixes: [...prefixes.keys()],
    count: records.length,
    neighbor,
    prefix,
    volume,
    line: Int32Array.from(records, (record) => record.line),
  };
}

/** A decimal number ≥ 0, or null; neither hexadecimal nor "Infinity", which Number() would take. */
function parseVolume(text: string): number | null {
  const value = /^\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return value <= MAX_MEASURE ? value : null;
}

function indexIn(indices: Map<string, number>, text: string): number {
  const known = indices.get(text);
  if (known !== undefined) return known;
  indices.set(text, indices.size);
  return indices.size - 1;
}
