/** Bodies in and out, JSON or msgpack. The only file that knows msgpackr. */
import { constants } from 'node:buffer';
import { Packr, Unpackr } from 'msgpackr';
import { EgressoError } from '../errors.ts';
import { jsonFault } from './json-fault.ts';
import { checkJsonNesting } from './json-nesting.ts';
import { checkMsgpack } from './msgpack-check.ts';

export type BodyType = 'application/json' | 'application/msgpack';

/** Deepest nesting of lists and objects that is decoded; a model needs 5 levels outside of its metadata. */
export const MAX_NESTING = 64;

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });
const packr = new Packr({ useRecords: false, variableMapSize: true, encodeUndefinedAsNil: true });

/**
 * The value of a body. Maps become plain objects; msgpack `bin` becomes Uint8Arrays that share the memory of `bytes`.
 *
 * @throws EgressoError BODY_MALFORMED, with the place of the fault: no JSON or msgpack, bytes after its end, invalid
 * UTF-8, more than `MAX_NESTING` levels; in msgpack also extension types, integers beyond 2^53, keys that are no text.
 * BODY_TOO_LARGE for JSON that is longer than a text can be.
 */
export function decodeBody(bytes: Uint8Array, mediaType: BodyType): unknown {
  return mediaType === 'application/json' ? decodeJson(bytes) : decodeMsgpack(bytes);
}

/**
 * The bytes of a value. Float64Arrays and Int32Arrays become `bin` in msgpack, little-endian, and lists in JSON; other
 * typed arrays are lists in both, but for the Uint8Array, which is `bin`. Properties that are undefined are left out.
 */
export function encodeBody(value: unknown, mediaType: BodyType): Uint8Array {
  if (mediaType === 'application/json') return new TextEncoder().encode(JSON.stringify(plain(value, toList)));
  return packr.pack(plain(value, toBinary));
}

function decodeJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength > constants.MAX_STRING_LENGTH) {
    const message = `A JSON body has at most ${constants.MAX_STRING_LENGTH} bytes; msgpack with columns has no such bound.`;
    throw new EgressoError('BODY_TOO_LARGE', message);
  }
  checkJsonNesting(bytes, MAX_NESTING);
  const text = decodeUtf8(bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw jsonFault(text);
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new EgressoError('BODY_MALFORMED', 'The body is not valid UTF-8.');
  }
}

/** What `checkMsgpack` lets pass, msgpackr decodes into plain values and nothing else. */
function decodeMsgpack(bytes: Uint8Array): unknown {
  checkMsgpack(bytes, MAX_NESTING);
  return unpackr.unpack(bytes);
}

function toList(array: NumericArray): unknown {
  return Array.from(array);
}

/** msgpackr alone would write a Float64Array as one byte a number. */
function toBinary(array: NumericArray): unknown {
  if (!(array instanceof Float64Array || array instanceof Int32Array || array instanceof Uint8Array))
    return toList(array);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

type NumericArray = Float64Array | Int32Array | Uint32Array | Uint8Array;

/** `value` with its typed arrays converted; what holds none is not copied. */
function plain(value: unknown, convert: (array: NumericArray) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return convert(value as NumericArray);
  if (Array.isArray(value)) {
    const items = value.map((item) => plain(item, convert));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  const entries = Object.entries(value);
  const converted = entries.filter(([, item]) => item !== undefined).map(([key, item]) => [key, plain(item, convert)]);
  const isSame = converted.length === entries.length && converted.every(([, item], i) => item === entries[i][1]);
  return isSame ? value : Object.fromEntries(converted);
}
