/**
 * Paths as gRPC gives them, with their attributes in bytes, to paths with attributes. protobufjs does it too (option `json`), but
 * searches the schema for the type of each by its name: with 3M paths of six attributes that is half of the time of a whole table.
 */
import type { AnyDefinition, PackageDefinition } from '@grpc/proto-loader';
import type { Attribute, GobgpPath } from './path.ts';

/** google.protobuf.Any. */
export interface RawAny {
  /** Of its message. */
  readonly type_url: string;
  readonly value: Buffer;
}

export type RawPath = Omit<GobgpPath, 'nlri' | 'pattrs'> & {
  readonly nlri?: RawAny | null;
  readonly pattrs?: readonly RawAny[];
};

type Decode = (bytes: Buffer) => object;

/** Where the types of messages in an Any are, by convention. */
const HOST = 'type.googleapis.com/';

export class PathDecoder {
  readonly #decoders: ReadonlyMap<string, Decode>;

  constructor(definition: PackageDefinition) {
    this.#decoders = new Map(
      Object.entries(definition).flatMap(([name, one]): [string, Decode][] =>
        isMessage(one) ? [[`${HOST}${name}`, one.deserialize]] : [],
      ),
    );
  }

  /** Throws where the bytes are no message of the type that they are said to be. */
  decode(path: RawPath): GobgpPath {
    const { nlri, pattrs = [] } = path;
    return { ...path, nlri: nlri ? this.#attribute(nlri) : null, pattrs: pattrs.map((one) => this.#attribute(one)) };
  }

  /** What the schema does not have stays as it is. */
  #attribute(any: RawAny): Attribute {
    const { type_url, value } = any;
    const decode = this.#decoders.get(type_url);
    if (decode === undefined) return { type_url, value };
    return Object.assign(decode(value), { '@type': type_url });
  }
}

function isMessage(one: AnyDefinition): one is Extract<AnyDefinition, { deserialize: unknown }> {
  return 'deserialize' in one;
}
