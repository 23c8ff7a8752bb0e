import { checkKeys, isPlainObject } from './column.ts';
import { type FaultList, pointerTo, shown } from './fault-list.ts';
import { MAX_UINT32 } from './read-column.ts';

export const MODEL_VERSION = 1;

const LISTS = {
  routers: 'required',
  interfaces: 'optional',
  distances: 'optional',
  links: 'optional',
  neighbors: 'required',
  prefixes: 'required',
  advertisements: 'optional',
  traffic: 'required',
  sessions: 'optional',
  current: 'optional',
} as const;

const SCALARS = {
  version: 'required',
  name: 'optional',
  asn: 'optional',
  unit: 'optional',
  metadata: 'optional',
} as const;

/** What the payload says about the network as a whole. */
export interface Header {
  readonly name: string | null;
  readonly asn: number | null;
  readonly unit: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Reads everything that is no list, and tells keys that are unknown or missing. */
export function readHeader(payload: Readonly<Record<string, unknown>>, faults: FaultList): Header {
  const known = { ...SCALARS, ...LISTS };
  checkKeys(payload, known, (key) => pointerTo(key), faults);
  for (const [key, presence] of Object.entries(known)) {
    if (presence === 'required' && payload[key] === undefined) faults.add(pointerTo(key), 'is missing');
  }
  const { version, name, asn, unit, metadata } = payload;
  const expect = (key: string, isFine: boolean, expected: string): void => {
    if (payload[key] !== undefined && !isFine)
      faults.add(pointerTo(key), `must be ${expected}, not ${shown(payload[key])}`);
  };
  const isAsn = Number.isInteger(asn) && (asn as number) >= 0 && (asn as number) <= MAX_UINT32;
  expect('version', version === MODEL_VERSION, String(MODEL_VERSION));
  expect('name', typeof name === 'string', 'a text');
  expect('asn', isAsn, `an integer from 0 to ${MAX_UINT32}`);
  expect('unit', typeof unit === 'string', 'a text');
  expect('metadata', isPlainObject(metadata), 'an object');
  return {
    name: typeof name === 'string' ? name : null,
    asn: isAsn ? (asn as number) : null,
    unit: typeof unit === 'string' ? unit : '',
    metadata: isPlainObject(metadata) ? metadata : {},
  };
}
