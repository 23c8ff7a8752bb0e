/** Bodies of requests, received into memory that threads share. */
import type { Readable } from 'node:stream';
import { EgressoError } from '../errors.ts';
import { streamFault } from './plain-stream.ts';

/**
 * Reads a body to its end. Memory is taken as bytes arrive, whatever length the client announces.
 *
 * @param onBytes told of bytes before they are kept; what it throws ends the reading.
 *
 * Errors: BODY_TOO_LARGE above `limit` bytes, before the rest is read; REQUEST_INVALID where the body breaks off or is
 * not as long as announced.
 */
export async function receiveShared(
  body: Readable,
  limit: number,
  announced?: number,
  onBytes: (count: number) => void = () => {},
): Promise<SharedArrayBuffer> {
  checkLength(announced, limit);
  const buffer = new SharedArrayBuffer(0, { maxByteLength: announced ?? limit });
  for await (const chunk of boundedChunks(body, limit, announced)) {
    onBytes(chunk.byteLength);
    const length = buffer.byteLength;
    buffer.grow(length + chunk.byteLength);
    new Uint8Array(buffer).set(chunk, length);
  }
  return buffer;
}

/**
 * The chunks of a body of at most `limit` bytes.
 *
 * Errors: as `receiveShared`.
 */
export async function* boundedChunks(body: Readable, limit: number, announced?: number): AsyncGenerator<Uint8Array> {
  checkLength(announced, limit);
  const most = announced ?? limit;
  let length = 0;
  try {
    // Not destroyed when it is left early: the connection still has to carry the answer.
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      length += chunk.byteLength;
      if (length > most) break;
      yield chunk;
    }
  } catch (error) {
    throw error instanceof EgressoError ? error : streamFault(error);
  }
  if (announced !== undefined && announced !== length) {
    throw new EgressoError('REQUEST_INVALID', `the body has ${length} bytes, Content-Length says ${announced}`);
  }
  if (length > limit) throw tooLarge(limit);
}

/** Errors: BODY_TOO_LARGE where the announced length is above the limit. */
export function checkLength(announced: number | undefined, limit: number): void {
  if (announced !== undefined && announced > limit) throw tooLarge(limit);
}

function tooLarge(limit: number): EgressoError {
  return new EgressoError('BODY_TOO_LARGE', `the body is larger than ${limit} bytes, which is the limit`);
}
