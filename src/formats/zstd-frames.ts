/**
 * Where the frames of a zstd stream end (RFC 8878, 3.1). A stream is any number of frames, and the decompressor of Node ends
 * with the first in what it is given. Nothing is judged here: the decompressor does.
 */
import { EgressoError } from '../errors.ts';

/** Each costs the decompressor up to 30 µs, however small it is. Those of pzstd and of seekable files hold 64 kB or more. */
export const MAX_FRAMES = 65_536;

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const RUN_LENGTH_BLOCK = 1;

/** Cuts a stream that comes in chunks at the ends of its frames. */
export class ZstdFrames {
  #fields = fieldsOfFrame();
  /** Bytes of the field that have not come yet. */
  #left = 0;
  /** Of its first four bytes, little-endian; and how many of them have come. */
  #value = 0;
  #valueBytes = 0;
  #count = 0;

  /**
   * The bytes of a chunk in pieces, none of which goes beyond the end of a frame. They share its memory.
   *
   * @throws EgressoError BODY_MALFORMED beyond `MAX_FRAMES`
   */
  *split(chunk: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#left === 0) this.#nextFrame();
      at += this.#take(chunk, at);
      if (this.#left > 0) continue;
      yield chunk.subarray(start, at);
      start = at;
    }
    if (start < at) yield chunk.subarray(start);
  }

  #nextFrame(): void {
    this.#count++;
    if (this.#count > MAX_FRAMES) {
      throw new EgressoError('BODY_MALFORMED', `The body has more than ${MAX_FRAMES} frames of zstd.`);
    }
    this.#fields = fieldsOfFrame();
    this.#nextField();
  }

  /** How many bytes were taken; nothing is left where the frame has ended. */
  #take(chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#left, chunk.byteLength - at);
    for (let i = 0; i < taken && this.#valueBytes < 4; i++) {
      this.#value += chunk[at + i] * 256 ** this.#valueBytes++;
    }
    this.#left -= taken;
    if (this.#left === 0) this.#nextField();
    return taken;
  }

  #nextField(): void {
    const { value: length } = this.#fields.next(this.#value);
    this.#left = length ?? 0;
    this.#value = 0;
    this.#valueBytes = 0;
  }
}

/** Yields the length of each field, none of them 0, and is told its first four bytes. */
function* fieldsOfFrame(): Generator<number, void, number> {
  const magic = yield 4;
  if (isSkippable(magic)) {
    const length = yield 4;
    if (length > 0) yield length;
    return;
  }
  // No frame: the decompressor says so.
  if (magic !== MAGIC) yield Number.POSITIVE_INFINITY;
  const descriptor = yield 1;
  const headerLength = lengthOfHeader(descriptor);
  if (headerLength > 0) yield headerLength;
  for (let isLast = false; !isLast; ) {
    const header = yield 3;
    isLast = (header & 1) === 1;
    const length = ((header >> 1) & 3) === RUN_LENGTH_BLOCK ? 1 : header >> 3;
    if (length > 0) yield length;
  }
  const hasChecksum = (descriptor & 4) !== 0;
  if (hasChecksum) yield 4;
}

function isSkippable(magic: number): boolean {
  return magic >= SKIPPABLE_MAGIC && magic <= SKIPPABLE_MAGIC + 15;
}

/** Of window, dictionary and size of the content, after their descriptor. */
function lengthOfHeader(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeLength = sizeFlag === 0 ? Number(isSingleSegment) : 2 ** sizeFlag;
  const dictionaryLength = [0, 1, 2, 4][descriptor & 3];
  return Number(!isSingleSegment) + dictionaryLength + sizeLength;
}
