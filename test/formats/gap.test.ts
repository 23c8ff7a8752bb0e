import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGap } from '../../src/formats/gap-orlib.ts';
import { parseGapPayload } from '../../src/formats/gap-payload.ts';
import { denseGap } from '../../src/problem/gap-instance.ts';
import { faultOf, mayFail } from './fault.ts';

const folder = new URL('../fixtures/gap/', import.meta.url);
const TWO_BY_THREE = '2 3\n1 2 3\n4 5 6\n7 8 9\n10 11 12\n20 21\n';

describe('OR-Library instances', () => {
  const names = ['cattrysse1994', 'chu1997'].flatMap((set) =>
    readdirSync(new URL(`${set}/`, folder)).map((file) => `${set}/${file}`),
  );

  it('all 84 have the size that the list of best known values says', () => {
    const sizes = new Map(
      readFileSync(new URL('best-known.csv', folder), 'utf8')
        .split('\n')
        .slice(1)
        .map((row) => row.split(','))
        .map(([path, , , jobs, agents]) => [path, [Number(agents), Number(jobs)]]),
    );
    expect(names).toHaveLength(84);
    for (const name of names) {
      const gap = parseGap(readFileSync(new URL(name, folder), 'utf8'), name);
      expect([gap.machineCount, gap.jobCount], name).toEqual(sizes.get(name));
      expect(gap.costs).toHaveLength(gap.machineCount * gap.jobCount);
      expect(gap.weights).toHaveLength(gap.machineCount * gap.jobCount);
      expect(gap.capacities).toHaveLength(gap.machineCount);
    }
  });

  it('tables are machine-major, whatever the white space', () => {
    const expected = {
      machineCount: 2,
      jobCount: 3,
      costs: Float64Array.of(1, 2, 3, 4, 5, 6),
      weights: Float64Array.of(7, 8, 9, 10, 11, 12),
      capacities: Float64Array.of(20, 21),
    };
    expect(parseGap(TWO_BY_THREE)).toEqual(expected);
    expect(parseGap(`\uFEFF${TWO_BY_THREE.replace(/\s/g, '\r\n \t')}`)).toEqual(expected);
    expect(parseGap('1 1 -2.5e1 .5 1.').costs).toEqual(Float64Array.of(-25));
  });

  it.each([
    ['nothing', '', '/line/1', '"" is no number of agents ≥ 1'],
    ['no agents', '0 3', '/line/1', '"0" is no number of agents ≥ 1'],
    ['no jobs', '3\n0', '/line/2', '"0" is no number of jobs ≥ 1'],
    ['one number', '3', '/line/1', '"" is no number of jobs ≥ 1'],
    ['no count', '2.5 3', '/line/1', '"2.5" is no number of agents ≥ 1'],
    ['too few', TWO_BY_THREE.replace('21', ''), '/line/6', '2 agents and 3 jobs take 16 numbers, there are 15'],
    ['too many', `${TWO_BY_THREE}5`, '/line/7', '2 agents and 3 jobs take 16 numbers, there are 17'],
    [
      'two instances behind their number',
      `2\n${TWO_BY_THREE}${TWO_BY_THREE}`,
      '/line/1',
      'it has 2 instances behind their number, as the OR-Library distributes them; one alone is taken, without that number: the first is on lines 2 to 7',
    ],
    ['one instance behind its number', `1\n${TWO_BY_THREE}`, '/line/1', expect.stringContaining('is from line 2 on')],
    ['a first number too many', `2\n${TWO_BY_THREE}`, '/line/6', '2 agents and 2 jobs take 12 numbers, there are 17'],
    ['a huge header', '9999999999 9999999999\n1', '/line/2', expect.stringContaining('there are 3')],
    ['a word', TWO_BY_THREE.replace('5', 'five'), '/line/3', 'cost "five" is no finite number'],
    ['hexadecimal', TWO_BY_THREE.replace('5', '0x5'), '/line/3', 'cost "0x5" is no finite number'],
    ['infinity', TWO_BY_THREE.replace('5', '1e999'), '/line/3', 'cost "1e999" is no finite number'],
    ['a negative weight', TWO_BY_THREE.replace('8', '-8'), '/line/4', 'weight "-8" is no finite number ≥ 0'],
    ['a negative capacity', TWO_BY_THREE.replace('20', '-1'), '/line/6', 'capacity "-1" is no finite number ≥ 0'],
  ])('%s', async (_, text, pointer, message) => {
    const fault = await faultOf(() => parseGap(text), 'FORMAT_INVALID');
    expect(fault.errors).toEqual([{ pointer, message }]);
  });

  it('never fails with anything but FORMAT_INVALID', async () => {
    const token = fc.oneof(fc.nat(4).map(String), fc.constantFrom('-1', '1e400', 'NaN', '9999999999'), fc.string());
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 24 }), async (tokens) => {
        const gap = await mayFail(() => parseGap(tokens.join(' ')), 'FORMAT_INVALID');
        if (gap !== null) expect(gap.costs).toHaveLength(gap.machineCount * gap.jobCount);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

describe('instances in requests', () => {
  const body = {
    costs: [
      [1, 2, 3],
      [4, 5, 6],
    ],
    weights: [
      [7, 8, 9],
      [10, 11, 12],
    ],
    capacities: [20, 21],
  };

  it('gives the tables of the file', () => {
    expect(parseGapPayload(body)).toEqual({ ...parseGap(TWO_BY_THREE), forbidden: null });
    const typed = {
      ...body,
      costs: [Float64Array.of(1, 2, 3), Int32Array.of(4, 5, 6)],
      capacities: Float32Array.of(20, 21),
    };
    expect(parseGapPayload(typed)).toEqual(parseGapPayload(body));
    expect(parseGapPayload({ ...body, forbidden: [] }).forbidden).toBe(null);
    expect(
      parseGapPayload({
        ...body,
        forbidden: [
          [0, 2],
          [1, 0],
        ],
      }).forbidden,
    ).toEqual(Uint8Array.of(0, 0, 1, 1, 0, 0));
  });

  it.each<[string, unknown, string[]]>([
    ['null', null, ['']],
    ['a list', [], ['']],
    ['a number', 5, ['']],
    ['nothing in it', {}, ['/capacities', '/costs']],
    ['an unknown key', { ...body, 'op/tions~': 1 }, ['/op~1tions~0']],
    ['no machines', { ...body, capacities: [] }, ['/capacities']],
    ['no jobs', { ...body, costs: [[], []] }, ['/costs/0']],
    ['costs of other machines', { ...body, costs: [[1, 2, 3]] }, ['/costs']],
    [
      'a ragged row',
      {
        ...body,
        costs: [
          [1, 2, 3],
          [4, 5],
        ],
      },
      ['/costs/1'],
    ],
    ['weights that are no list', { ...body, weights: 'abc' }, ['/weights']],
    ['a row that is no list', { ...body, weights: [[7, 8, 9], { length: 3 }] }, ['/weights/1']],
    [
      'values, all at once',
      {
        costs: [
          [1, Number.NaN, '3'],
          [4, null, 6n],
        ],
        weights: [
          [7, -8, 9],
          [10, Infinity, true],
        ],
        capacities: [20, -1],
      },
      [
        '/costs/0/1',
        '/costs/0/2',
        '/costs/1/1',
        '/costs/1/2',
        '/weights/0/1',
        '/weights/1/1',
        '/weights/1/2',
        '/capacities/1',
      ],
    ],
    ['forbidden that is no list', { ...body, forbidden: {} }, ['/forbidden']],
    [
      'forbidden pairs',
      { ...body, forbidden: [[0, 0], [2, 0], [0, 3], [0.5, 0], [0], 'ab', null, [0, 0]] },
      [1, 2, 3, 4, 5, 6, 7].map((i) => `/forbidden/${i}`),
    ],
  ])('%s', async (_, value, pointers) => {
    const fault = await faultOf(() => parseGapPayload(value), 'GAP_INVALID');
    expect(fault.errors.map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('a body that claims sizes it does not have costs no memory', async () => {
    const value = {
      costs: [new Float64Array(1e6)],
      weights: [],
      capacities: new Float64Array(1e6),
      forbidden: [[0, 0]],
    };
    await faultOf(() => parseGapPayload(value), 'GAP_INVALID');
  });

  it('never fails with anything but GAP_INVALID', async () => {
    const list = fc.oneof(
      fc.array(fc.array(fc.double({ min: -1 }), { maxLength: 2 }), { maxLength: 2 }),
      fc.anything(),
    );
    const any = fc.oneof(
      fc.anything(),
      fc.record({
        costs: list,
        weights: list,
        capacities: fc.oneof(fc.array(fc.nat(), { maxLength: 2 }), fc.anything()),
        forbidden: list,
      }),
    );
    await fc.assert(
      fc.asyncProperty(any, async (value) => {
        const gap = await mayFail(() => parseGapPayload(value), 'GAP_INVALID');
        if (gap !== null) expect(gap.weights).toHaveLength(gap.machineCount * gap.jobCount);
      }),
      { numRuns: 1000, seed: 1 },
    );
  });
});

describe('sparse form', () => {
  it('has the arcs of each job, machines ascending, without the forbidden ones', () => {
    const gap = denseGap({ ...parseGap(TWO_BY_THREE), forbidden: Uint8Array.of(0, 0, 1, 1, 0, 0) });
    expect(gap).toEqual({
      jobCount: 3,
      machineCount: 2,
      start: Int32Array.of(0, 1, 3, 4),
      machine: Int32Array.of(0, 0, 1, 1),
      cost: Float64Array.of(1, 2, 5, 6),
      weight: Float64Array.of(7, 8, 11, 12),
      capacity: Float64Array.of(20, 21),
    });
  });

  it('every pair of a table without forbidden ones is an arc', () => {
    const tables = parseGap(readFileSync(new URL('chu1997/a05100', folder), 'utf8'));
    const gap = denseGap(tables);
    expect(gap.start).toEqual(Int32Array.from({ length: 101 }, (_, r) => 5 * r));
    for (let r = 0; r < 100; r++) {
      for (let s = 0; s < 5; s++) {
        const arc = 5 * r + s;
        expect([gap.machine[arc], gap.cost[arc], gap.weight[arc]]).toEqual([
          s,
          tables.costs[s * 100 + r],
          tables.weights[s * 100 + r],
        ]);
      }
    }
  });
});
