import { isUtf8 } from 'node:buffer';
import { EgressoError } from '../errors.ts';

/**
 * Checks in one pass that `bytes` are exactly one msgpack value made of nil, booleans, numbers, text, bin, lists and
 * maps with text for keys. Nothing is allocated for what a length announces, and no byte is trusted to be there.
 *
 * @throws EgressoError BODY_MALFORMED with the offset of the first fault; BODY_TOO_LARGE for more than `MAX_VALUES` or
 * `MAX_CONTAINERS`.
 */
export function checkMsgpack(bytes: Uint8Array, maxNesting: number): void {
  new MsgpackCheck(bytes, maxNesting).run();
}

/** Decoded, a value takes up to 8 bytes in its list, a list or map some 60, for one byte each: so many fit into a thread. */
export const MAX_VALUES = 2 ** 25;
/** Rows, mostly; what has more of them goes in columns. */
export const MAX_CONTAINERS = 2 ** 22;

class MsgpackCheck {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #maxNesting: number;
  #offset = 0;
  #valueCount = 0;
  #containerCount = 0;
  /** For each open list or map, how many values are still to come, and whether it is a map; keys count as values. */
  readonly #pending: number[] = [];
  readonly #isMap: boolean[] = [];

  constructor(bytes: Uint8Array, maxNesting: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#maxNesting = maxNesting;
  }

  run(): void {
    do {
      const depth = this.#pending.length - 1;
      const isKey = depth >= 0 && this.#isMap[depth] && this.#pending[depth] % 2 === 0;
      if (depth >= 0) this.#pending[depth]--;
      this.#value(isKey);
      while (this.#pending.at(-1) === 0) {
        this.#pending.pop();
        this.#isMap.pop();
      }
    } while (this.#pending.length > 0);
    if (this.#offset < this.#bytes.length) this.#fail('there are bytes after the end of the value');
  }

  #value(isKey: boolean): void {
    const start = this.#offset;
    const token = this.#uint(1);
    if (++this.#valueCount > MAX_VALUES) throw tooMany(MAX_VALUES, 'values');
    const isText = (token >= 0xa0 && token <= 0xbf) || (token >= 0xd9 && token <= 0xdb);
    if (isKey && !isText) this.#fail('a key of a map has to be text', start);
    const width = FIXED_WIDTHS.get(token);
    if (token <= 0x7f || token >= 0xe0) return;
    if (width !== undefined) this.#skip(width);
    else if (token <= 0x8f) this.#open(token & 0x0f, true);
    else if (token <= 0x9f) this.#open(token & 0x0f, false);
    else if (token <= 0xbf) this.#text(token & 0x1f, isKey);
    else if (token >= 0xc4 && token <= 0xc6) this.#skip(this.#uint(2 ** (token - 0xc4)));
    else if (token === 0xcf || token === 0xd3) this.#int64(token === 0xd3);
    else if (token >= 0xd9 && token <= 0xdb) this.#text(this.#uint(2 ** (token - 0xd9)), isKey);
    else if (token === 0xdc || token === 0xdd) this.#open(this.#uint(token === 0xdc ? 2 : 4), false);
    else if (token === 0xde || token === 0xdf) this.#open(this.#uint(token === 0xde ? 2 : 4), true);
    else this.#fail(token === 0xc1 ? '0xc1 is no msgpack type' : 'extension types are not taken', start);
  }

  #open(length: number, isMap: boolean): void {
    const valueCount = isMap ? 2 * length : length;
    // Every value takes a byte at least, so no list can be longer than what is left.
    if (valueCount > this.#bytes.length - this.#offset) this.#fail('the body ends too early');
    if (this.#pending.length === this.#maxNesting) this.#fail(`nested deeper than ${this.#maxNesting} levels`);
    if (++this.#containerCount > MAX_CONTAINERS) throw tooMany(MAX_CONTAINERS, 'lists and maps');
    this.#pending.push(valueCount);
    this.#isMap.push(isMap);
  }

  #text(length: number, isKey: boolean): void {
    const start = this.#offset;
    this.#skip(length);
    let allBits = 0;
    for (let i = start; i < this.#offset; i++) allBits |= this.#bytes[i];
    if (allBits >= 0x80 && !isUtf8(this.#bytes.subarray(start, this.#offset)))
      this.#fail('text is not valid UTF-8', start);
    if (isKey && length === PROTO.length && PROTO.every((byte, i) => byte === this.#bytes[start + i])) {
      this.#fail('"__proto__" is no key', start);
    }
  }

  #int64(isSigned: boolean): void {
    const start = this.#offset;
    this.#skip(8);
    const value = isSigned ? this.#view.getBigInt64(start) : this.#view.getBigUint64(start);
    if (!Number.isSafeInteger(Number(value))) this.#fail(`the integer ${value} is beyond 2^53`, start);
  }

  /** A big-endian unsigned integer of 1, 2 or 4 bytes. */
  #uint(width: number): number {
    const start = this.#offset;
    this.#skip(width);
    if (width === 1) return this.#bytes[start];
    return width === 2 ? this.#view.getUint16(start) : this.#view.getUint32(start);
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#offset) this.#fail('the body ends too early');
    this.#offset += length;
  }

  #fail(reason: string, offset = this.#offset): never {
    throw new EgressoError(
      'BODY_MALFORMED',
      `The body is not the msgpack that is taken: ${reason} (at byte ${offset}).`,
    );
  }
}

function tooMany(limit: number, what: string): EgressoError {
  return new EgressoError('BODY_TOO_LARGE', `The body has more than ${limit} ${what}; numbers go in binary columns.`);
}

/** Bytes that follow the first byte of nil, false, true, floats, and integers of up to 32 bits. */
const FIXED_WIDTHS = new Map([
  [0xc0, 0],
  [0xc2, 0],
  [0xc3, 0],
  [0xca, 4],
  [0xcb, 8],
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
]);

const PROTO = new TextEncoder().encode('__proto__');
