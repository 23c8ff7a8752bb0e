/** How bodies come in: announced, admitted, received as bytes. Nothing is decoded on this thread. */
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Compression } from '../formats/compression.ts';
import type { Caller } from '../http/access/caller.ts';
import { type Admission, tooHeavy } from './admission/admission.ts';
import { heaviestBody, type RequestWeight, requestWeight } from './admission/request-weight.ts';
import { bodyCompression, bodyMediaType, JSON_TYPE, type MediaType, MSGPACK_TYPE } from './media-type.ts';
import { plainChunks } from './plain-stream.ts';
import { boundedChunks, checkLength, receiveShared } from './shared-body.ts';
import type { CompressedBody } from './task.ts';

/** Largest body of each media type, bytes. */
export type BodyLimits = Readonly<Record<MediaType, number>>;

const MEBIBYTE = 2 ** 20;
/** Rows as JSON; what is larger goes in columns. */
export const BODY_LIMITS: BodyLimits = { [JSON_TYPE]: 16 * MEBIBYTE, [MSGPACK_TYPE]: 512 * MEBIBYTE };

/**
 * How much larger than what was sent a compressed body may become: rows repeat their keys, columns do not. Memory is
 * estimated for that much.
 */
const EXPANSION: Readonly<Record<MediaType, number>> = { [JSON_TYPE]: 100, [MSGPACK_TYPE]: 20 };
/** Small bodies may expand to this, however much smaller they are. */
const SMALL_BYTES = MEBIBYTE;

/** What the head of a request says of its body. */
export interface ExpectedBody {
  readonly type: MediaType;
  readonly compression: Compression | undefined;
  /** Undefined where the body comes in chunks. */
  readonly length: number | undefined;
}

export interface ReceivedBody {
  readonly bytes: SharedArrayBuffer;
  readonly type: MediaType;
  readonly compressed: CompressedBody | undefined;
  /** Its place among the admitted and its memory, until they are given back. */
  readonly place: Disposable;
}

export class Intake {
  readonly #admission: Admission;
  readonly #limits: BodyLimits;

  constructor(admission: Admission, limits: BodyLimits = BODY_LIMITS) {
    this.#admission = admission;
    this.#limits = limits;
  }

  /** What the head says, admitted or not. Errors: MEDIA_TYPE_UNSUPPORTED, BODY_TOO_LARGE. */
  describe({ headers }: FastifyRequest): ExpectedBody {
    const type = bodyMediaType(headers['content-type']);
    const compression = bodyCompression(headers['content-encoding']);
    const announced = headers['content-length'];
    const length = announced === undefined ? undefined : Number(announced);
    checkLength(length, this.#limits[type]);
    return { type, compression, length };
  }

  /**
   * Refuses what would not be admitted, before its body is read.
   *
   * Errors: as `describe`, MEMORY_LIMITED, SERVICE_BUSY, SERVICE_UNAVAILABLE.
   */
  expect(request: FastifyRequest): ExpectedBody {
    const expected = this.describe(request);
    const { length = 0, type, compression } = expected;
    this.#admission.expect(request.caller, this.#weight(length, type, compression));
    return expected;
  }

  /**
   * Refuses a body that is kept elsewhere and could never be run, before it is read.
   *
   * Errors: as `describe`; BODY_TOO_LARGE where it would take more memory than the service or the caller may have.
   */
  expectKept(request: FastifyRequest): ExpectedBody {
    const expected = this.describe(request);
    const { length = 0, type } = expected;
    // Compressed or not, it will have as many bytes at least.
    if (length > this.#heaviest(request.caller, type)) {
      throw tooHeavy(requestWeight(length, type), this.#admission.mostFor(request.caller));
    }
    return expected;
  }

  /**
   * The chunks of a body that is kept elsewhere, decompressed while they arrive.
   *
   * Errors: as `expectKept`, BODY_MALFORMED, REQUEST_INVALID.
   */
  chunks(request: FastifyRequest): AsyncGenerator<Uint8Array> {
    const { type, compression, length } = this.expectKept(request);
    const body = request.body as Readable;
    const limit = Math.min(this.#limits[type], this.#heaviest(request.caller, type));
    if (compression === undefined) return boundedChunks(body, limit, length);
    return plainChunks(body, compression, (sentBytes) =>
      Math.min(limit, this.#decodedLimit(length ?? sentBytes, type)),
    );
  }

  /** A place, and memory, for work on bytes that are here already. Errors: as `expect`. */
  admit(caller: Caller, length: number, type: MediaType): Disposable {
    return this.#admission.admit(caller, requestWeight(length, type));
  }

  /** Errors: as `expect`, and REQUEST_INVALID for a body that breaks off or is not as long as announced. */
  async receive({ body, caller }: FastifyRequest, expected: ExpectedBody): Promise<ReceivedBody> {
    const { type, compression, length } = expected;
    const arrival = this.#admission.arriving(caller);
    const bytes = await receiveShared(body as Readable, this.#limits[type], length, (count) =>
      arrival.add(count),
    ).finally(() => arrival[Symbol.dispose]());
    const { byteLength } = bytes;
    const place = this.#admission.admit(caller, this.#weight(byteLength, type, compression));
    const compressed = compression && { compression, decodedLimit: this.#decodedLimit(byteLength, type) };
    return { bytes, type, compressed, place };
  }

  #heaviest(caller: Caller, type: MediaType): number {
    return heaviestBody(this.#admission.mostFor(caller), type);
  }

  #weight(length: number, type: MediaType, compression: Compression | undefined): RequestWeight {
    return requestWeight(length, type, compression === undefined ? length : this.#decodedLimit(length, type));
  }

  #decodedLimit(length: number, type: MediaType): number {
    return Math.min(this.#limits[type], Math.max(SMALL_BYTES, EXPANSION[type] * length));
  }
}
