/**
 * Program: records a day of a provider link that fills up, for `examples/replay.yaml`. Argument: the file to write.
 *
 * The traffic follows a day in 48 steps of six seconds each; timestamps, counters and flows are then stretched by 300, so that
 * a step is half an hour, and rates stay what they were.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Lab } from './lab.ts';
import { firstHost } from './network/address.ts';
import { Daemon } from './network/daemon.ts';
import type { LabTopology } from './network/topology.ts';
import { tableSample } from './table-sample.ts';
import type { TelemetrySample } from './telemetry/recording.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { threeRouters } from './three-routers.ts';

const STEPS = 48;
const STEP_MS = 6_000;
const STRETCH = 300;
const SPEED_MBPS = 10;
const PREFIX_COUNT = 40;
const PAYLOAD_BYTES = 1_000;
/** Packets a second at the lowest and at the highest hour: about 3 and 9.4 of 10 Mbit/s with headers. */
const [NIGHT, EVENING] = [360, 1_130];
const PORT = 9_009;

const sample = tableSample([6939, 293], PREFIX_COUNT);
const prefixes = sample.get(6939)!.map(({ prefix }) => prefix);
const announces = (asPath: number[], list = prefixes) => list.map((prefix) => ({ prefix, asPath, med: 0 }));
const topology: LabTopology = {
  ...threeRouters([
    { id: 'U2', asn: 6939, at: ['b2'], announces: announces([64700]) },
    { id: 'U3', asn: 293, at: ['b3'], announces: announces([64701, 64700]) },
    {
      id: 'U4',
      asn: 64610,
      at: ['b1'],
      announces: announces(
        [64702, 64701, 64700],
        prefixes.filter((_, k) => k % 2 === 0),
      ),
    },
  ]),
  controller: { id: 'ctl', at: 'b1' },
};
const POINTS: Readonly<Record<string, { readonly interface: string; readonly point: string }>> = {
  b1: { interface: 'to-U4', point: 'b1:to-U4' },
  b2: { interface: 'to-U2', point: 'b2:to-U2' },
  b3: { interface: 'to-U3', point: 'b3:to-U3' },
};

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('record-day: name the file to write');
await using lab = await Lab.start(topology);
await lab.converged();
const speeds = Object.fromEntries(Object.entries(POINTS).map(([id, one]) => [`${id}/${one.interface}`, SPEED_MBPS]));
{
  await using telemetry = await Telemetry.start(lab, speeds);
  const samples: TelemetrySample[] = [await telemetry.sample()];
  const start = performance.now();
  let sender: Daemon | null = null;
  for (let step = 1; step <= STEPS; step++) {
    const next = startSender(step);
    await sender?.stop();
    sender = next;
    await delay(Math.max(0, start + step * STEP_MS - performance.now()));
    samples.push(await telemetry.sample());
    process.stderr.write(`step ${step} of ${STEPS}\n`);
  }
  await sender?.stop();
  writeFileSync(file, gzipSync(recording(samples)));
}

/** A few prefixes carry most of the traffic: weights fall as 1/rank. */
function startSender(step: number): Daemon {
  const evening = (1 - Math.cos((2 * Math.PI * (step - 8)) / STEPS)) / 2;
  const rate = Math.round(NIGHT + (EVENING - NIGHT) * evening);
  const targets = prefixes.flatMap((prefix, k) =>
    Array.from({ length: Math.max(1, Math.round(24 / (k + 1))) }, () => `${prefix}=${firstHost(prefix)}`),
  );
  const script = join(import.meta.dirname, 'traffic', 'udp-sender.ts');
  const args = [script, String(rate), String(PAYLOAD_BYTES), firstHost('10.1.0.0/24'), String(PORT), ...targets];
  const namespace = lab.namespace('C1').name;
  return new Daemon(namespace, 'C1', join(lab.folder, `sender-${step}.log`), process.execPath, args);
}

function recording(samples: readonly TelemetrySample[]): string {
  const note = `Recorded in the lab of docs/lab.md: FRR and BIRD border routers, GoBGP, pmacct, snmpd; ${STEPS} steps of ${STEP_MS / 1000} s. Timestamps, octets, bytes and packets are stretched by ${STRETCH}; upTime is the time of the recording. Prefixes and the ASNs 6939 and 293 are from a RouteViews table, AS paths and traffic are made up.`;
  const destinations = new Set(prefixes.map(firstHost));
  const base = new Map(samples[0]!.counters.map((one) => [`${one.router}/${one.interface}`, one.outOctets]));
  const lines = samples.map(({ atMs, counters, flows, routes }, at) => ({
    atMs: atMs * STRETCH,
    ...(at === 0 && {
      routes: routes.flatMap(({ prefix, nextHop, asPath, origin, med, communities, peer }) =>
        POINTS[peer] === undefined || !prefixes.includes(prefix)
          ? []
          : [{ prefix, point: POINTS[peer].point, nextHop, asPath, origin, med, communities }],
      ),
    }),
    counters: counters.flatMap((one) => {
      const point = POINTS[one.router];
      if (point?.interface !== one.interface) return [];
      const octets = BigInt(one.outOctets - base.get(`${one.router}/${one.interface}`)!) * BigInt(STRETCH);
      return [{ point: point.point, octets: String(octets), upTime: Math.round((atMs * STRETCH) / 10) }];
    }),
    flows: flows
      .filter(({ router, destination }) => POINTS[router] !== undefined && destinations.has(destination))
      .map(({ router, destination, bytes, packets }) => ({
        point: POINTS[router]!.point,
        destination,
        bytes: bytes * STRETCH,
        packets: packets * STRETCH,
      })),
  }));
  const header = { format: 'egresso-recording', version: 1, note };
  return `${[header, ...lines].map((line) => JSON.stringify(line)).join('\n')}\n`;
}
