import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ZstdFrames } from '../../src/formats/zstd-frames.ts';

const skippable = Buffer.concat([Buffer.from('5a2a4d1803000000', 'hex'), Buffer.from('any')]);
const nothing = Buffer.from('502a4d1800000000', 'hex');

/** A frame with some content, header and checksum. */
const frame = fc
  .record({
    content: fc.uint8Array({ maxLength: 300 }),
    times: fc.constantFrom(1, 1000),
    hasChecksum: fc.boolean(),
    hasSize: fc.boolean(),
  })
  .map(({ content, times, hasChecksum, hasSize }) =>
    zstdCompressSync(Buffer.concat(new Array(times).fill(content)), {
      params: {
        [constants.ZSTD_c_checksumFlag]: Number(hasChecksum),
        [constants.ZSTD_c_contentSizeFlag]: Number(hasSize),
      },
    }),
  );
const frames = fc.array(fc.oneof(frame, fc.constantFrom(skippable, nothing)), { maxLength: 5 });

it('a stream is cut at the ends of its frames, in whatever chunks it comes', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 200 }), (parts, chunkLength) => {
      const bytes = Buffer.concat(parts);
      const splitter = new ZstdFrames();
      const ends: number[] = [];
      let end = 0;
      for (let at = 0; at < bytes.length; at += chunkLength) {
        for (const piece of splitter.split(bytes.subarray(at, at + chunkLength))) {
          end += piece.byteLength;
          ends.push(end);
        }
      }
      expect(end).toBe(bytes.length);
      let frameEnd = 0;
      const frameEnds = parts.map(({ length }) => (frameEnd += length));
      expect(ends.filter((at) => at % chunkLength !== 0 || frameEnds.includes(at))).toEqual(frameEnds);
    }),
  );
});

it('what is no frame is one piece', () => {
  const pieces = [...new ZstdFrames().split(Buffer.concat([skippable, Buffer.from('no frame of zstd')]))];
  expect(pieces.map(String)).toEqual([skippable.toString(), 'no frame of zstd']);
});
