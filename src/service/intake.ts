/** How bodies come in: announced, admitted, received as bytes. Nothing is decoded on this thread. */
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Compression } from '../formats/compression.ts';
import type { Admission } from './admission/admission.ts';
import { type RequestWeight, requestWeight } from './admission/request-weight.ts';
import { bodyCompression, bodyMediaType, JSON_TYPE, type MediaType, MSGPACK_TYPE } from './media-type.ts';
import { checkLength, receiveShared } from './shared-body.ts';
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

  /**
   * Refuses what would not be admitted, before its body is read.
   *
   * Errors: MEDIA_TYPE_UNSUPPORTED, BODY_TOO_LARGE, MEMORY_LIMITED, SERVICE_BUSY, SERVICE_UNAVAILABLE.
   */
  expect({ headers, caller }: FastifyRequest): ExpectedBody {
    const type = bodyMediaType(headers['content-type']);
    const compression = bodyCompression(headers['content-encoding']);
    const announced = headers['content-length'];
    const length = announced === undefined ? undefined : Number(announced);
    checkLength(length, this.#limits[type]);
    this.#admission.expect(caller, this.#weight(length ?? 0, type, compression));
    return { type, compression, length };
  }

  /** Errors: as `expect`, and REQUEST_INVALID for a body that breaks off or is not as long as announced. */
  async receive({ body, caller }: FastifyRequest, expected: ExpectedBody): Promise<ReceivedBody> {
    const { type, compression, length } = expected;
    const arrival = this.#admission.arriving();
    const bytes = await receiveShared(body as Readable, this.#limits[type], length, (count) =>
      arrival.add(count),
    ).finally(() => arrival[Symbol.dispose]());
    const { byteLength } = bytes;
    const place = this.#admission.admit(caller, this.#weight(byteLength, type, compression));
    const compressed = compression && { compression, decodedLimit: this.#decodedLimit(byteLength, type) };
    return { bytes, type, compressed, place };
  }

  #weight(length: number, type: MediaType, compression: Compression | undefined): RequestWeight {
    return requestWeight(length, type, compression === undefined ? length : this.#decodedLimit(length, type));
  }

  #decodedLimit(length: number, type: MediaType): number {
    return Math.min(this.#limits[type], Math.max(SMALL_BYTES, EXPANSION[type] * length));
  }
}
