import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBody, encodeBody, MAX_NESTING } from '../../src/formats/codec.ts';

const JSON_TYPE = 'application/json';
const MSGPACK_TYPE = 'application/msgpack';
const utf8 = (text: string) => new TextEncoder().encode(text);

const json = fc
  .jsonValue({ maxDepth: 4 })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll('"__proto__"', '"proto"')));

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

describe('bodies', () => {
  it.each([JSON_TYPE, MSGPACK_TYPE] as const)('come back as they went, %s', (type) => {
    fc.assert(
      fc.property(json, (value) => {
        expect(decodeBody(encodeBody(value, type), type)).toEqual(value);
      }),
    );
  });

  it.each([JSON_TYPE, MSGPACK_TYPE] as const)('may be nested 64 levels and no more, %s', (type) => {
    const deepest = nested(MAX_NESTING);
    expect(decodeBody(encodeBody(deepest, type), type)).toEqual(deepest);
    expect(() => decodeBody(encodeBody(nested(MAX_NESTING + 1), type), type)).toThrowError(/nested deeper than 64/);
  });

  it('never change what is encoded', () => {
    const value = { a: [Float64Array.of(1)], b: undefined };
    encodeBody(value, MSGPACK_TYPE);
    expect(value).toEqual({ a: [Float64Array.of(1)], b: undefined });
  });

  it('leave out what is undefined', () => {
    for (const type of [JSON_TYPE, MSGPACK_TYPE] as const) {
      expect(decodeBody(encodeBody({ a: undefined, b: [1] }, type), type)).toStrictEqual({ b: [1] });
    }
  });
});

describe('typed arrays', () => {
  const columns = { f: Float64Array.of(0.1, -2), i: Int32Array.of(-1, 7), u: Uint32Array.of(4294967295) };

  it('are lists in JSON', () => {
    expect(decodeBody(encodeBody(columns, JSON_TYPE), JSON_TYPE)).toEqual({
      f: [0.1, -2],
      i: [-1, 7],
      u: [4294967295],
    });
  });

  it('are little-endian bin in msgpack', () => {
    const { f, i, u } = decodeBody(encodeBody(columns, MSGPACK_TYPE), MSGPACK_TYPE) as Record<string, Uint8Array>;
    expect(new Float64Array(Uint8Array.from(f).buffer)).toEqual(columns.f);
    expect([...i]).toEqual([255, 255, 255, 255, 7, 0, 0, 0]);
    expect(u).toEqual([4294967295]);
  });

  it('may be views of a larger buffer', () => {
    const view = new Float64Array(4).fill(3).subarray(1, 2);
    const bytes = decodeBody(encodeBody(view, MSGPACK_TYPE), MSGPACK_TYPE) as Uint8Array;
    expect(bytes.length).toBe(8);
  });
});

/** Where the fault of a text is told, or null where there is none. */
function faultPosition(text: string): number | null {
  try {
    decodeBody(utf8(text), JSON_TYPE);
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'BODY_MALFORMED' });
    return Number(/at position (\d+)/.exec((error as Error).message)?.[1]);
  }
}

describe('JSON', () => {
  it.each([
    ['{"a": bad}', 'unexpected "b" (at position 6, line 1, column 7)'],
    ['[1,\n 2,\n]', 'unexpected "]" (at position 8, line 3, column 1)'],
    ['{"a" 1}', 'unexpected "1" (at position 5, line 1, column 6)'],
    ['{"a": "x\ny"}', 'unexpected "\\n" (at position 8, line 1, column 9)'],
    ['"\\x"', 'unexpected "\\\\" (at position 1, line 1, column 2)'],
    ['[1, 2', 'it ends too early (at position 5, line 1, column 6)'],
    ['"abc', 'it ends too early (at position 4, line 1, column 5)'],
    ['[truth]', 'unexpected "t" (at position 4, line 1, column 5)'],
    ['[01]', 'unexpected "1" (at position 2, line 1, column 3)'],
    ['{,}', 'unexpected "," (at position 1, line 1, column 2)'],
    ['[1}', 'unexpected "}" (at position 2, line 1, column 3)'],
    ['{} x', 'unexpected "x" (at position 3, line 1, column 4)'],
    ['', 'it ends too early (at position 0, line 1, column 1)'],
  ])('%j is told with its place', (text, place) => {
    expect(() => decodeBody(utf8(text), JSON_TYPE)).toThrowError(
      expect.objectContaining({ code: 'BODY_MALFORMED', message: `The body is not valid JSON: ${place}.` }),
    );
  });

  it('is told where it could not have gone on', () => {
    fc.assert(
      fc.property(json, fc.nat(), fc.constantFrom('x', '}', ']', ',', ':', '\\', '"', '\n'), (value, at, char) => {
        const text = JSON.stringify(value);
        const place = at % text.length;
        const damaged = text.slice(0, place) + char + text.slice(place + 1);
        const position = faultPosition(damaged);
        if (position === null) return;
        expect(() => JSON.parse(damaged)).toThrow();
        // What stands before the fault could have gone on.
        expect([null, position]).toContain(faultPosition(damaged.slice(0, position)));
      }),
    );
  });

  it('with brackets in text is not nested', () => {
    const text = '['.repeat(100);
    expect(decodeBody(utf8(JSON.stringify([text, `\\"${text}`])), JSON_TYPE)).toEqual([text, `\\"${text}`]);
  });

  it('with a __proto__ key changes no prototype', () => {
    const value = decodeBody(utf8('{"__proto__": {"polluted": 1}}'), JSON_TYPE) as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('that is no UTF-8 is refused', () => {
    expect(() => decodeBody(Uint8Array.of(0x22, 0xc3, 0x28, 0x22), JSON_TYPE)).toThrowError(/not valid UTF-8/);
  });
});

describe('msgpack', () => {
  it.each([
    [
      'every kind of integer',
      [0xdc, 0, 7, 0x7f, 0xe0, 0xcc, 0xff, 0xcd, 1, 0, 0xce, 1, 0, 0, 0, 0xd0, 0x80, 0xd1, 0x80, 0],
      [127, -32, 255, 256, 16777216, -128, -32768],
    ],
    [
      'safe 64-bit integers',
      [0x92, 0xcf, 0, 0, 0, 1, 0, 0, 0, 0, 0xd3, 255, 255, 255, 255, 255, 255, 255, 255],
      [2 ** 32, -1],
    ],
    ['floats', [0x92, 0xca, 0x3f, 0x80, 0, 0, 0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0], [1, 1]],
    ['nil and booleans', [0x93, 0xc0, 0xc2, 0xc3], [null, false, true]],
    ['long headers', [0xde, 0, 1, 0xd9, 1, 0x61, 0xdd, 0, 0, 0, 0], { a: [] }],
    ['empty maps', [0x92, 0x80, 0xdf, 0, 0, 0, 0], [{}, {}]],
  ])('holds %s', (_, bytes, value) => expect(decodeBody(Uint8Array.from(bytes), MSGPACK_TYPE)).toEqual(value));

  it('is read within a larger buffer', () => {
    const buffer = Uint8Array.of(0xff, 0x91, 0xc4, 1, 5, 0xff);
    const [bin] = decodeBody(buffer.subarray(1, 5), MSGPACK_TYPE) as [Uint8Array];
    expect([...bin]).toEqual([5]);
  });

  it('with a length that nothing follows is refused at once', () => {
    const before = process.memoryUsage().heapUsed;
    const started = performance.now();
    for (const token of [0xdd, 0xdf, 0xc6, 0xdb]) {
      const bomb = Uint8Array.of(...new Array<number>(30).fill(0x91), token, 0xff, 0xff, 0xff, 0xff, 0xc0);
      expect(() => decodeBody(bomb, MSGPACK_TYPE)).toThrowError(/ends too early/);
    }
    expect(performance.now() - started).toBeLessThan(500);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 * 2 ** 20);
  });

  it('with lists that share the bytes that are left is refused with flat memory', () => {
    // Every level announces as many items as there are bytes: each fits by itself, all together do not.
    const bytes = new Uint8Array(100_000);
    for (let level = 0; level < 60; level++) bytes.set([0xdd, 0, 1, 0x80, 0], level * 5);
    expect(() => decodeBody(bytes, MSGPACK_TYPE)).toThrowError(expect.objectContaining({ code: 'BODY_MALFORMED' }));
  });

  it.each([
    ['an extension', [0xd4, 0x01, 0x00], 0],
    ['a timestamp', [0xd6, 0xff, 0, 0, 0, 0], 0],
    ['a typed array', [0xc7, 0x01, 0x74, 0x01, 0x00], 0],
    ['a set', [0xd4, 0x73, 0x00, 0x91, 0x01], 0],
    ['a record', [0x91, 0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01], 1],
    ['a bundle of texts', [0xd6, 0x62, 0, 0, 0, 4], 0],
    ['the unused byte', [0xc1], 0],
    ['a key that is a list', [0x81, 0x90, 0x01], 1],
    ['bytes after the end', [0x01, 0x02], 1],
  ])('with %s is refused', (_, bytes, offset) => {
    expect(() => decodeBody(Uint8Array.from(bytes), MSGPACK_TYPE)).toThrowError(
      expect.objectContaining({ code: 'BODY_MALFORMED', message: expect.stringContaining(`(at byte ${offset})`) }),
    );
  });

  it('is either refused or plain data', () => {
    const isPlain = (value: unknown): boolean => {
      if (Array.isArray(value)) return value.every(isPlain);
      if (typeof value !== 'object' || value === null)
        return ['object', 'number', 'string', 'boolean'].includes(typeof value);
      if (value instanceof Uint8Array) return true;
      return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
    };
    const token = fc.oneof(
      fc.nat({ max: 255 }),
      fc.constantFrom(0x91, 0x92, 0x81, 0xa1, 0xc4, 0xd4, 0xd6, 0xdc, 0xde, 0x01),
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 24 }), (bytes) => {
        try {
          expect(isPlain(decodeBody(Uint8Array.from(bytes), MSGPACK_TYPE))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BODY_MALFORMED' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
