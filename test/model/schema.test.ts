import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { ModelSchema } from '../../src/model/schema.ts';
import * as tables from '../../src/model/tables.ts';
import { validateModel } from '../../src/model/validate-model.ts';
import { rowsArbitrary } from './model-arbitrary.ts';

const { properties } = ModelSchema;

describe('the schema', () => {
  it.each([
    [properties.routers.items, tables.ROUTER_KINDS],
    [properties.interfaces.items, tables.INTERFACE_KINDS],
    [properties.distances.items, tables.DISTANCE_KINDS],
    [properties.links.items, tables.DISTANCE_KINDS],
    [properties.neighbors.items, tables.NEIGHBOR_KINDS],
    [properties.prefixes.items, tables.PREFIX_KINDS],
    [properties.advertisements.items, tables.ADVERTISEMENT_KINDS],
    [properties.traffic.items, tables.TRAFFIC_KINDS],
    [properties.sessions.items, tables.SESSION_KINDS],
    [properties.current.items, tables.CURRENT_KINDS],
  ])('has the keys that are read (list %#)', (row, kinds) => {
    expect(Object.keys(row.properties).sort()).toEqual(Object.keys(kinds).sort());
  });

  it('takes what buildModel takes', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        // A set may be sent with repetitions, which the schema takes too.
        expect([...Value.Errors(ModelSchema, rows)]).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('requires what buildModel requires, and no more', () => {
    const pointers = validateModel({}).errors.map(({ pointer }) => pointer.slice(1));
    expect([...ModelSchema.required].sort()).toEqual(pointers.sort());
  });
});

describe('the examples of docs/model.md', () => {
  const text = readFileSync(new URL('../../docs/model.md', import.meta.url), 'utf8');
  const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json));

  it('are one model in two forms', () => {
    expect(examples.length).toBe(2);
    expect(buildModel(examples[1])).toEqual(buildModel(examples[0]));
  });
});

describe('validateModel', () => {
  const example = JSON.parse(readFileSync(new URL('../../examples/patent-example-1.json', import.meta.url), 'utf8'));

  it('sums up a valid model', () => {
    expect(validateModel(example)).toEqual({
      valid: true,
      errors: [],
      errorCount: 0,
      summary: {
        name: 'patent example 1',
        unit: 'Mbit/s',
        routers: 4,
        points: 4,
        neighbors: 2,
        prefixes: 2,
        pairs: 4,
        advertisements: 0,
        sessions: 0,
        totalVolume: 100,
        totalIngressCapacity: 110,
        totalEgressCapacity: 125,
        modelHash: buildModel(example).hash,
      },
    });
  });

  it('has no total where a point is unlimited', () => {
    const routers = [...example.routers, { id: 'b5', egressCapacity: 5 }];
    const { summary } = validateModel({ ...example, routers });
    expect(summary).toMatchObject({ totalIngressCapacity: null, totalEgressCapacity: 130 });
  });

  it('tells faults as a result', () => {
    const errors = [{ pointer: '/version', message: 'must be 1, not 2' }];
    expect(validateModel({ ...example, version: 2 })).toEqual({ valid: false, errors, errorCount: 1, summary: null });
  });
});
