/** A compressed body as it was before, while it arrives; the work is done by the threads of zlib. */
import { pipeline, type Readable } from 'node:stream';
import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import { EgressoError } from '../errors.ts';
import { type Compression, ZSTD_WINDOW_LOG } from '../formats/compression.ts';
import { ZstdFrames } from '../formats/zstd-frames.ts';

/**
 * @param limitFor how many bytes may come of so many that were sent.
 *
 * Errors: BODY_TOO_LARGE beyond that, BODY_MALFORMED, REQUEST_INVALID where the body breaks off.
 */
export async function* plainChunks(
  body: Readable,
  compression: Compression,
  limitFor: (sentBytes: number) => number,
): AsyncGenerator<Uint8Array> {
  const decompressor = decompressorOf(compression);
  const frames = compression === 'zstd' ? new ZstdFrames() : undefined;
  let sentBytes = 0;
  let length = 0;
  const counted = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      sentBytes += chunk.byteLength;
      if (frames === undefined) yield chunk;
      else yield* frames.split(chunk);
    }
  };
  // Neither is destroyed when it is left early: the connection still has to carry the answer.
  const sent = body.iterator({ destroyOnReturn: false });
  // What goes wrong is told by the stream that is read.
  pipeline(sent, counted, decompressor, () => {});
  try {
    for await (const chunk of decompressor.iterator({ destroyOnReturn: false })) {
      length += chunk.byteLength;
      const limit = limitFor(sentBytes);
      if (length > limit) {
        throw new EgressoError('BODY_TOO_LARGE', `The body is larger than ${limit} bytes when it is decompressed.`);
      }
      yield chunk;
    }
  } catch (error) {
    throw error instanceof EgressoError ? error : streamFault(error, compression);
  }
}

function decompressorOf(compression: Compression): Gunzip | ZstdDecompress {
  if (compression === 'gzip') return createGunzip();
  return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } });
}

export function streamFault(error: unknown, compression?: Compression): EgressoError {
  const { code = '', message } = error as { code?: string; message: string };
  const isDamaged = compression !== undefined && /^(Z_|ZSTD_)/.test(code);
  return isDamaged
    ? new EgressoError('BODY_MALFORMED', `The body is not valid ${compression}: ${message}.`)
    : new EgressoError('REQUEST_INVALID', 'the body breaks off');
}
