import { isUtf8 } from 'node:buffer';
import { EgressoError } from '../errors.ts';

/**
 * Checks in one pass that `bytes` are exactly one msgpack value made of nil, booleans, numbers, text, bin, lists and
 * maps with text for keys. Nothing is allocated for what a length announces, and no byte is trusted to be there.
 *
 * @throws EgressoError BODY_MALFORMED with the offset of the first fault.
 */
export function checkMsgpack(bytes: Uint8Array, maxNesting: number): void {
  new MsgpackCheck(bytes, maxNesting).run();
}

class MsgpackCheck {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #maxNesting: number;
  #offset = 0;
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
    const isText = (token >= 0xa0 && token <= 0xbf) || (token >= 0xd9 && token <= 0xdb);
    if (isKey && !isText) this.#fail('a key of a map has to be text', start);
    if (token <= 0x7f || token >= 0xe0) return;
    if (token <= 0x8f) return this.#open(token & 0x0f, true);
    if (token <= 0x9f) return this.#open(token & 0x0f, false);
    if (token <= 0xbf) return this.#text(token & 0x1f, isKey);
    switch (token) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return;
      case 0xc4: // bin 8, 16, 32
      case 0xc5:
      case 0xc6:
        return this.#skip(this.#uint(2 ** (token - 0xc4)));
      case 0xca: // float 32, 64
      case 0xcb:
        return this.#skip(token === 0xca ? 4 : 8);
      case 0xcc: // uint 8, 16, 32
      case 0xcd:
      case 0xce:
        return this.#skip(2 ** (token - 0xcc));
      case 0xd0: // int 8, 16, 32
      case 0xd1:
      case 0xd2:
        return this.#skip(2 ** (token - 0xd0));
      case 0xcf: // uint 64
      case 0xd3: // int 64
        return this.#int64(token === 0xd3);
      case 0xd9: // str 8, 16, 32
      case 0xda:
      case 0xdb:
        return this.#text(this.#uint(2 ** (token - 0xd9)), isKey);
      case 0xdc: // array 16, 32
      case 0xdd:
        return this.#open(this.#uint(token === 0xdc ? 2 : 4), false);
      case 0xde: // map 16, 32
      case 0xdf:
        return this.#open(this.#uint(token === 0xde ? 2 : 4), true);
      default:
        return this.#fail(token === 0xc1 ? '0xc1 is no msgpack type' : 'extension types are not taken', start);
    }
  }

  #open(length: number, isMap: boolean): void {
    const valueCount = isMap ? 2 * length : length;
    // Every value takes a byte at least, so no list can be longer than what is left.
    if (valueCount > this.#bytes.length - this.#offset) this.#fail('the body ends too early');
    if (this.#pending.length === this.#maxNesting) this.#fail(`nested deeper than ${this.#maxNesting} levels`);
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

const PROTO = new TextEncoder().encode('__proto__');
