import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBody, encodeBody } from '../../src/formats/codec.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { permuted, rowsArbitrary, toBinary, toColumns } from './model-arbitrary.ts';

describe('the forms of a payload', () => {
  it('give the same model in rows, in columns, and in binary columns of msgpack', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        const model = buildModel(rows);
        const columns = toColumns(rows);
        expect(buildModel(columns)).toEqual(model);
        expect(buildModel(decodeBody(encodeBody(columns, 'application/json'), 'application/json'))).toEqual(model);
        const body = encodeBody(toBinary(columns), 'application/msgpack');
        expect(buildModel(decodeBody(body, 'application/msgpack'))).toEqual(model);
        expect(buildModel(decodeBody(encodeBody(rows, 'application/msgpack'), 'application/msgpack'))).toEqual(model);
      }),
    );
  });

  it('give the same model whatever their order', () => {
    const withPermutation = rowsArbitrary.chain((rows) => fc.tuple(fc.constant(rows), permuted(rows)));
    fc.assert(
      fc.property(withPermutation, ([rows, other]) => {
        const model = buildModel(rows);
        expect(buildModel(other)).toEqual(model);
        expect(buildModel(toColumns(other))).toEqual(model);
      }),
    );
  });

  it('may be mixed', () => {
    fc.assert(
      fc.property(rowsArbitrary, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (rows, choices) => {
        const columns = toColumns(rows);
        const mixed = Object.entries(rows).map(([key, list], i) => [key, choices[i] ? columns[key] : list]);
        expect(buildModel(Object.fromEntries(mixed))).toEqual(buildModel(rows));
      }),
    );
  });

  it('leave the payload as it was', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        const before = structuredClone(rows);
        buildModel(rows);
        expect(rows).toEqual(before);
      }),
      { numRuns: 20 },
    );
  });
});
