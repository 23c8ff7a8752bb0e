/** Real packets of a known number, by each way that exporters tell of them, through the manager's own collector. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VolumeCollector } from '../../src/manager/collectors/collector.ts';
import { pmacctFile } from '../../src/manager/collectors/pmacct-file.ts';
import type { FlowRecord } from '../../src/manager/telemetry/flow-batch.ts';
import { PrefixIndex } from '../../src/manager/telemetry/prefix-index.ts';
import { VolumeEstimator } from '../../src/manager/telemetry/volume-estimator.ts';
import { Lab } from './lab.ts';
import { describeLab } from './setup/describe-lab.ts';
import type { FlowExport } from './telemetry/flow-export.ts';
import { FlowCollector } from './telemetry/flow-volume.ts';
import { ProbeTraffic } from './traffic/probe-traffic.ts';

const PREFIXES = ['198.51.100.0/25', '198.51.100.128/25', '203.0.113.0/24'];
/** pmacctd tells sFlow of a second at once: of 2,000 packets the socket of sfacctd holds a third. */
const LOAD = { packetsPerSecond: 500, payloadBytes: 1_000 };
/** IPv4 and UDP. sFlow tells the frame with its check sequence, which is 1.8 % more. */
const PACKET_BYTES = LOAD.payloadBytes + 28;
const TRAFFIC_MS = 9_000;
/** A flow is exported when it has lasted for a second or two, and printed a second later: on a busy machine, after more than three. */
const QUIET_MS = 5_000;
const QUIET_WITHIN_MS = 30_000;
/** Of the volume, where every packet is told. */
const TOLERANCE = 0.025;
/** Of sampling. */
const STANDARD_ERRORS = 4;
const ONE_OF = 5;
const FIRST_PORT = 2_100;

const ALL = { samplingRate: 1, isRenormalized: false } as const;
const RENORMALIZED = { samplingRate: ONE_OF, isRenormalized: true } as const;
const SAMPLED = { samplingRate: ONE_OF, isRenormalized: false } as const;
const EXPORTS: readonly (readonly [string, FlowExport])[] = [
  ['NetFlow v9 of all packets', { protocol: 'netflow-v9', ...ALL }],
  [`NetFlow v9 of one in ${ONE_OF}, renormalized by nfacctd`, { protocol: 'netflow-v9', ...RENORMALIZED }],
  [`NetFlow v9 of one in ${ONE_OF}, by samplingRate`, { protocol: 'netflow-v9', ...SAMPLED }],
  ['sFlow of all packets', { protocol: 'sflow', ...ALL }],
  [`sFlow of one in ${ONE_OF}, renormalized by sfacctd`, { protocol: 'sflow', ...RENORMALIZED }],
  [`sFlow of one in ${ONE_OF}, by samplingRate`, { protocol: 'sflow', ...SAMPLED }],
];

describeLab('the volume of each prefix is what was sent to it', () => {
  let lab: Lab;
  let collectors: readonly FlowCollector[];
  let records: readonly (readonly FlowRecord[])[];
  /** To each prefix. */
  let packetCount: number;

  beforeAll(async () => {
    lab = await Lab.start({
      asn: 64500,
      routers: [{ id: 'b1', kind: 'frr' }],
      links: [],
      neighbors: [
        { id: 'C1', asn: 64501, at: ['b1'], announces: [{ prefix: '10.1.0.0/24' }] },
        { id: 'U1', asn: 64601, at: ['b1'], announces: PREFIXES.map((prefix) => ({ prefix })) },
      ],
      controller: { id: 'ctl', at: 'b1' },
    });
    await lab.converged();
    collectors = EXPORTS.map(([, given], k) => new FlowCollector(lab, given, FIRST_PORT + k));
    const exporters = new Map([[lab.node('b1').loopback!, [{ point: 0, ifIndex: null }]]]);
    const sources = collectors.map(({ log }) => pmacctFile(log, exporters));
    await Promise.all(collectors.map((collector) => collector.ready()));
    await using traffic = await ProbeTraffic.start(lab, 'C1', PREFIXES, LOAD);
    await delay(TRAFFIC_MS);
    packetCount = (await traffic.stop()).received / PREFIXES.length;
    records = await Promise.all(sources.map(takeAll));
    expect(sources.map(({ malformedCount, foreignCount }) => malformedCount + foreignCount)).toEqual(
      EXPORTS.map(() => 0),
    );
    await Promise.all(sources.map((source) => source[Symbol.asyncDispose]()));
  }, 120_000);

  afterAll(async () => {
    await Promise.all((collectors ?? []).map((collector) => collector.stop()));
    await lab?.stop();
  });

  test.each(EXPORTS.map(([name, given], k) => ({ name, given, k })))('by $name', ({ name, given, k }) => {
    const { samplingRate, isRenormalized } = given;
    const index = indexOfPrefixes();
    const volumes = new VolumeEstimator(0, [isRenormalized ? 1 : samplingRate]);
    for (const { destination, length, bytes, packets } of records[k]!) {
      const prefix = index.match(destination, length);
      if (prefix >= 0) volumes.add(prefix, 0, bytes, packets);
    }
    const told = PREFIXES.map((_, prefix) => volumes.pending(prefix, 0).bits / 8 / (packetCount * PACKET_BYTES));
    // Each packet is told with probability 1/s: the variance of s times their number is (s − 1) × packets.
    const standardError = Math.sqrt((samplingRate - 1) / packetCount);
    const shares = told.map((share) => `${(100 * share).toFixed(1)} %`).join(', ');
    process.stderr.write(`${name}: ${shares} of the volume, standard error ${(100 * standardError).toFixed(1)} %\n`);
    for (const share of told) {
      expect(Math.abs(share - 1)).toBeLessThanOrEqual(TOLERANCE + STANDARD_ERRORS * standardError);
    }
  });
});

/** What a source tells until nothing of the prefixes has come for a while. BGP between the routers is told of as well, and goes on. */
async function takeAll(source: VolumeCollector): Promise<FlowRecord[]> {
  const index = indexOfPrefixes();
  const all: FlowRecord[] = [];
  const endsAt = performance.now() + QUIET_WITHIN_MS;
  let quietAt = performance.now() + QUIET_MS;
  while (performance.now() < Math.min(quietAt, endsAt)) {
    await delay(QUIET_MS / 10);
    const { records } = await source.take(0);
    if (records.some(({ destination, length }) => index.match(destination, length) >= 0)) {
      quietAt = performance.now() + QUIET_MS;
    }
    all.push(...records);
  }
  return all;
}

function indexOfPrefixes(): PrefixIndex {
  const index = new PrefixIndex();
  for (const prefix of PREFIXES) index.add(prefix);
  return index;
}
