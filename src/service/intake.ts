/** How bodies come in: announced, admitted, received as bytes. Nothing is decoded on this thread. */
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Admission } from './admission/admission.ts';
import { requestWeight } from './admission/request-weight.ts';
import { bodyMediaType, JSON_TYPE, type MediaType, MSGPACK_TYPE } from './media-type.ts';
import { checkLength, receiveShared } from './shared-body.ts';

/** Largest body of each media type, bytes. */
export type BodyLimits = Readonly<Record<MediaType, number>>;

const MEBIBYTE = 2 ** 20;
/** Rows as JSON; what is larger goes in columns. */
export const BODY_LIMITS: BodyLimits = { [JSON_TYPE]: 16 * MEBIBYTE, [MSGPACK_TYPE]: 512 * MEBIBYTE };

/** What the head of a request says of its body. */
export interface ExpectedBody {
  readonly type: MediaType;
  /** Undefined where the body comes in chunks. */
  readonly length: number | undefined;
}

export interface ReceivedBody {
  readonly bytes: SharedArrayBuffer;
  readonly type: MediaType;
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
    const type = bodyMediaType(headers['content-type'], headers['content-encoding']);
    const announced = headers['content-length'];
    const length = announced === undefined ? undefined : Number(announced);
    checkLength(length, this.#limits[type]);
    this.#admission.expect(caller, requestWeight(length ?? 0, type));
    return { type, length };
  }

  /** Errors: as `expect`, and REQUEST_INVALID for a body that breaks off or is not as long as announced. */
  async receive({ body, caller }: FastifyRequest, { type, length }: ExpectedBody): Promise<ReceivedBody> {
    const arrival = this.#admission.arriving();
    const bytes = await receiveShared(body as Readable, this.#limits[type], length, (count) =>
      arrival.add(count),
    ).finally(() => arrival[Symbol.dispose]());
    return { bytes, type, place: this.#admission.admit(caller, requestWeight(bytes.byteLength, type)) };
  }
}
