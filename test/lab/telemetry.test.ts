import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Lab } from './lab.ts';
import { firstHost } from './network/address.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { describeLab } from './setup/describe-lab.ts';
import { tableSample } from './table-sample.ts';
import { outUtilization } from './telemetry/interface-counters.ts';
import { readRecording, type TelemetrySample, writeRecording } from './telemetry/recording.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { threeRouters } from './three-routers.ts';
import { ProbeTraffic } from './traffic/probe-traffic.ts';

/** Longer than a packet takes to be printed as part of a flow: it is exported, and printed, every second. */
const WINDOW_MS = 5_000;
/** Of a rate between two samples: each takes a while on a busy machine. */
const TOLERANCE = 0.25;
const WATERMARK = 0.7;
const SPEED_MBPS = 10;
const HEADERS_BYTES = 42; // Ethernet, IPv4, UDP
const LOAD = { packetsPerSecond: 1_000, payloadBytes: 1_000 };
const OFFERED = (LOAD.packetsPerSecond * (LOAD.payloadBytes + HEADERS_BYTES) * 8) / 1e6 / SPEED_MBPS;
const PROVIDERS = { U2: 6939, U3: 293 } as const;
const COMMUNITY = '64500:911';

const prefixes = tableSample([PROVIDERS.U2], 10)
  .get(PROVIDERS.U2)!
  .map(({ prefix }) => prefix);
const announces = prefixes.map((prefix) => ({ prefix, asPath: [64700], med: 7 }));
const topology: LabTopology = {
  ...threeRouters([
    { id: 'U2', asn: PROVIDERS.U2, at: ['b2'], announces },
    { id: 'U3', asn: PROVIDERS.U3, at: ['b3'], announces },
  ]),
  controller: { id: 'ctl', at: 'b1' },
};

describeLab('a provider link over its watermark', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start(topology);
    await lab.converged();
  }, 90_000);

  afterAll(() => lab?.stop());

  test('is seen by counters, flows and routes, relieved by injected paths, and recorded', async () => {
    await using telemetry = await Telemetry.start(lab, { 'b2/to-U2': SPEED_MBPS, 'b3/to-U3': SPEED_MBPS });
    await using traffic = await ProbeTraffic.start(lab, 'C1', prefixes, LOAD);
    await delay(WINDOW_MS);
    const first = await telemetry.sample();
    await delay(WINDOW_MS);
    const over = await telemetry.sample();
    expect(utilization(first, over, 'b2', 'to-U2')).toBeGreaterThan(WATERMARK);
    expect(utilization(first, over, 'b2', 'to-U2')).toBeLessThan((1 + TOLERANCE) * OFFERED);
    expect(utilization(first, over, 'b3', 'to-U3')).toBeLessThan(0.1);
    expect(flowShare(over, 'b2')).toBeGreaterThan(0.99);
    for (const prefix of prefixes) {
      const paths = over.routes.filter((route) => route.prefix === prefix);
      expect(paths.map(({ peer, nextHop }) => [peer, lab.wiring.owner.get(nextHop)]).sort()).toEqual([
        ['b2', 'U2'],
        ['b3', 'U3'],
      ]);
    }

    const moved = prefixes.slice(0, prefixes.length / 2);
    const nextHop = lab.node('b3').interfaces.find(({ peer }) => peer === 'U3')!.peerAddress;
    for (const prefix of moved) {
      await lab.controller.inject({
        prefix,
        nextHop,
        localPref: 1_000,
        asPath: [PROVIDERS.U3, 64700],
        community: COMMUNITY,
      });
    }
    const forwarded = async (next: string): Promise<boolean> => {
      const fib = await lab.fib('b1');
      return moved.every((prefix) => fib.get(prefix) === next);
    };
    await waitFor('overrides in the forwarding table', async () => ((await forwarded('b3')) ? true : undefined));
    for (const router of ['b2', 'b3']) {
      await waitFor(`overrides in ${router}`, async () => {
        const rib = await lab.router(router).rib();
        return moved.every((p) => rib.some((r) => r.best && r.prefix === p && r.localPref === 1_000)) || undefined;
      });
    }
    for (const router of [...lab.borderRouters, lab.controller]) {
      const [best, learned] = (await router.rib()).filter((route) => route.prefix === moved[0]);
      expect(best).toMatchObject({ best: true, origin: 'igp', localPref: 1_000, communities: [COMMUNITY] });
      expect(best!.asPath).toEqual([PROVIDERS.U3, 64700]);
      if (learned !== undefined) expect(learned).toMatchObject({ best: false, origin: 'igp', localPref: 100, med: 7 });
    }
    await delay(WINDOW_MS);
    const settled = await telemetry.sample();
    await delay(WINDOW_MS);
    const relieved = await telemetry.sample();
    for (const [router, name] of [
      ['b2', 'to-U2'],
      ['b3', 'to-U3'],
    ] as const) {
      expect(utilization(settled, relieved, router, name)).toBeLessThan(WATERMARK);
      expect(utilization(settled, relieved, router, name)).toBeGreaterThan((1 - TOLERANCE) * (OFFERED / 2));
      expect(flowShare(relieved, router)).toBeGreaterThan(0.3);
    }

    for (const prefix of moved) await lab.controller.withdraw(prefix);
    await waitFor('plain BGP', async () => ((await forwarded('b2')) ? true : undefined));
    const { sent, received, outlets } = await traffic.stop();
    expect(received).toBeGreaterThan(0.99 * sent);
    for (const prefix of prefixes) {
      expect([...outlets.get(prefix)!].sort()).toEqual(moved.includes(prefix) ? ['U2', 'U3'] : ['U2']);
    }

    const file = join(lab.folder, 'telemetry.jsonl.gz');
    writeRecording(file, telemetry.samples);
    expect(readRecording(file)).toEqual(telemetry.samples);
  }, 120_000);
});

function utilization(earlier: TelemetrySample, later: TelemetrySample, router: string, name: string): number {
  const of = ({ counters }: TelemetrySample) => counters.find((c) => c.router === router && c.interface === name)!;
  return outUtilization(of(earlier), of(later), later.atMs - earlier.atMs);
}

/** Share of the bytes toward the prefixes that left at a router. */
function flowShare({ flows }: TelemetrySample, router: string): number {
  const targets = new Set(prefixes.map(firstHost));
  const relevant = flows.filter(({ destination }) => targets.has(destination));
  const bytes = (list: typeof relevant): number => list.reduce((sum, flow) => sum + flow.bytes, 0);
  return bytes(relevant.filter((flow) => flow.router === router)) / bytes(relevant);
}
