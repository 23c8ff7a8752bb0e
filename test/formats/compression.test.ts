import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompress } from '../../src/formats/compression.ts';
import { MAX_FRAMES } from '../../src/formats/zstd-frames.ts';

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

describe('zstd of several frames', () => {
  const half = plain.length / 2;
  const frames = [zstdCompressSync(plain.subarray(0, half)), zstdCompressSync(plain.subarray(half))];
  const skippable = Buffer.concat([Buffer.from('502a4d1803000000', 'hex'), Buffer.from('any')]);

  it.each([
    ['one after the other', frames],
    ['with frames that are to be skipped', [skippable, frames[0], skippable, frames[1], skippable]],
    ['with empty ones', [zstdCompressSync(''), ...frames, zstdCompressSync('')]],
  ])('is joined: %s', (_name, parts) => {
    expect(Buffer.from(decompress(Buffer.concat(parts), 'zstd', plain.length))).toEqual(plain);
  });

  it('makes nothing beyond the limit of all together', () => {
    const ones = Buffer.concat(new Array(100).fill(zstdCompressSync('1')));
    expect(decompress(ones, 'zstd', 100).byteLength).toBe(100);
    for (const limit of [0, 1, 99]) {
      expect(() => decompress(ones, 'zstd', limit)).toThrow(expect.objectContaining({ code: 'BODY_TOO_LARGE' }));
    }
    expect(() => decompress(Buffer.concat(frames), 'zstd', half)).toThrow(
      expect.objectContaining({ code: 'BODY_TOO_LARGE' }),
    );
  });

  it.each([
    ['garbage behind them', [...frames, Buffer.from('garbage')]],
    ['one that is cut off', [frames[0], frames[1].subarray(0, -1)]],
    ['one that is damaged', [frames[0], Buffer.from(frames[1]).fill(0xff, 9, 12)]],
    ['too many of them', new Array(MAX_FRAMES + 1).fill(zstdCompressSync(''))],
  ])('is refused with %s', (_name, parts) => {
    expect(() => decompress(Buffer.concat(parts), 'zstd', 1e6)).toThrow(
      expect.objectContaining({ code: 'BODY_MALFORMED' }),
    );
  });
});
