/** Compressed bodies, never larger than was agreed on before. */
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { EgressoError } from '../errors.ts';

export const COMPRESSIONS = ['gzip', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** RFC 9659: what is sent over HTTP asks for a window of 8 MiB at most. */
export const ZSTD_WINDOW_LOG = 23;
/** RFC 8878, 3.1 allows more; the decompressor of Node ends with the first. */
export const MORE_THAN_A_FRAME = 'there is more after the first frame, and only one is taken';

/**
 * @param limit bytes that may come out; nothing beyond is made.
 * @throws EgressoError BODY_MALFORMED, BODY_TOO_LARGE
 */
export function decompress(bytes: Uint8Array, compression: Compression, limit: number): Uint8Array {
  const maxOutputLength = Math.max(1, limit);
  try {
    if (compression === 'gzip') return gunzipSync(bytes, { maxOutputLength });
    return oneFrame(bytes, maxOutputLength);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new EgressoError('BODY_TOO_LARGE', `The body is larger than ${limit} bytes when it is decompressed.`);
    }
    throw new EgressoError('BODY_MALFORMED', `The body is not valid ${compression}: ${message}.`);
  }
}

/** Of several frames only the first would come out, and nothing would be said. */
function oneFrame(bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG };
  // With `info`, which its type does not know, the decompressor comes with what it has made.
  const options = { maxOutputLength, params, info: true };
  const { buffer, engine } = zstdDecompressSync(bytes, options) as unknown as {
    readonly buffer: Uint8Array;
    readonly engine: { readonly bytesWritten: number };
  };
  if (engine.bytesWritten < bytes.byteLength) throw new Error(MORE_THAN_A_FRAME);
  return buffer;
}
