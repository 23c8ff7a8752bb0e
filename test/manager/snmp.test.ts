/** An agent that answers with what it likes. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SnmpInterfaces } from '../../src/manager/collectors/snmp.ts';
import { CounterTracker } from '../../src/manager/telemetry/counter-tracker.ts';
import { streamOf } from './simulation.ts';

const DATAGRAM_COUNT = 5_000;
/** BER tags, RFC 3416. */
const [SEQUENCE, INTEGER, OCTETS, OID, TICKS, COUNTER64, RESPONSE, END_OF_VIEW] = [
  0x30, 0x02, 0x04, 0x06, 0x43, 0x46, 0xa2, 0x82,
];
const NAME = [0x2b, 6, 1, 2, 1, 31, 1, 1, 1, 1, 7];
const COUNTER = [0x2b, 6, 1, 2, 1, 31, 1, 1, 1, 10, 7];
const UP_TIME = [0x2b, 6, 1, 2, 1, 1, 3, 0];

const tlv = (tag: number, ...content: readonly (Buffer | readonly number[])[]): Buffer => {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from(body.length < 128 ? [tag, body.length] : [tag, 0x81, body.length]), body]);
};
const varbind = (oid: readonly number[], value: Buffer): Buffer => tlv(SEQUENCE, tlv(OID, oid), value);

let agent: Socket;
let interfaces: SnmpInterfaces;
let tracker: CounterTracker;
let answer: (request: Buffer, from: RemoteInfo) => Buffer | null;
let octets = 0n;
let upTime = 0;

/** The interface "up" has index 7; a walk of its names ends behind it. */
function honest(request: Buffer): Buffer {
  const isGet = request.includes(Buffer.from([OID, COUNTER.length, ...COUNTER]));
  const isWalkStart = !isGet && !request.includes(Buffer.from([OID, NAME.length, ...NAME]));
  const counter = Buffer.alloc(9);
  counter.writeBigUInt64BE(octets, 1);
  const time = Buffer.alloc(5);
  time.writeUInt32BE(upTime, 1);
  const varbinds = isGet
    ? [varbind(UP_TIME, tlv(TICKS, time)), varbind(COUNTER, tlv(COUNTER64, counter))]
    : isWalkStart
      ? [varbind(NAME, tlv(OCTETS, Buffer.from('up')))]
      : [varbind([...NAME.slice(0, -1), 8], tlv(END_OF_VIEW))];
  // The request id stands behind version, community and the tag of the PDU.
  const pdu = request.indexOf(Buffer.from('public')) + 'public'.length;
  const id = request.subarray(pdu + 2, pdu + 4 + request[pdu + 3]);
  const zero = tlv(INTEGER, [0]);
  return tlv(
    SEQUENCE,
    tlv(INTEGER, [1]),
    tlv(OCTETS, Buffer.from('public')),
    tlv(RESPONSE, id, zero, zero, tlv(SEQUENCE, ...varbinds)),
  );
}

beforeEach(async () => {
  agent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(agent, 'listening');
  agent.on('message', (request, from) => {
    const text = answer(request, from);
    if (text !== null) agent.send(text, from.port, from.address);
  });
  tracker = new CounterTracker(['a'], 1e6);
  interfaces = new SnmpInterfaces([{ point: 'a', agent: '127.0.0.1', interface: 'up' }], tracker, {
    community: 'public',
    port: agent.address().port,
    timeoutMs: 60,
  });
});

afterEach(async () => {
  await interfaces[Symbol.asyncDispose]();
  agent.close();
});

describe('SnmpInterfaces', () => {
  it('reads the 64-bit counter of the interface of a name', async () => {
    answer = honest;
    octets = 2n ** 64n - 1_000_000n;
    upTime = 100_000;
    expect(await interfaces.read(1_000_000)).toEqual([{ point: 'a', load: null, measuredAtMs: null }]);
    octets = 2_750_000n;
    upTime += 3_000;
    expect(await interfaces.read(1_030_000)).toEqual([{ point: 'a', load: 1, measuredAtMs: 1_030_000 }]);
  });

  it('has no news of an agent that is silent', async () => {
    answer = () => null;
    expect(await interfaces.read(1)).toEqual([{ point: 'a', load: null, measuredAtMs: null }]);
  });

  it(`survives ${DATAGRAM_COUNT} answers that are damaged, and reads on`, async () => {
    const random = streamOf(9);
    let damaged = 0;
    answer = (request, from) => {
      for (let n = 0; n < 50; n++, damaged++) agent.send(damage(honest(request), random), from.port, from.address);
      return null;
    };
    for (let atMs = 1; damaged < DATAGRAM_COUNT; atMs++) {
      const [{ load }] = await interfaces.read(atMs);
      expect(load === null || Number.isFinite(load)).toBe(true);
    }
    answer = honest;
    octets = 0n;
    upTime = 1_000_000;
    await interfaces.read(10_000_000);
    octets = 3_750_000n;
    upTime += 3_000;
    await interfaces.read(10_030_000);
    octets = 7_500_000n;
    upTime += 3_000;
    expect(await interfaces.read(10_060_000)).toEqual([{ point: 'a', load: 1, measuredAtMs: 10_060_000 }]);
  });
});

function damage(answer: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * answer.length);
  const ways = [
    () => answer.subarray(0, at),
    () => Buffer.from(answer.map((byte, k) => (k === at ? Math.floor(random() * 256) : byte))),
    () => Buffer.concat([answer.subarray(0, at), answer.subarray(Math.min(answer.length, at + 3))]),
    () => Buffer.from(Array.from({ length: at }, () => Math.floor(random() * 256))),
  ];
  return ways[Math.floor(random() * ways.length)]();
}
