/** A compressed body as it was before, while it arrives; the work is done by the threads of zlib. */
import { pipeline, type Readable } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { EgressoError } from '../errors.ts';
import { type Compression, ZSTD_WINDOW_LOG } from '../formats/compression.ts';

/** Its errors are EgressoErrors: BODY_MALFORMED, REQUEST_INVALID where the body breaks off. */
export function plainStream(body: Readable, compression: Compression): Readable {
  const decompressor =
    compression === 'gzip'
      ? createGunzip()
      : createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } });
  // What goes wrong is told by the stream that is read.
  return pipeline(body, decompressor, () => {}) as Readable;
}

export function streamFault(error: unknown, compression: Compression | undefined): EgressoError {
  const { code = '', message } = error as { code?: string; message: string };
  const isDamaged = compression !== undefined && /^(Z_|ZSTD_)/.test(code);
  return isDamaged
    ? new EgressoError('BODY_MALFORMED', `The body is not valid ${compression}: ${message}.`)
    : new EgressoError('REQUEST_INVALID', 'the body breaks off');
}
