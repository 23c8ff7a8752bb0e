import { describe, expect, it } from 'vitest';
import type { EgressoError } from '../../src/errors.ts';
import { MAX_VARIATIONS, mergePatch, parseBatch, varied } from '../../src/service/variations.ts';

describe('JSON merge patch', () => {
  // RFC 7396, appendix A.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j patched with %j', (target, patch, result) => {
    const before = JSON.stringify([target, patch]);
    expect(mergePatch(target, patch)).toEqual(result);
    expect(JSON.stringify([target, patch])).toBe(before);
  });

  it('replaces binary columns whole, and keeps a key __proto__ a key', () => {
    const column = new Uint8Array([1, 2]);
    expect(mergePatch({ a: { b: new Uint8Array(9), c: 1 } }, { a: { b: column } })).toEqual({ a: { b: column, c: 1 } });
    const merged = mergePatch({}, JSON.parse('{"__proto__": {"x": 1}}')) as object;
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(Object.keys(merged)).toEqual(['__proto__']);
  });
});

describe('a batch', () => {
  const model = { unit: 'Mbit/s', traffic: [{ volume: 1 }], routers: { id: ['a'] } };

  it('varies model, traffic and options; names default to places', () => {
    const variations = [
      {},
      { id: 'night', traffic: [{ volume: 2 }] },
      { model: { unit: null, routers: { price: [1] } }, options: { variant: 'ses', seed: null } },
    ];
    const batch = parseBatch({ model, options: { variant: 'mes', seed: 3 }, variations });
    expect(batch.variations.map(({ id }) => id)).toEqual(['0', 'night', '2']);
    expect(varied(batch, 0)).toEqual({ model, options: { variant: 'mes', seed: 3 } });
    expect(varied(batch, 1).model).toEqual({ ...model, traffic: [{ volume: 2 }] });
    expect(varied(batch, 2)).toEqual({
      model: { traffic: model.traffic, routers: { id: ['a'], price: [1] } },
      options: { variant: 'ses' },
    });
  });

  it('tells all its faults with their places', () => {
    const variations = [{ id: 'x', odd: 1 }, { id: 'x' }, { id: '' }, { id: 5, model: [] }, 7, { options: 3 }];
    const pointers = faultsOf({ model: 3, variations, more: true });
    expect(pointers).toEqual([
      '/more',
      '/model',
      '/variations/0/odd',
      '/variations/2/id',
      '/variations/3/id',
      '/variations/3/model',
      '/variations/4',
      '/variations/5/options',
      '/variations/1/id',
    ]);
  });

  it.each([[undefined], [[]], [{}], [Array(MAX_VARIATIONS + 1).fill({})]])('has some variations', (variations) => {
    expect(faultsOf({ model, variations })).toEqual(['/variations']);
  });

  it('is an object', () => {
    expect(faultsOf([])).toEqual(['']);
  });
});

function faultsOf(body: unknown): string[] {
  try {
    parseBatch(body);
  } catch (error) {
    expect((error as EgressoError).code).toBe('REQUEST_INVALID');
    return (error as EgressoError).errors.map(({ pointer }) => pointer);
  }
  throw new Error('the batch has no faults');
}
