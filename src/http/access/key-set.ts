/**
 * The bearer keys (RFC 6750) that the service knows, from a JSON list.
 *
 * A key is kept as its SHA-256 only. That is enough, and quick, because keys are random and long; and a lookup by hash takes
 * no longer for a key that is nearly right.
 */
import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { EgressoError, type Fault } from '../../errors.ts';
import type { Caller } from './caller.ts';

/** The token68 of RFC 7235, which is what can stand after "Bearer". */
const KEY_PATTERN = '^[A-Za-z0-9._~+/-]+=*$';
const MEGABYTE = 1e6;

export const KeySchema = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
      description: 'Names the caller in logs, metrics and jobs.',
    }),
    role: Type.Enum(['solve', 'admin']),
    key: Type.Optional(Type.String({ minLength: 32, maxLength: 256, pattern: KEY_PATTERN })),
    sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of the key, instead of it.' })),
    requestsPerMinute: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    burst: Type.Optional(Type.Integer({ minimum: 1 })),
    memoryMegabytes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  { additionalProperties: false },
);

type KeyEntry = Static<typeof KeySchema>;

export class KeySet {
  readonly #callers: ReadonlyMap<string, Caller>;

  readonly #named: ReadonlyMap<string, Caller>;

  /** @param callers by the hash of their key. */
  private constructor(callers: ReadonlyMap<string, Caller>) {
    this.#callers = callers;
    this.#named = new Map([...callers.values()].map((caller) => [caller.id, caller]));
  }

  /**
   * @param text a JSON list of keys, at least one.
   * @param source how faults call it.
   * @throws EgressoError FORMAT_INVALID with the pointer of each fault; no message shows a key.
   */
  static parse(text: string, source: string): KeySet {
    const entries = parseJson(text, source);
    const faults = Array.isArray(entries) && entries.length > 0 ? faultsOf(entries) : [EMPTY];
    if (faults.length > 0) {
      const [{ pointer, message }] = faults;
      throw new EgressoError('FORMAT_INVALID', `${source}: ${pointer} ${message}`, faults);
    }
    const keys = entries as KeyEntry[];
    return new KeySet(new Map(keys.map((entry) => [hashOf(entry), callerOf(entry)])));
  }

  /** The caller whose key this is; undefined where it is nobody's. */
  callerOf(key: string): Caller | undefined {
    return this.#callers.get(sha256(key));
  }

  /** The caller with this id. */
  named(id: string): Caller | undefined {
    return this.#named.get(id);
  }
}

const EMPTY: Fault = { pointer: '', message: 'must be a list of one key at least' };

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EgressoError('FORMAT_INVALID', `${source} is not valid JSON`);
  }
}

function faultsOf(entries: readonly unknown[]): Fault[] {
  const faults: Fault[] = [];
  entries.forEach((entry, i) => {
    for (const { keyword, instancePath, message } of Value.Errors(KeySchema, entry)) {
      // A key that is not known is reported at the property itself, too.
      if (keyword === 'additionalProperties') continue;
      faults.push({ pointer: `/${i}${instancePath}`, message: keyword === 'boolean' ? 'is not known' : message });
    }
  });
  if (faults.length > 0) return faults;
  const keys = entries as readonly KeyEntry[];
  keys.forEach(({ key, sha256 }, i) => {
    if ((key === undefined) === (sha256 === undefined)) {
      faults.push({ pointer: `/${i}`, message: 'must have either key or sha256' });
    }
  });
  if (faults.length > 0) return faults;
  return [...repeated(keys, ({ id }) => id, 'id'), ...repeated(keys, hashOf, 'key')];
}

function repeated(keys: readonly KeyEntry[], nameOf: (entry: KeyEntry) => string, member: string): Fault[] {
  const names = keys.map(nameOf);
  return names.flatMap((name, i) =>
    names.indexOf(name) < i
      ? [{ pointer: `/${i}/${member}`, message: `is the same as that of /${names.indexOf(name)}` }]
      : [],
  );
}

function hashOf({ key, sha256: hash }: KeyEntry): string {
  return hash ?? sha256(key as string);
}

function callerOf({
  id,
  role,
  requestsPerMinute = Number.POSITIVE_INFINITY,
  burst,
  memoryMegabytes,
}: KeyEntry): Caller {
  const memoryBytes = memoryMegabytes === undefined ? Number.POSITIVE_INFINITY : memoryMegabytes * MEGABYTE;
  // Without a burst of its own: what one second allows.
  return { id, role, requestsPerMinute, burst: burst ?? Math.max(1, Math.ceil(requestsPerMinute / 60)), memoryBytes };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
