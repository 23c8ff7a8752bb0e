/** What a request is estimated to take in memory, from what its head says. */
import type { MediaType } from '../media-type.ts';

export interface RequestWeight {
  /** Its body, held from its arrival to its answer, bytes. */
  readonly bodyBytes: number;
  /** What decoding, solving and encoding take beyond that while it runs, bytes. */
  readonly workingBytes: number;
}

const MEBIBYTE = 2 ** 20;
/** However small the body. */
const LEAST_BYTES = 16 * MEBIBYTE;
/**
 * Peak memory of a run for each byte of its body, measured: models of 70,000 prefixes as JSON in rows 21 to 23, of a million
 * as msgpack in columns 15 to 17.
 */
const PER_BYTE: Record<MediaType, number> = { 'application/json': 22, 'application/msgpack': 16 };

/** @param decodedBytes of the body, decompressed; where that is not known, the most that is taken. */
export function requestWeight(bodyBytes: number, type: MediaType, decodedBytes = bodyBytes): RequestWeight {
  return { bodyBytes, workingBytes: LEAST_BYTES + PER_BYTE[type] * decodedBytes };
}

/** The largest body whose weight is within that memory, bytes. */
export function heaviestBody(memoryBytes: number, type: MediaType): number {
  return Math.max(0, Math.floor((memoryBytes - LEAST_BYTES) / (1 + PER_BYTE[type])));
}
