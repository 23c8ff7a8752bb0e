import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../src/formats/compression.ts';

const plain = Buffer.from(JSON.stringify(Array.from({ length: 1000 }, (_, i) => i)));
const packed = { gzip: gzipSync(plain), zstd: zstdCompressSync(plain) };

describe.each(['gzip', 'zstd'] as const)('%s', (compression) => {
  const bytes = packed[compression];

  it('gives what was compressed, up to the limit', () => {
    expect(Buffer.from(decompress(bytes, compression, plain.length))).toEqual(plain);
  });

  it('makes nothing beyond the limit', () => {
    for (const limit of [0, 1, plain.length - 1]) {
      expect(() => decompress(bytes, compression, limit)).toThrow(expect.objectContaining({ code: 'BODY_TOO_LARGE' }));
    }
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['what is not compressed', plain],
    ['what is cut off', bytes.subarray(0, -5)],
    ['what has garbage behind it', Buffer.concat([bytes, Buffer.from('garbage')])],
    ['the other compression', packed[compression === 'gzip' ? 'zstd' : 'gzip']],
  ])('refuses %s', (_name, damaged) => {
    expect(() => decompress(damaged, compression, 1e6)).toThrow(expect.objectContaining({ code: 'BODY_MALFORMED' }));
  });
});

it('zstd of more than one frame is refused, not cut off', () => {
  const frames = Buffer.concat([packed.zstd, packed.zstd]);
  expect(() => decompress(frames, 'zstd', 1e6)).toThrow(/more after the first frame/);
});
