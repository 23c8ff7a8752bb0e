/** Bodies that were valid, damaged in seeded ways. */
import { readFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { uniform } from '../../bench/instances.ts';
import { EXPLAIN_EXAMPLES, POLICY_EXAMPLES } from '../../src/service/examples.ts';

export interface MutatedBody {
  readonly path: string;
  readonly type: string;
  readonly encoding?: string;
  readonly body: Buffer;
}

const model = JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));
const gap = {
  costs: [
    [1, 2],
    [2, 1],
  ],
  weights: [
    [1, 1],
    [1, 1],
  ],
  capacities: [2, 2],
  forbidden: [[0, 1]],
};
const bin = (values: Float64Array | Int32Array) => new Uint8Array(values.buffer);
const columns = {
  ...model,
  traffic: {
    neighbor: bin(Int32Array.of(0, 0, 1, 1)),
    prefix: bin(Int32Array.of(0, 1, 0, 1)),
    volume: bin(Float64Array.of(30, 15, 15, 40)),
  },
};
const packr = new Packr({ useRecords: false, variableMapSize: true });
const JSON_TYPE = 'application/json';
const MSGPACK_TYPE = 'application/msgpack';

const COMPRESS = { gzip: gzipSync, zstd: zstdCompressSync };

function valid(path: string, type: string, value: unknown, encoding?: keyof typeof COMPRESS): MutatedBody {
  const body = type === JSON_TYPE ? Buffer.from(JSON.stringify(value)) : Buffer.from(packr.pack(value));
  return encoding === undefined ? { path, type, body } : { path, type, encoding, body: COMPRESS[encoding](body) };
}

const rows = { model, options: { method: 'biggest-first', timeLimitMs: 500 } };
const inColumns = { model: columns, options: { method: 'hot-potato', timeLimitMs: 500 } };
const planned = POLICY_EXAMPLES.bird.value;
const explained = EXPLAIN_EXAMPLES.pair.value;
const variations = [
  { id: 'grown', traffic: model.traffic },
  { model: { metadata: null }, options: { seed: 2 } },
];

/** Of requests that are answered at once. */
export const SOLVER_SEEDS: readonly MutatedBody[] = [
  valid('/v1/solve', JSON_TYPE, rows),
  valid('/v1/solve', MSGPACK_TYPE, inColumns),
  valid('/v1/validate', JSON_TYPE, { model }),
  valid('/v1/validate', MSGPACK_TYPE, { model: columns }),
  valid('/v1/gap', JSON_TYPE, { ...gap, options: { timeLimitMs: 500 } }),
  valid('/v1/gap', MSGPACK_TYPE, gap),
  valid('/v1/policy', JSON_TYPE, planned),
  valid('/v1/policy', MSGPACK_TYPE, planned),
  valid('/v1/explain', JSON_TYPE, explained),
  valid('/v1/explain', MSGPACK_TYPE, explained),
];

/** Of those that are accepted now and run later. */
export const JOB_SEEDS: readonly MutatedBody[] = [
  valid('/v1/jobs', JSON_TYPE, rows),
  valid('/v1/jobs', MSGPACK_TYPE, inColumns),
  valid('/v1/jobs', JSON_TYPE, rows, 'gzip'),
  valid('/v1/jobs', MSGPACK_TYPE, inColumns, 'zstd'),
  valid('/v1/batches', JSON_TYPE, { ...rows, variations }),
  valid('/v1/batches', MSGPACK_TYPE, { ...inColumns, variations }),
];

/** What damaged data often holds: large and odd numbers, closers, keys of prototypes, the tokens of msgpack. */
const SCRAPS = [
  ...['1e999', '-1', 'NaN', '1e-400', '9007199254740993', 'null', 'true', '[]', '{}', '""', ',', ':', '}', ']', '['],
  ...['"__proto__":', '"constructor":', '\\u0000', '\\ud800', '\ufeff', '"P1"', '"b1"', '-0', '0x1', '1e5'],
].map((text) => Buffer.from(text));
const TOKENS = [
  0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xca, 0xcb, 0xcf, 0xd4, 0xd9, 0xdc, 0xdd, 0xdf, 0xff,
];

/** `count` bodies, the same for the same `start`; each is damaged one to four times. */
export function* mutatedBodies(seeds: readonly MutatedBody[], start: number, count: number): Generator<MutatedBody> {
  const random = uniform(start);
  const below = (limit: number): number => Math.floor(random() * limit);
  for (let i = 0; i < count; i++) {
    const { body, ...head } = seeds[below(seeds.length)];
    let damaged: Buffer = Buffer.from(body);
    for (let times = 1 + below(4); times > 0; times--) damaged = mutate(damaged, seeds, below);
    yield { ...head, body: damaged };
  }
}

function mutate(body: Buffer, seeds: readonly MutatedBody[], below: (limit: number) => number): Buffer {
  const at = below(body.length + 1);
  const to = Math.min(body.length, at + 1 + below(16));
  switch (below(8)) {
    case 0:
      body[at % Math.max(1, body.length)] = below(256);
      return body;
    case 1:
      body[at % Math.max(1, body.length)] ^= 1 << below(8);
      return body;
    case 2:
      body[at % Math.max(1, body.length)] = TOKENS[below(TOKENS.length)];
      return body;
    case 3:
      return body.subarray(0, at);
    case 4:
      return Buffer.concat([body.subarray(0, at), body.subarray(to)]);
    case 5:
      return Buffer.concat([body.subarray(0, to), body.subarray(at)]);
    case 6: {
      const other = seeds[below(seeds.length)].body;
      return Buffer.concat([body.subarray(0, at), other.subarray(below(other.length))]);
    }
    default:
      return Buffer.concat([body.subarray(0, at), SCRAPS[below(SCRAPS.length)], body.subarray(to)]);
  }
}
