/** Compressed bodies, never larger than was agreed on before. */
import { constants, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { EgressoError } from '../errors.ts';
import { ZstdFrames } from './zstd-frames.ts';

export const COMPRESSIONS = ['gzip', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** RFC 9659: what is sent over HTTP asks for a window of 8 MiB at most. */
export const ZSTD_WINDOW_LOG = 23;

/**
 * What was compressed, of all members of a gzip file and all frames of a zstd stream together.
 *
 * @param limit bytes that may come out; nothing beyond is made.
 * @throws EgressoError BODY_MALFORMED, BODY_TOO_LARGE
 */
export function decompress(bytes: Uint8Array, compression: Compression, limit: number): Uint8Array {
  try {
    return compression === 'gzip' ? gunzipSync(bytes, { maxOutputLength: atLeastOne(limit) }) : unzstd(bytes, limit);
  } catch (error) {
    if (error instanceof EgressoError) throw error;
    const { code, message } = error as { code?: string; message: string };
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new EgressoError('BODY_MALFORMED', `The body is not valid ${compression}: ${message}.`);
  }
}

function unzstd(bytes: Uint8Array, limit: number): Uint8Array {
  const params = { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG };
  // Nothing at all is no frame either, which the decompressor says.
  const frames = bytes.byteLength === 0 ? [bytes] : new ZstdFrames().split(bytes);
  const pieces: Uint8Array[] = [];
  let left = limit;
  for (const frame of frames) {
    const piece = zstdDecompressSync(frame, { maxOutputLength: atLeastOne(left), params });
    left -= piece.byteLength;
    if (left < 0) throw tooLarge(limit);
    pieces.push(piece);
  }
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
}

/** Node takes no 0. */
function atLeastOne(limit: number): number {
  return Math.max(1, limit);
}

function tooLarge(limit: number): EgressoError {
  return new EgressoError('BODY_TOO_LARGE', `The body is larger than ${limit} bytes when it is decompressed.`);
}
