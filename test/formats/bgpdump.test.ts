import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BgpTable } from '../../src/formats/bgp-table.ts';
import { type BgpdumpOptions, readBgpdump } from '../../src/formats/bgpdump.ts';
import { faultOf, mayFail } from './fault.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/bgp/${name}`, import.meta.url));

function line(
  fields: Partial<
    Record<
      'type' | 'peer' | 'asn' | 'prefix' | 'path' | 'origin' | 'nextHop' | 'localPref' | 'med' | 'communities',
      string
    >
  > = {},
): string {
  const { type = 'TABLE_DUMP2', peer = '192.0.2.1', asn = '64501', prefix = '198.51.100.0/24' } = fields;
  const { path = '64501 64510', origin = 'IGP', nextHop = peer, localPref = '0', med = '0', communities = '' } = fields;
  return `${type}|1400824800|B|${peer}|${asn}|${prefix}|${path}|${origin}|${nextHop}|${localPref}|${med}|${communities}|NAG||`;
}

const read = (text: string | Buffer, options?: BgpdumpOptions) =>
  readBgpdump(Readable.from([Buffer.from(text)], { objectMode: false }), options);

/** A table as one object per advertisement. */
function rows(table: BgpTable): object[] {
  return table.prefixes.flatMap((prefix, k) =>
    Array.from({ length: table.start[k + 1] - table.start[k] }, (_, i) => {
      const row = table.start[k] + i;
      const path = table.path[row];
      return {
        prefix,
        ...table.peers[table.peer[row]],
        path: [...table.pathAsns.subarray(table.pathStart[path], table.pathStart[path + 1])],
        origin: table.origin[row],
        nextHop: table.nextHops[table.nextHop[row]],
        med: table.med[row],
        localPref: table.localPref[row],
        communities: table.communitySets[table.communities[row]],
      };
    }),
  );
}

describe('excerpts of real tables', () => {
  it('RouteViews 2014, TABLE_DUMP2, gzip', async () => {
    const { table, counts, reports } = await readBgpdump(fixture('routeviews-excerpt.bgpdump.txt.gz'));
    expect(counts).toEqual({ lines: 256, malformed: 0, defaultRoutes: 1 });
    expect(table.count).toBe(255);
    expect(table.asSetCount).toBe(6);
    expect(table.prefixes).not.toContain('0.0.0.0/0');
    expect(reports).toEqual([
      'Default routes dropped: 1.',
      'AS paths with an AS_SET, for which its lowest member stands: 6.',
    ]);
    expect(rows(table)).toContainEqual({
      prefix: '1.0.0.0/24',
      address: '203.181.248.168',
      asn: 7660,
      path: [7660, 15169],
      origin: 0,
      nextHop: '203.181.248.168',
      med: 0,
      localPref: -1,
      communities: ['7660:5'],
    });
  });

  it('RIS 2000, TABLE_DUMP, plain', async () => {
    const { table, counts } = await readBgpdump(fixture('ris-excerpt.bgpdump.txt'));
    expect(counts).toEqual({ lines: 206, malformed: 0, defaultRoutes: 0 });
    expect(table.count).toBe(206);
    expect(table.asSetCount).toBe(6);
    expect(rows(table)).toContainEqual(
      expect.objectContaining({ prefix: '192.55.122.0/24', address: '204.152.166.29', path: [3549, 701, 6499, 7955] }),
    );
  });

  it('is sorted by prefix and peer, and the order of lines does not matter', async () => {
    const text = readFileSync(fixture('ris-excerpt.bgpdump.txt'), 'utf8');
    const { table } = await read(text);
    expect([...table.prefixes].sort()).toEqual(table.prefixes);
    const reversed = await read(text.trimEnd().split('\n').reverse().join('\n'));
    expect(reversed.table.peers).toEqual(table.peers);
    expect(rows(reversed.table)).toEqual(rows(table));
  });
});

describe('lines', () => {
  it('keeps all attributes, in IPv4 and IPv6', async () => {
    const { table } = await read(
      [
        line({
          origin: 'EGP',
          med: '4294967295',
          localPref: '200',
          communities: '64501:1 no-export',
          nextHop: '192.0.2.9',
        }),
        line({
          peer: '2001:DB8:0::1',
          prefix: '2001:db8:8000::/33',
          path: '4200000000',
          origin: 'INCOMPLETE',
          med: '',
        }),
      ].join('\r\n'),
    );
    expect(rows(table)).toEqual([
      {
        prefix: '198.51.100.0/24',
        address: '192.0.2.1',
        asn: 64501,
        path: [64501, 64510],
        origin: 1,
        nextHop: '192.0.2.9',
        med: 4294967295,
        localPref: 200,
        communities: ['64501:1', 'no-export'],
      },
      {
        prefix: '2001:db8:8000::/33',
        address: '2001:db8::1',
        asn: 64501,
        path: [4200000000],
        origin: 2,
        nextHop: '2001:db8::1',
        med: -1,
        localPref: -1,
        communities: [],
      },
    ]);
  });

  it('drops default routes of both families unless they are kept', async () => {
    const text = [line(), line({ prefix: '0.0.0.0/0' }), line({ peer: '2001:db8::1', prefix: '::/0' })].join('\n');
    const dropped = await read(text);
    expect(dropped.table.prefixes).toEqual(['198.51.100.0/24']);
    expect(dropped.counts.defaultRoutes).toBe(2);
    const kept = await read(text, { keepDefault: true });
    expect(kept.table.prefixes).toEqual(['0.0.0.0/0', '198.51.100.0/24', '::/0']);
  });

  it('of a prefix that a peer advertises twice the last one is kept', async () => {
    const { table, reports } = await read(
      [line({ path: '64501 1' }), line({ peer: '192.0.2.2' }), line({ path: '64501 2' }), line({ asn: '64502' })].join(
        '\n',
      ),
    );
    expect(table.duplicateCount).toBe(1);
    expect(rows(table)).toMatchObject([{ path: [64501, 2] }, { asn: 64502 }, { address: '192.0.2.2' }]);
    expect(reports).toEqual(['Advertisements replaced by a later one of the same peer: 1.']);
  });

  it('two spellings of an IPv6 prefix are one prefix', async () => {
    const { table } = await read([line({ prefix: '2001:db8::/32' }), line({ prefix: '2001:0DB8:0::/32' })].join('\n'));
    expect(table.prefixes).toEqual(['2001:db8::/32']);
    expect(table.duplicateCount).toBe(1);
  });

  it.each([
    ['an update', 'BGP4MP|1|A|192.0.2.1|1|198.51.100.0/24|1|IGP|192.0.2.1|0|0||NAG||'],
    ['a cut line', 'TABLE_DUMP2|1400824800|B|192.0.2.1|64501|198.51'],
    ['no "B"', line().replace('|B|', '|A|')],
    ['a peer address', line({ peer: '192.0.2.256', nextHop: '192.0.2.1' })],
    ['a short address', line({ peer: '10.1', nextHop: '192.0.2.1' })],
    ['a peer ASN', line({ asn: '0' })],
    ['a large peer ASN', line({ asn: '4294967296' })],
    ['host bits', line({ prefix: '198.51.100.1/24' })],
    ['host bits within a byte', line({ prefix: '198.51.100.128/24' })],
    ['IPv6 host bits', line({ prefix: '2001:db8::1/32' })],
    ['a long prefix', line({ prefix: '198.51.100.0/33' })],
    ['a leading zero', line({ prefix: '198.51.100.0/024' })],
    ['no length', line({ prefix: '198.51.100.0' })],
    ['a path', line({ path: '64501 x' })],
    ['an empty set', line({ path: '64501 {}' })],
    ['an origin', line({ origin: 'igp' })],
    ['a next hop', line({ nextHop: 'nowhere' })],
    ['a MED', line({ med: '-1' })],
  ])('malformed: %s', async (_, text) => {
    const { counts, reports, table } = await read(`${line()}\n\n${text}\n`);
    expect(table.count).toBe(1);
    expect(counts.malformed).toBe(1);
    expect(reports).toEqual(['Malformed lines left out: 1 (line 3).']);
    const fault = await faultOf(() => read(`\n${text}`), 'FORMAT_INVALID');
    expect(fault.errors[0].pointer).toBe('/line/2');
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'egresso-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, bytes: Buffer | string): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  it('gzip is known by its magic, not by its name; many chunks and members are one text', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => line({ prefix: `10.${i >> 8}.${i & 255}.0/24` }));
    const half = gzipSync(`${lines.slice(0, 2500).join('\n')}\n`);
    const both = Buffer.concat([half, gzipSync(lines.slice(2500).join('\n'))]);
    expect((await readBgpdump(file('named.txt', both))).table.count).toBe(5000);
    expect((await readBgpdump(file('named.gz', lines.join('\n')))).table.count).toBe(5000);
    const bytes = [...both].map((byte) => Buffer.of(byte));
    expect((await readBgpdump(Readable.from(bytes, { objectMode: false }))).table.count).toBe(5000);
  });

  it.each([
    ['empty', ''],
    ['only a default route', `${line({ prefix: '0.0.0.0/0' })}\n`],
    ['truncated gzip', gzipSync(`${line()}\n`.repeat(2000)).subarray(0, 150)],
    ['damaged gzip', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])],
    ['one line without end', 'x'.repeat(3_000_000)],
  ])('%s: FORMAT_INVALID', async (name, bytes) => {
    await faultOf(() => readBgpdump(file(name, bytes)), 'FORMAT_INVALID');
  });

  it('what cannot be opened is FILE_UNREADABLE', async () => {
    await faultOf(() => readBgpdump(join(folder, 'missing')), 'FILE_UNREADABLE');
    await faultOf(() => readBgpdump(folder), 'FILE_UNREADABLE');
  });

  it('never fails with anything but FORMAT_INVALID', async () => {
    const field = fc.oneof(
      fc.string({ maxLength: 10 }),
      fc.constantFrom('192.0.2.1', '2001:db8::1', '198.51.100.0/24', '64501 {3,2}', 'IGP', '0', ''),
    );
    const anyLine = fc.oneof(
      fc.string(),
      fc.array(field, { maxLength: 16 }).map((fields) => ['TABLE_DUMP', '1', 'B', ...fields].join('|')),
      fc.constant(line()),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { maxLength: 8 }), async (lines) => {
        const result = await mayFail(() => read(lines.join('\n')), 'FORMAT_INVALID');
        if (result !== null) expect(result.table.count).toBeGreaterThan(0);
      }),
      { numRuns: 300, seed: 1 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
        await mayFail(() => read(Buffer.from(bytes)), 'FORMAT_INVALID');
        await mayFail(() => read(Buffer.from([0x1f, 0x8b, ...bytes])), 'FORMAT_INVALID');
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
