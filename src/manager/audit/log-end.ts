/** The ends of a log on disk, of any size: read without the rest of it. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

export interface LogEnds {
  /** Whole lines, without their ends; null where there are none. */
  readonly first: string | null;
  readonly last: string | null;
  /** Bytes, all of them of whole lines. */
  readonly size: number;
}

const LINE_END = 0x0a;
const CHUNK_BYTES = 65_536;

/** A record that was cut off was never acted on: it goes, so that the next has a line of its own. Errors: those of the file system. */
export function recoverEnds(path: string): LogEnds {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { first: null, last: null, size: 0 };
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    const end = lineStart(file, size);
    if (end < size) ftruncateSync(file, end);
    if (end === 0) return { first: null, last: null, size: 0 };
    const first = read(file, 0, lineEnd(file));
    return { first, last: read(file, lineStart(file, end - 1), end - 1), size: end };
  } finally {
    closeSync(file);
  }
}

function read(file: number, from: number, to: number): string {
  const line = Buffer.alloc(to - from);
  readSync(file, line, 0, line.length, from);
  return line.toString();
}

/** Where the line begins that `before` is the end of. Read backwards: a log may be larger than memory. */
function lineStart(file: number, before: number): number {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let end = before; end > 0; end -= CHUNK_BYTES) {
    const start = Math.max(0, end - CHUNK_BYTES);
    readSync(file, chunk, 0, end - start, start);
    const at = chunk.subarray(0, end - start).lastIndexOf(LINE_END);
    if (at >= 0) return start + at + 1;
  }
  return 0;
}

/** Of the first line; there is one. */
function lineEnd(file: number): number {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let from = 0; ; from += CHUNK_BYTES) {
    const length = readSync(file, chunk, 0, CHUNK_BYTES, from);
    const at = chunk.subarray(0, length).indexOf(LINE_END);
    if (at >= 0) return from + at;
  }
}
