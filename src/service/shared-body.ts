/** Bodies of requests, received into memory that threads share. */
import type { Readable } from 'node:stream';
import { EgressoError } from '../errors.ts';

/**
 * Reads a body to its end. Memory is taken as bytes arrive, whatever length the client announces.
 *
 * Errors: BODY_TOO_LARGE above `limit` bytes, before the rest is read; REQUEST_INVALID where the body breaks off or is
 * not as long as announced.
 */
export async function receiveShared(body: Readable, limit: number, announced?: number): Promise<SharedArrayBuffer> {
  const buffer = new SharedArrayBuffer(0, { maxByteLength: limit });
  for await (const chunk of boundedChunks(body, limit, announced)) {
    const length = buffer.byteLength;
    buffer.grow(length + chunk.byteLength);
    new Uint8Array(buffer).set(chunk, length);
  }
  return buffer;
}

/** The chunks of a body of at most `limit` bytes. Errors: as `receiveShared`. */
export async function* boundedChunks(body: Readable, limit: number, announced?: number): AsyncGenerator<Uint8Array> {
  if (announced !== undefined && announced > limit) throw tooLarge(limit);
  let length = 0;
  try {
    // Not destroyed when it is left early: the connection still has to carry the answer.
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      length += chunk.byteLength;
      if (length > limit) throw tooLarge(limit);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof EgressoError) throw error;
    throw new EgressoError('REQUEST_INVALID', 'the body breaks off');
  }
  if (announced !== undefined && announced !== length) {
    throw new EgressoError('REQUEST_INVALID', `the body has ${length} bytes, Content-Length says ${announced}`);
  }
}

function tooLarge(limit: number): EgressoError {
  return new EgressoError('BODY_TOO_LARGE', `the body is larger than ${limit} bytes, which is the limit`);
}
