import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import { decodeBody, encodeBody } from '../../src/formats/codec.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { rowsArbitrary, toBinary, toColumns } from './model-arbitrary.ts';

/** A model with a hash, or a fault of the catalog: never another exception. */
function outcome(work: () => { hash: string }): void {
  try {
    expect(work().hash).toMatch(/^[0-9a-f]{64}$/);
  } catch (error) {
    if (!(error instanceof EgressoError)) throw error;
    expect(['MODEL_INVALID', 'BODY_MALFORMED']).toContain(error.code);
    expect(error.errorCount).toBeGreaterThanOrEqual(error.errors.length);
    for (const { pointer, message } of error.errors) {
      expect(pointer).toMatch(/^(\/([^~/]|~[01])*)*$/);
      expect(message).not.toMatch(/undefined|NaN to|\[object/);
    }
  }
}

const payload = rowsArbitrary.chain((rows) =>
  fc.constantFrom<unknown>(rows, toColumns(rows), toBinary(toColumns(rows))),
);

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    'r0',
    'n0',
    'p0',
    '10.0.0.0/16',
    -1,
    0,
    0.5,
    2 ** 31,
    2 ** 32,
    1e300,
    {},
    [],
  ),
  fc.constantFrom<unknown>(Number.NaN, Infinity, -Infinity, -0, undefined, 'constructor', '__proto__', 1n),
  fc.constantFrom<unknown>(
    [[]],
    [null],
    { offsets: [0, 1], values: ['r0'] },
    new Uint8Array(8),
    new Float64Array(2),
    new Map(),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Puts `value` where a walk by `steps` through the keys of `node` ends; the node itself is left as it is. */
function mutated(node: unknown, steps: readonly number[], value: unknown): unknown {
  if (steps.length === 0 || typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return value;
  const keys = [...Object.keys(node), 'extra'];
  const key = keys[steps[0] % keys.length];
  if (Array.isArray(node)) {
    if (key === 'extra') return [...node, value];
    return node.with(Number(key), mutated(node[Number(key)], steps.slice(1), value));
  }
  return { ...node, [key]: mutated((node as Record<string, unknown>)[key], steps.slice(1), value) };
}

const mutation = fc.tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), odd);

describe('random payloads', () => {
  it('that are valid but for some values are taken or told', () => {
    fc.assert(
      fc.property(payload, fc.array(mutation, { minLength: 1, maxLength: 3 }), (valid, mutations) => {
        const broken = mutations.reduce((node, [steps, value]) => mutated(node, steps, value), valid);
        outcome(() => buildModel(broken));
      }),
      { numRuns: 500 },
    );
  });

  it('of any shape are told', () => {
    fc.assert(
      fc.property(
        fc.anything({ withTypedArray: true, withMap: true, withDate: true, withNullPrototype: true }),
        (value) => outcome(() => buildModel(value)),
      ),
    );
  });
});

describe('random bodies', () => {
  const types = ['application/json', 'application/msgpack'] as const;

  it.each(types)('of bytes as %s are refused or told', (type) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => outcome(() => buildModel(decodeBody(bytes, type)))),
    );
  });

  it.each(types)('with damaged bytes as %s are taken, refused or told', (type) => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(payload, damage, fc.nat(), (valid, changes, cut) => {
        const bytes = Uint8Array.from(encodeBody(valid, type));
        for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
        const end = cut % 3 === 0 ? cut % bytes.length : bytes.length;
        outcome(() => buildModel(decodeBody(bytes.subarray(0, end), type)));
      }),
      { numRuns: 300 },
    );
  });
});
