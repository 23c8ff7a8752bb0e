import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSessionMap } from '../../src/formats/session-map.ts';
import { parseTrafficCsv } from '../../src/formats/traffic-csv.ts';
import { faultOf, mayFail } from './fault.ts';

const pointersOf = async (run: () => unknown): Promise<string[]> =>
  (await faultOf(run, 'FORMAT_INVALID')).errors.map(({ pointer }) => pointer);

describe('traffic', () => {
  it('is read by column name, with comments, quotes, blanks and a byte order mark', () => {
    const text =
      '\uFEFF# measured nowhere\r\nvolume,neighbor,prefix\r\n\r\n1.5, A1 ,10.0.0.0/8\r\n0,"A, 2",10.0.0.0/8\r\n2e3,A1,2001:DB8::/32\r\n';
    expect(parseTrafficCsv(text)).toEqual({
      neighbors: ['A1', 'A, 2'],
      prefixes: ['10.0.0.0/8', '2001:db8::/32'],
      count: 3,
      neighbor: Int32Array.of(0, 1, 0),
      prefix: Int32Array.of(0, 0, 1),
      volume: Float64Array.of(1.5, 0, 2000),
      line: Int32Array.of(4, 5, 6),
    });
  });

  it('all faults at once, with line and column', async () => {
    const text =
      'neighbor,prefix,volume\n,10.0.0.0/8,1\nA,10.0.0.1/8,1\nA,10.0.0.0/8,-1\nA,11.0.0.0/8,0x10\nA,12.0.0.0/8,Infinity\nA,13.0.0.0/8,\nA,10.0.0.0/8,1\n';
    expect(await pointersOf(() => parseTrafficCsv(text))).toEqual([
      '/line/2/neighbor',
      '/line/3/prefix',
      '/line/4/volume',
      '/line/5/volume',
      '/line/6/volume',
      '/line/7/volume',
      '/line/8',
    ]);
  });

  it.each([
    ['nothing', '', '/line/1'],
    ['a header alone', 'neighbor,prefix,volume\n', '/line/2'],
    ['no header', 'A,10.0.0.0/8,1', '/line/1'],
    ['an unknown column', 'neighbor,prefix,volume,color\n', '/line/1'],
    ['a column twice', 'neighbor,prefix,volume,volume\n', '/line/1'],
    ['a ragged row', 'neighbor,prefix,volume\nA,10.0.0.0/8\n', '/line/2'],
    ['an open quote', 'neighbor,prefix,volume\n"A,10.0.0.0/8,1\n', '/line/2'],
  ])('%s', async (_, text, pointer) => {
    expect(await pointersOf(() => parseTrafficCsv(text))).toEqual([pointer]);
  });
});

describe('session map', () => {
  it('optional columns may be missing or empty', () => {
    expect(parseSessionMap('peerAddress,router\n192.0.2.1,DE\n')).toEqual([
      { line: 2, peerAddress: '192.0.2.1', router: 'DE', interface: null, neighbor: null, relation: null },
    ]);
    expect(parseSessionMap('router,peerAddress,relation,neighbor,interface\nDE,2001:DB8::1,peer,,ae0\n')).toEqual([
      { line: 2, peerAddress: '2001:db8::1', router: 'DE', interface: 'ae0', neighbor: null, relation: 'peer' },
    ]);
  });

  it('all faults at once, with line and column', async () => {
    const text = 'peerAddress,router,relation\nhere,DE,\n192.0.2.1,,friend\n192.0.2.1,DE,peer\n';
    expect(await pointersOf(() => parseSessionMap(text))).toEqual([
      '/line/2/peerAddress',
      '/line/3/router',
      '/line/3/relation',
      '/line/4/peerAddress',
    ]);
  });
});

it('never fails with anything but FORMAT_INVALID', async () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('A', '10.0.0.0/8', '5', '"', '192.0.2.1', 'peer', '__proto__'));
  const rows = fc.array(
    fc.array(cell, { maxLength: 5 }).map((cells) => cells.join(',')),
    { maxLength: 6 },
  );
  const header = fc.constantFrom('neighbor,prefix,volume', 'peerAddress,router', 'peerAddress,router,relation', '');
  await fc.assert(
    fc.asyncProperty(header, rows, async (first, rest) => {
      const text = [first, ...rest].join('\n');
      await mayFail(() => parseTrafficCsv(text), 'FORMAT_INVALID');
      await mayFail(() => parseSessionMap(text), 'FORMAT_INVALID');
    }),
    { numRuns: 500, seed: 1 },
  );
});
