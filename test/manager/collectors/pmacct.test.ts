/** Lines of pmacct, sound and damaged, and the prefixes that their destinations are joined to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PmacctParser } from '../../../src/manager/collectors/pmacct.ts';
import { RouteTable } from '../../../src/manager/telemetry/route-table.ts';
import { scaled } from '../../faults/scale.ts';
import { route, streamOf } from '../simulation.ts';
import { EXPORTERS, GOOD } from './pmacct-lines.ts';

const LINE_COUNT = scaled(100_000);

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
