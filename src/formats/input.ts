import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EgressoError } from '../errors.ts';

/** A path, or a stream that is already open (standard input). */
export type Input = string | Readable;

/** Largest text that is read as a whole; tables are streamed and know no such bound. */
export const MAX_TEXT_BYTES = 256 * 2 ** 20;

const READ_BYTES = 2 ** 18;

/** How messages call an input. */
export function inputName(input: Input): string {
  return typeof input === 'string' ? input : 'standard input';
}

/**
 * The bytes of an input, decompressed where it starts with the gzip magic, whatever its name.
 *
 * @throws EgressoError FILE_UNREADABLE; FORMAT_INVALID for gzip data that is damaged or cut off.
 */
export async function* readChunks(input: Input): AsyncGenerator<Buffer> {
  try {
    const source = typeof input === 'string' ? createReadStream(input, { highWaterMark: READ_BYTES }) : input;
    const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>;
    const head = await readHead(chunks);
    const bytes = Readable.from(prepend(head, chunks), { objectMode: false });
    const isGzip = head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
    // The callback is what pipeline asks for; the error itself arrives through the iteration below.
    const stream = isGzip ? pipeline(bytes, createGunzip({ chunkSize: READ_BYTES }), () => {}) : bytes;
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw asInputError(error, inputName(input));
  }
}

/**
 * A whole input as text.
 *
 * @throws EgressoError FILE_UNREADABLE; FORMAT_INVALID for damaged gzip data, invalid UTF-8 or more than `MAX_TEXT_BYTES`.
 */
export async function readText(input: Input): Promise<string> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of readChunks(input)) {
    byteCount += chunk.length;
    if (byteCount > MAX_TEXT_BYTES) {
      throw new EgressoError('FORMAT_INVALID', `${inputName(input)} is larger than ${MAX_TEXT_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new EgressoError('FORMAT_INVALID', `${inputName(input)} is not valid UTF-8 text`);
  }
}

async function readHead(chunks: AsyncIterator<Buffer | string>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    head = Buffer.concat([head, toBuffer(next.value)]);
  }
  return head;
}

async function* prepend(head: Buffer, rest: AsyncIterator<Buffer | string>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield toBuffer(next.value);
}

function toBuffer(chunk: Buffer | string): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

function asInputError(error: unknown, name: string): unknown {
  if (error instanceof EgressoError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (code.startsWith('Z_')) {
    return new EgressoError('FORMAT_INVALID', `${name} is a damaged or truncated gzip file: ${error.message}`);
  }
  return new EgressoError('FILE_UNREADABLE', `${name} cannot be read: ${error.message}`);
}
