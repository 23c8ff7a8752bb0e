import { appendFileSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Exporters, PmacctParser } from '../../src/manager/collectors/pmacct.ts';
import { pmacctFile } from '../../src/manager/collectors/pmacct-file.ts';
import { readRecording } from '../../src/manager/collectors/recording.ts';
import { counter64 } from '../../src/manager/collectors/snmp/agent.ts';
import { CounterTracker } from '../../src/manager/telemetry/counter-tracker.ts';
import { RouteTable } from '../../src/manager/telemetry/route-table.ts';
import { scaled } from '../faults/scale.ts';
import { route, streamOf } from './simulation.ts';

const LINE_COUNT = scaled(100_000);
const EXPORTERS: Exporters = new Map([
  [
    '10.0.0.1',
    [
      { point: 0, ifIndex: 3 },
      { point: 1, ifIndex: 4 },
    ],
  ],
  ['10.0.0.2', [{ point: 2, ifIndex: null }]],
]);
const GOOD =
  '{"event_type":"purge","peer_ip_src":"10.0.0.1","iface_out":4,"net_dst":"20.0.0.0","mask_dst":24,"packets":927,"bytes":927000}';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-collectors-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('PmacctParser', () => {
  it('reads lines in any pieces, by exporter and interface', () => {
    const text = `INFO ( default/core ): waiting\n${GOOD}\n{"peer_ip_src":"10.0.0.2","ip_dst":"2001:db8::1","packets":1,"bytes":64}\n`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 60 }), (sizes) => {
        const parser = new PmacctParser(EXPORTERS);
        const records = [];
        let at = 0;
        for (const size of sizes) {
          records.push(...parser.push(text.slice(at, at + size)));
          at += size;
        }
        records.push(...parser.push(text.slice(at)));
        expect(records).toEqual([
          { point: 1, destination: '20.0.0.0', length: 24, bytes: 927000, packets: 927 },
          { point: 2, destination: '2001:db8::1', bytes: 64, packets: 1 },
        ]);
        expect(parser.malformedCount).toBe(0);
      }),
    );
  });

  it(`counts ${LINE_COUNT} lines that were damaged, and goes on`, () => {
    const random = streamOf(11);
    const parser = new PmacctParser(EXPORTERS);
    let wellFormed = 0;
    for (let line = 0; line < LINE_COUNT; line++) {
      const at = Math.floor(random() * GOOD.length);
      const byte = String.fromCharCode(Math.floor(random() * 256));
      const ways = [
        GOOD.slice(0, at),
        GOOD.slice(0, at) + byte + GOOD.slice(at + 1),
        GOOD.replace('927000', ['-1', '1e999', 'null', '"x"', '{}', '[]'][Math.floor(random() * 6)]),
        '{}',
        '{"bytes":1,"packets":1,"peer_ip_src":"10.9.9.9","ip_dst":"1.2.3.4"}',
        `{"a":${'['.repeat(200)}`,
      ];
      wellFormed += parser.push(`${ways[Math.floor(random() * ways.length)].replaceAll('\n', ' ')}\n`).length;
      wellFormed -= parser.push(`${GOOD}\n`).length === 1 ? 0 : 1e9;
    }
    expect(wellFormed).toBeGreaterThan(0);
    expect(parser.malformedCount).toBeGreaterThan(LINE_COUNT / 3);
    expect(parser.foreignCount).toBeGreaterThan(LINE_COUNT / 12);
  });

  it('drops a line that has no end', () => {
    const parser = new PmacctParser(EXPORTERS);
    for (let piece = 0; piece < 100; piece++) parser.push('x'.repeat(10_000));
    expect(parser.push(`\n${GOOD}\n`)).toHaveLength(1);
    expect(parser.malformedCount).toBe(1);
  });
});

describe('a destination', () => {
  const line = (fields: object): string =>
    `${JSON.stringify({ peer_ip_src: '10.0.0.2', packets: 1, bytes: 100, ...fields })}\n`;
  const table = new RouteTable();
  for (const prefix of ['10.0.0.0/8', '10.0.0.0/24', '2001:db8::/32', '2001:db8::/48', '0.0.0.0/0']) {
    table.set('x', 1, prefix, route('a'));
  }

  it.each<[string, object, string | undefined]>([
    ['a network, with its mask', { net_dst: '10.0.0.0', mask_dst: 8 }, '10.0.0.0/8'],
    ['the more specific one of the same address', { net_dst: '10.0.0.0', mask_dst: 24 }, '10.0.0.0/24'],
    ['one that no longer prefix is meant by', { net_dst: '10.0.0.0', mask_dst: 16 }, '10.0.0.0/8'],
    ['the whole Internet', { net_dst: '0.0.0.0', mask_dst: 0 }, '0.0.0.0/0'],
    ['a network without a mask', { net_dst: '10.0.0.0', mask_dst: 0 }, '10.0.0.0/24'],
    ['a host', { ip_dst: '10.0.0.7' }, '10.0.0.0/24'],
    ['a host, with the mask of its route', { ip_dst: '10.0.0.7', mask_dst: 8 }, '10.0.0.0/24'],
    ['of IPv6', { net_dst: '2001:db8::', mask_dst: 32 }, '2001:db8::/32'],
    ['a host of IPv6', { ip_dst: '2001:db8::1' }, '2001:db8::/48'],
    ['IPv4 in IPv6', { ip_dst: '::ffff:10.0.0.7' }, '10.0.0.0/24'],
    ['IPv4 in IPv6, in words', { ip_dst: '::FFFF:a00:7' }, '10.0.0.0/24'],
    ['a network of IPv4 in IPv6', { net_dst: '::ffff:10.0.0.0', mask_dst: 104 }, '10.0.0.0/8'],
    ['a mask that is none', { net_dst: '10.0.0.0', mask_dst: 129 }, undefined],
    ['a mask in words', { net_dst: '10.0.0.0', mask_dst: '8' }, undefined],
  ])('%s is joined to its prefix', (_, fields, expected) => {
    const parser = new PmacctParser(EXPORTERS);
    const matched = parser.push(line(fields)).map(({ destination, length }) => {
      return table.prefixes.text(table.prefixes.match(destination, length));
    });
    expect([matched, parser.malformedCount]).toEqual(expected === undefined ? [[], 1] : [[expected], 0]);
  });

  it('is of an exporter, whichever way its address is told; one that speaks does so for all its points', () => {
    const parser = new PmacctParser(EXPORTERS);
    expect(parser.push(line({ peer_ip_src: '::ffff:10.0.0.1', iface_out: 4, ip_dst: '10.0.0.7' }))).toHaveLength(1);
    expect(parser.takeHeard()).toEqual([[0, 1]]);
    expect(parser.takeHeard()).toEqual([]);
  });
});

describe('pmacctFile', () => {
  it('follows a file from its end, over a rotation', async () => {
    const path = join(folder, 'flows.jsonl');
    writeFileSync(path, `${GOOD}\n`);
    const source = pmacctFile(path, EXPORTERS);
    const count = async (atMs: number): Promise<number> => (await source.take(atMs)).records.length;
    expect(await source.take(1)).toEqual({ records: [], reports: [] });
    appendFileSync(path, `${GOOD}\n${GOOD}\n${GOOD.slice(0, 30)}`);
    expect(await count(2)).toBe(2);
    appendFileSync(path, `${GOOD.slice(30)}\n`);
    expect(await count(3)).toBe(1);
    expect(await source.take(4)).toEqual({ records: [], reports: [] });
    writeFileSync(path, `${GOOD}\n`);
    expect(await count(5)).toBe(1);
    await source[Symbol.asyncDispose]();
  });
});

it('a rotated file is read from its beginning, also one that is longer than the one before', async () => {
  const path = join(folder, 'rotated.jsonl');
  writeFileSync(path, `${GOOD}\n`);
  const source = pmacctFile(path, EXPORTERS);
  appendFileSync(path, GOOD.slice(0, 30));
  expect((await source.take(1)).records).toEqual([]);
  renameSync(path, `${path}.1`);
  writeFileSync(path, `${GOOD}\n`.repeat(5));
  expect([(await source.take(2)).records.length, source.malformedCount]).toEqual([5, 0]);
  await source[Symbol.asyncDispose]();
});

describe('when lines came', () => {
  it('is told by the file, and not by when it is read', async () => {
    const path = join(folder, 'timed.jsonl');
    writeFileSync(path, '');
    const source = pmacctFile(path, EXPORTERS);
    await source.take(0);
    appendFileSync(path, `${GOOD}\n`);
    const seconds = Date.now() / 1000;
    utimesSync(path, seconds - 20, seconds - 20);
    const [{ points, arrivedAtMs }] = (await source.take(1_000_000)).reports;
    expect(points).toEqual([0, 1]);
    expect(arrivedAtMs).toBeGreaterThan(970_000);
    expect(arrivedAtMs).toBeLessThanOrEqual(980_000);
    // A clock that was set: not before the lines were looked for last, and not in the future.
    for (const [shift, expected] of [
      [-86_400, 1_000_000],
      [86_400, 1_060_000],
    ]) {
      appendFileSync(path, `${GOOD}\n`);
      utimesSync(path, seconds + shift, seconds + shift);
      const batch = await source.take(expected === 1_000_000 ? 1_030_000 : 1_060_000);
      expect(batch.reports).toEqual([{ points: [0, 1], arrivedAtMs: expected }]);
    }
    await source[Symbol.asyncDispose]();
  });
});

describe('CounterTracker', () => {
  it('has no load before two samples, and none across a restart', () => {
    const tracker = new CounterTracker(['a'], 1e6);
    const load = () => tracker.readings()[0].load;
    tracker.add('a', { atMs: 600_000, octets: 0n, upTime: 60_000 });
    expect(load()).toBeNull();
    tracker.add('a', { atMs: 608_000, octets: 1_000_000n, upTime: 60_800 });
    expect(load()).toBe(1);
    tracker.add('a', { atMs: 608_000, octets: 1_000_000n, upTime: 60_800 });
    expect([load(), tracker.lateCount]).toEqual([1, 1]);
    tracker.add('a', { atMs: 616_000, octets: 5n, upTime: 100 });
    expect([load(), tracker.rebootCount]).toEqual([null, 1]);
    tracker.add('a', { atMs: 624_000, octets: 1_000_005n, upTime: 900 });
    expect(load()).toBe(1);
  });
});

it.each([
  [Buffer.from([1]), 1n],
  [Buffer.from('00ffffffffffffffff', 'hex'), 2n ** 64n - 1n],
  [Buffer.from('01ffffffffffffffff', 'hex'), null],
  [Buffer.alloc(0), null],
  [Buffer.alloc(12, 1), null],
  [7, 7n],
  [-7, null],
  ['7', null],
  [null, null],
])('Counter64 from %s', (value, expected) => {
  expect(counter64({ oid: '', type: 70, value })).toBe(expected);
});

describe('RouteTable', () => {
  const operation = fc.record({
    session: fc.constantFrom('10.0.0.1', '10.0.0.2'),
    pathId: fc.constantFrom(1, 2 ** 32 - 1),
    prefix: fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24', '2001:db8::/32'),
    point: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('set', 'set', 'set', 'withdraw', 'flush'),
  });

  it('holds what was said last by each source', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const table = new RouteTable();
        const said = new Map<string, string>();
        for (const { session, pathId, prefix, point, kind } of operations) {
          if (kind === 'set') {
            table.set(session, pathId, prefix, route(point));
            said.set(`${session} ${pathId} ${prefix}`, point);
          } else if (kind === 'withdraw') {
            table.withdraw(session, pathId, prefix);
            said.delete(`${session} ${pathId} ${prefix}`);
          } else {
            table.withdrawSession(session);
            for (const key of said.keys()) if (key.startsWith(`${session} `)) said.delete(key);
          }
        }
        expect(table.routeCount).toBe(said.size);
        for (const prefix of ['10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24', '2001:db8::/32']) {
          const points = [...said].filter(([key]) => key.endsWith(` ${prefix}`)).map(([, point]) => point);
          const k = table.prefixes.find(prefix);
          expect(k >= 0 ? table.learned(k).map(({ point }) => point) : []).toEqual([...new Set(points)].sort());
        }
        // Traffic goes by the longest prefix that somebody still tells.
        const holds = (prefix: string): boolean => [...said.keys()].some((key) => key.endsWith(` ${prefix}`));
        const longest = ['10.1.1.0/24', '10.1.0.0/16', '10.0.0.0/8'].find(holds);
        const matched = table.prefixes.match('10.1.1.7');
        expect(matched < 0 ? undefined : table.prefixes.text(matched)).toBe(longest);
      }),
    );
  });

  it('holds the attributes of its routes, and no others', () => {
    const table = new RouteTable();
    for (let k = 0; k < 1000; k++) table.set('10.0.0.1', 7, '10.0.0.0/8', { ...route('a'), asPath: [64601, k] });
    table.set('10.0.0.2', 7, '10.0.0.0/8', { ...route('b'), asPath: [64601] });
    table.set('10.0.0.2', 8, '10.1.0.0/16', { ...route('b'), asPath: [64601] });
    expect([table.routeCount, table.attributeCount]).toEqual([3, 2]);
    expect(table.learned(table.prefixes.find('10.0.0.0/8'))).toMatchObject([{ asPath: [64601, 999] }, { point: 'b' }]);
    table.withdraw('10.0.0.2', 7, '10.0.0.0/8');
    expect(table.attributeCount).toBe(2);
    table.withdrawSession('10.0.0.2');
    expect(table.attributeCount).toBe(1);
    table.set('10.0.0.2', 7, '10.0.0.0/8', { ...route('c'), localPref: 50 });
    expect([table.attributeCount, table.learned(0)[1]]).toMatchObject([2, { point: 'c', localPref: 50 }]);
  });

  it('has of each point what plain BGP prefers there', () => {
    const table = new RouteTable();
    table.set('10.0.0.1', 1, '10.0.0.0/8', { ...route('a'), asPath: [1], localPref: 80 });
    table.set('10.0.0.1', 2, '10.0.0.0/8', { ...route('a'), asPath: [2, 3, 4], localPref: 200 });
    expect(table.learned(0)).toMatchObject([{ asPath: [2, 3, 4] }]);
  });

  it('keeps what was there until a whole table is said again, and then only what was said', () => {
    fc.assert(
      fc.property(fc.array(operation), fc.array(operation), (before, again) => {
        const [table, fresh] = [new RouteTable(), new RouteTable()];
        for (const { session, pathId, prefix, point } of before) table.set(session, pathId, prefix, route(point));
        table.beginReading();
        const { routeCount } = table;
        for (const { session, pathId, prefix, point } of again) {
          table.set(session, pathId, prefix, route(point));
          fresh.set(session, pathId, prefix, route(point));
        }
        expect(table.routeCount).toBeGreaterThanOrEqual(routeCount);
        table.endReading();
        expect(table.routeCount).toBe(fresh.routeCount);
        for (const prefix of ['10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24', '2001:db8::/32']) {
          expect(table.learned(table.prefixes.find(prefix))).toEqual(fresh.learned(fresh.prefixes.find(prefix)));
        }
      }),
    );
  });
});

it.each([
  ['no header', '{"atMs":0}\n', 'line 1'],
  ['no JSON', '{"format":"egresso-recording","version":1,"note":""}\nx\n', 'line 2: is no JSON'],
  ['a field too many', '{"format":"egresso-recording","version":1,"note":""}\n{"atMs":0,"x":1}\n', 'line 2'],
  [
    'time that goes back',
    '{"format":"egresso-recording","version":1,"note":""}\n{"atMs":5}\n{"atMs":5}\n',
    'line 3: /atMs must be later',
  ],
])('a recording with %s is refused', async (_, content, message) => {
  const path = join(folder, 'recording.jsonl');
  writeFileSync(path, content);
  await expect(readRecording(path)).rejects.toMatchObject({
    code: 'FORMAT_INVALID',
    message: expect.stringContaining(message),
  });
});
