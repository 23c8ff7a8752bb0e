import type { Column } from './column.ts';
import type { Directory } from './directory.ts';
import { shown } from './fault-list.ts';
import { canonicalAddress, parsePrefix } from './ip-prefix.ts';

/**
 * Largest volume, capacity, distance, price or penalty, in any unit: sums of products of them stay finite.
 */
export const MAX_MEASURE = 1e60;
export const MAX_UINT32 = 4294967295;

/** A measure from 0 to `MAX_MEASURE`; `fallback` where it is left out, null where it may not be. The result is new. */
export function readMeasures(column: Column, fallback: number | null): Float64Array {
  const measures = new Float64Array(column.length).fill(fallback ?? 0);
  visit(column, fallback === null, 'a number', (value, index) => {
    if (typeof value !== 'number') return 'a number';
    if (!(value >= 0 && value <= MAX_MEASURE)) return `a number from 0 to ${MAX_MEASURE}`;
    measures[index] = value + 0; // -0 becomes 0, so that equal models have equal bytes
    return null;
  });
  return measures;
}

/** An integer from 0 to 4294967295; `fallback` where it is left out, null where it may not be. The result is new. */
export function readUint32(column: Column, fallback: number | null): Float64Array {
  const expected = `an integer from 0 to ${MAX_UINT32}`;
  const integers = new Float64Array(column.length).fill(fallback ?? 0);
  visit(column, fallback === null, expected, (value, index) => {
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > MAX_UINT32) return expected;
    integers[index] = (value as number) + 0;
    return null;
  });
  return integers;
}

/** Texts that are not empty; null where they are left out. The result is new. */
export function readTexts(column: Column, isRequired: boolean): (string | null)[] {
  const texts = new Array<string | null>(column.length).fill(null);
  visit(column, isRequired, 'a text', (value, index) => {
    if (typeof value !== 'string') return 'a text';
    if (value === '') return 'a text that is not empty';
    texts[index] = value;
    return null;
  });
  return texts;
}

/** Canonical texts of IPv4 or IPv6 addresses; null where they are left out. The result is new. */
export function readAddresses(column: Column): (string | null)[] {
  const addresses = new Array<string | null>(column.length).fill(null);
  // Few peers send many routes.
  const known = new Map<string, string>();
  visit(column, false, 'an IP address', (value, index) => {
    if (typeof value !== 'string') return 'an IP address';
    const address = known.get(value) ?? canonicalAddress(value);
    if (address === null) return 'an IP address';
    known.set(value, address);
    addresses[index] = address;
    return null;
  });
  return addresses;
}

/** Canonical texts of IP prefixes; null where they are at fault. The result is new. */
export function readPrefixes(column: Column): (string | null)[] {
  const prefixes = new Array<string | null>(column.length).fill(null);
  visit(column, true, 'an IP prefix', (value, index) => {
    if (typeof value !== 'string') return 'an IP prefix';
    const parsed = parsePrefix(value);
    if ('expected' in parsed) return parsed.expected;
    prefixes[index] = parsed.canonical;
    return null;
  });
  return prefixes;
}

/** One of a few words; null where it is left out. The result is new. */
export function readChoices<T extends string>(column: Column, choices: readonly T[]): (T | null)[] {
  const expected = `one of ${choices.join(', ')}`;
  const chosen = new Array<T | null>(column.length).fill(null);
  visit(column, false, expected, (value, index) => {
    const choice = choices.find((word) => word === value);
    if (choice === undefined) return expected;
    chosen[index] = choice;
    return null;
  });
  return chosen;
}

/** Uint8, 1 where the flag is set. */
export function readFlags(column: Column): Uint8Array {
  const flags = new Uint8Array(column.length);
  visit(column, false, 'true or false', (value, index) => {
    if (typeof value !== 'boolean') return 'true or false';
    flags[index] = value ? 1 : 0;
    return null;
  });
  return flags;
}

/** Indices into the canonical order of a directory; -1 where they are left out or at fault. The result is new. */
export function readReferences(column: Column, directory: Directory, isRequired: boolean): Int32Array {
  const { noun, ranks } = directory;
  const indices = new Int32Array(column.length).fill(-1);
  const expected = column.takesIndices ? `the id or index of a ${noun}` : `the id of a ${noun}`;
  visit(column, isRequired, expected, (value, index) => {
    if (typeof value === 'string') {
      const found = directory.find(value);
      if (typeof found === 'string') return found;
      indices[index] = found;
      return null;
    }
    if (!column.takesIndices || !Number.isInteger(value)) return expected;
    const row = value as number;
    if (row < 0 || row >= ranks.length) return `the index of a ${noun}, from 0 to ${ranks.length - 1}`;
    indices[index] = ranks[row];
    return null;
  });
  return indices;
}

/** Looks at every value that is there. `take` answers what the value should have been, or null where all is well. */
function visit(
  column: Column,
  isRequired: boolean,
  expected: string,
  take: (value: unknown, index: number) => string | null,
): void {
  const { values, length, absent, faults } = column;
  if (values === null) {
    if (isRequired && length > 0) faults.add(column.base, 'is missing');
    return;
  }
  for (let index = 0; index < Math.min(length, values.length); index++) {
    const value = values[index];
    if (value !== absent) {
      const wanted = take(value, index);
      if (wanted !== null) faults.add(() => column.pointer(index), `must be ${wanted}, not ${shown(value)}`);
    } else if (isRequired) {
      const message = absent === undefined ? 'is missing' : `must be ${expected}, not ${shown(value)}`;
      faults.add(() => column.pointer(index), message);
    }
  }
}
