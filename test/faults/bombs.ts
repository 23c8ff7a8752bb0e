/** Bodies that are small to send and meant to hurt whoever decodes them. */
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { Packr } from 'msgpackr';

export interface Bomb {
  readonly name: string;
  readonly type: 'application/json' | 'application/msgpack';
  readonly encoding?: string;
  readonly body: Buffer;
  /** 200 where it turns out to be harmless. */
  readonly status: 200 | 400 | 413 | 415;
}

const MODEL = {
  version: 1,
  routers: [{ id: 'b1', ingressCapacity: 50, egressCapacity: 50 }, { id: 'b2' }],
  distances: [{ from: 'b1', to: 'b2', distance: 10 }],
  neighbors: [{ id: 'A1', ingress: ['b1'] }],
  prefixes: [{ id: 'P1', prefix: '10.20.30.0/24', egress: ['b2'] }],
  traffic: [{ neighbor: 'A1', prefix: 'P1', volume: 30 }],
};
const TEXT = JSON.stringify({ model: MODEL });
const packr = new Packr({ useRecords: false, variableMapSize: true });
const pack = (value: unknown): Buffer => Buffer.from(packr.pack(value));
const MEGA = 1_000_000;

const json = (name: string, body: string | Buffer, status: Bomb['status'] = 400): Bomb => ({
  name: `JSON: ${name}`,
  type: 'application/json',
  body: Buffer.from(body as string),
  status,
});
const msgpack = (name: string, body: Buffer | number[], status: Bomb['status'] = 400): Bomb => ({
  name: `msgpack: ${name}`,
  type: 'application/msgpack',
  body: Buffer.from(body as Buffer),
  status,
});
const packed = (
  name: string,
  encoding: string,
  body: Buffer,
  status: Bomb['status'],
  type = json('', '').type,
): Bomb => ({
  name: `${encoding}: ${name}`,
  type,
  encoding,
  body,
  status,
});
/** The model with a text in the place of its only volume. */
const volume = (literal: string): string => TEXT.replace('"volume":30', `"volume":${literal}`);
const binary = (values: Float64Array | Int32Array): Buffer => Buffer.from(values.buffer);
const columns = (change: object): Buffer =>
  pack({
    model: {
      ...MODEL,
      traffic: {
        neighbor: binary(Int32Array.of(0)),
        prefix: binary(Int32Array.of(0)),
        volume: binary(Float64Array.of(30)),
      },
      ...change,
    },
  });
const traffic = (change: object): Buffer =>
  columns({
    traffic: {
      neighbor: binary(Int32Array.of(0)),
      prefix: binary(Int32Array.of(0)),
      volume: binary(Float64Array.of(30)),
      ...change,
    },
  });
const egress = (offsets: number[], values: number[]): Buffer =>
  columns({
    prefixes: {
      prefix: ['10.20.30.0/24'],
      egress: { offsets: binary(Int32Array.from(offsets)), values: binary(Int32Array.from(values)) },
    },
  });

export const BOMBS: readonly Bomb[] = [
  json('a million open lists', '['.repeat(MEGA)),
  json('a million open objects', '{"a":'.repeat(MEGA)),
  json('lists nested 100,000 deep, all closed', '['.repeat(1e5) + ']'.repeat(1e5)),
  json(
    'metadata nested 65 deep',
    TEXT.replace('"version":1', `"version":1,"metadata":{"a":${'['.repeat(65)}${']'.repeat(65)}}`),
  ),
  json('all that is taken, of open brackets', '['.repeat(16 * 2 ** 20)),
  json('a byte more than is taken', ' '.repeat(16 * 2 ** 20 + 1), 413),
  json('five million empty lists for traffic', TEXT.replace(/"traffic":.*/, `"traffic":[${'[],'.repeat(5e6)}[]]}}`)),
  json('four million nulls for traffic', TEXT.replace(/"traffic":.*/, `"traffic":[${'null,'.repeat(3e6)}null]}}`)),
  json('a volume of 1e999', volume('1e999')),
  json('a volume of -1e999', volume('-1e999')),
  json('a volume of 1e-999', volume('1e-999'), 200),
  json('a volume of NaN', volume('NaN')),
  json('a volume of Infinity', volume('Infinity')),
  json('a volume of a million digits', volume('9'.repeat(MEGA))),
  json('a volume of a million digits after the point', volume(`0.${'1'.repeat(MEGA)}`), 200),
  json('a volume in hex', volume('0x10')),
  json('a volume as text', volume('"30"')),
  json('a volume that is an object with valueOf', volume('{"valueOf":30}')),
  json('__proto__ beside the model', TEXT.replace('{', '{"__proto__":{"model":1},')),
  json('__proto__ in the model', TEXT.replace('"version"', '"__proto__":{"version":1},"version"')),
  json('__proto__ in a row', TEXT.replace('"volume"', '"__proto__":{"volume":1},"volume"')),
  json('__proto__ in the options', TEXT.replace(/}$/, ',"options":{"__proto__":{"seed":1}}}')),
  json('constructor and prototype', TEXT.replace('"version"', '"constructor":{"prototype":{"version":1}},"version"')),
  json('100,000 unknown keys', `{${Array.from({ length: 1e5 }, (_, i) => `"k${i}":0`).join()}}`),
  json('100,000 times the same key', `{${'"model":0,'.repeat(1e5)}"model":0}`),
  json('a key of a megabyte', `{"${'k'.repeat(MEGA)}":0}`),
  json('an id of a megabyte that nobody knows', TEXT.replace('"neighbor":"A1"', `"neighbor":"${'A'.repeat(MEGA)}"`)),
  json('a text that never ends', `{"model":"${'x'.repeat(MEGA)}`),
  json('a million backslashes', `{"model":"${'\\'.repeat(MEGA)}`),
  json('a megabyte of white space', ' '.repeat(MEGA)),
  json('bytes that are no UTF-8', Buffer.concat([Buffer.from('{"model":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')])),
  json('an overlong NUL', Buffer.concat([Buffer.from('{"model":"'), Buffer.of(0xc0, 0x80), Buffer.from('"}')])),
  json('a surrogate in UTF-8', Buffer.concat([Buffer.from('"'), Buffer.of(0xed, 0xa0, 0x80), Buffer.from('"')])),
  json('half a surrogate pair as an id', TEXT.replaceAll('"A1"', '"\\ud800"'), 200),
  json('UTF-16', Buffer.from(`\ufeff${TEXT}`, 'utf16le')),
  json('NUL bytes', Buffer.alloc(MEGA)),
  json('a prefix of a length that there is not', TEXT.replace('/24', '/999999999999')),
  json('a number of iterations beyond all bounds', TEXT.replace(/}$/, ',"options":{"iterations":1e308}}')),
  msgpack('a list that announces 2^32 items', [0xdd, 0xff, 0xff, 0xff, 0xff]),
  msgpack('a map that announces 2^32 entries', [0xdf, 0xff, 0xff, 0xff, 0xff]),
  msgpack('bytes that announce 4 GiB', [0xc6, 0xff, 0xff, 0xff, 0xff, 0]),
  msgpack('text that announces 4 GiB', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]),
  msgpack('a million nested lists', Buffer.alloc(MEGA, 0x91)),
  msgpack(
    '60 levels that share the bytes left',
    Buffer.concat([...new Array(60).fill(Buffer.of(0xdd, 0, 1, 0x80, 0)), Buffer.alloc(MEGA)]),
  ),
  msgpack(
    'eight million empty maps',
    Buffer.concat([Buffer.of(0xdd, 0, 0x80, 0, 0), Buffer.alloc(2 ** 23, 0x80)]),
    413,
  ),
  msgpack('64 million nils', Buffer.concat([Buffer.of(0xdd, 4, 0, 0, 0), Buffer.alloc(2 ** 26, 0xc0)]), 413),
  msgpack(
    'four million empty lists for traffic',
    Buffer.concat([
      Buffer.of(0x81, 0xa5),
      Buffer.from('model'),
      Buffer.of(0x81, 0xa7),
      Buffer.from('traffic'),
      Buffer.of(0xdd, 0, 0x3f, 0, 0),
      Buffer.alloc(0x3f0000, 0x90),
    ]),
  ),
  msgpack('an extension type', [0xc7, 0x01, 0x74, 0x01, 0x00]),
  msgpack('a timestamp', [0xd6, 0xff, 0, 0, 0, 0]),
  msgpack('a record definition', [0x91, 0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01]),
  msgpack('the byte that is no type', [0xc1]),
  msgpack('keys that are numbers', [0x81, 0x01, 0x01]),
  msgpack(
    'a key __proto__',
    Buffer.concat([Buffer.of(0x82, 0xa9), Buffer.from('__proto__'), pack({}), pack({ model: MODEL }).subarray(1)]),
  ),
  msgpack('text that is no UTF-8', [0x81, 0xa5, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x01]),
  msgpack('an integer beyond 2^53', [0x81, 0xa1, 0x61, 0xcf, 255, 255, 255, 255, 255, 255, 255, 255]),
  msgpack('a column with NaN', traffic({ volume: binary(Float64Array.of(Number.NaN)) })),
  msgpack('a column with infinity', traffic({ volume: binary(Float64Array.of(Infinity)) })),
  msgpack('a column cut off', traffic({ volume: Buffer.alloc(7) })),
  msgpack('columns of unequal length', traffic({ volume: binary(new Float64Array(1000)) })),
  msgpack('an index beyond its list', traffic({ prefix: binary(Int32Array.of(2 ** 31 - 1)) })),
  msgpack('a negative index', traffic({ prefix: binary(Int32Array.of(-(2 ** 31))) })),
  msgpack('offsets that go back', egress([0, 1, 0], [1])),
  msgpack('an offset beyond the values', egress([0, 2 ** 31 - 1], [1])),
  msgpack('a negative offset', egress([-1, 1], [1])),
  packed('a megabyte of spaces, 1000 : 1', 'gzip', gzipSync(Buffer.alloc(MEGA, 0x20)), 400),
  packed('16 MB of spaces, 1000 : 1', 'gzip', gzipSync(Buffer.alloc(16 * MEGA, 0x20)), 413),
  packed('200 MB of spaces, 1000 : 1', 'gzip', gzipSync(Buffer.alloc(200 * MEGA, 0x20)), 413),
  packed('200 MB of nils, 1000 : 1', 'gzip', gzipSync(Buffer.alloc(200 * MEGA, 0xc0)), 413, 'application/msgpack'),
  packed(
    '400 MB of nils, 30,000 : 1',
    'zstd',
    zstdCompressSync(Buffer.alloc(400 * MEGA, 0xc0)),
    413,
    'application/msgpack',
  ),
  packed('gzip in gzip', 'gzip', gzipSync(gzipSync(Buffer.alloc(200 * MEGA, 0x20))), 400),
  packed('cut off', 'gzip', gzipSync(Buffer.from(TEXT)).subarray(0, -9), 400),
  packed('a head and nothing else', 'gzip', Buffer.of(0x1f, 0x8b, 8, 0), 400),
  packed('no gzip at all', 'gzip', Buffer.from(TEXT), 400),
  packed('bytes after the end', 'gzip', Buffer.concat([gzipSync(Buffer.from(TEXT)), Buffer.from('more')]), 400),
  packed('cut off', 'zstd', zstdCompressSync(Buffer.from(TEXT)).subarray(0, -9), 400),
  packed(
    'a window of 128 MiB',
    'zstd',
    zstdCompressSync(Buffer.alloc(200 * MEGA), { params: { [constants.ZSTD_c_windowLog]: 27 } }),
    400,
  ),
  packed(
    'a hundred frames of 2 MB of spaces',
    'zstd',
    Buffer.concat(new Array(100).fill(zstdCompressSync(Buffer.alloc(2 * MEGA, 0x20)))),
    413,
  ),
  packed('a million frames of nothing', 'zstd', Buffer.concat(new Array(MEGA).fill(zstdCompressSync(''))), 400),
  packed('a frame to be skipped that announces 4 GiB', 'zstd', Buffer.from('502a4d18ffffffff00', 'hex'), 400),
  packed('bytes after the end', 'zstd', Buffer.concat([zstdCompressSync(TEXT), Buffer.from('more')]), 400),
  packed('twice', 'gzip, gzip', gzipSync(gzipSync(Buffer.from(TEXT))), 415),
  packed('another compression', 'br', Buffer.from(TEXT), 415),
];
