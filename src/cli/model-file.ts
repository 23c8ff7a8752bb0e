/** Model files: JSON or msgpack, maybe gzip, maybe standard input. */
import type { Readable } from 'node:stream';
import { EgressoError } from '../errors.ts';
import { type BodyType, decodeBody } from '../formats/codec.ts';
import { inputName, readChunks } from '../formats/input.ts';

export interface ModelBytes {
  /** The whole of its buffer, which can be transferred. */
  readonly bytes: Uint8Array;
  readonly type: BodyType;
  /** How messages call it. */
  readonly name: string;
}

/** Errors: FILE_UNREADABLE, FORMAT_INVALID for damaged gzip data. */
export async function readModelFile(path: string, stdin: Readable): Promise<ModelBytes> {
  const input = path === '-' ? stdin : path;
  const chunks: Buffer[] = [];
  for await (const chunk of readChunks(input)) chunks.push(chunk);
  const byteCount = chunks.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(byteCount);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return { bytes, type: typeByName(path) ?? typeByContent(bytes), name: inputName(input) };
}

/** The payload as it was written, not validated. Errors: BODY_MALFORMED. */
export function decodeModel({ bytes, type, name }: ModelBytes): unknown {
  try {
    return decodeBody(bytes, type);
  } catch (error) {
    if (!(error instanceof EgressoError)) throw error;
    throw new EgressoError(error.code, `${name}: ${error.message}`, error.errors, error.errorCount);
  }
}

/** Of files that end in .json or .msgpack, .gz aside; null for others. */
export function typeByName(path: string): BodyType | null {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (name.endsWith('.msgpack')) return 'application/msgpack';
  return name.endsWith('.json') ? 'application/json' : null;
}

/** A model in msgpack starts with the byte of a map, from 0x80 up; JSON with ASCII, or a byte order mark. */
function typeByContent(bytes: Uint8Array): BodyType {
  return bytes.length > 0 && bytes[0] >= 0x80 && bytes[0] !== 0xef ? 'application/msgpack' : 'application/json';
}
