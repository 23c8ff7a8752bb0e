import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Decision } from '../../src/manager/decision/decision.ts';
import { Lab } from './lab.ts';
import { Daemon } from './network/daemon.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { GobgpRouter } from './router/gobgp-router.ts';
import { describeLab } from './setup/describe-lab.ts';
import { tableSample } from './table-sample.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { ProbeTraffic } from './traffic/probe-traffic.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** Agents keep their answers for some seconds. */
const TICK_MS = 6_000;
const SPEED_MBPS = 10;
/** 8.3 Mbit/s with headers. */
const LOAD = { packetsPerSecond: 1_000, payloadBytes: 1_000 };
const PROVIDERS = { U2: 6939, U3: 293 } as const;

const link = (from: string, to: string, cost: number) => ({ from, to, cost, reverseCost: cost });
const prefixes = tableSample([PROVIDERS.U2], 10)
  .get(PROVIDERS.U2)!
  .map(({ prefix }) => prefix);
const announces = prefixes.map((prefix) => ({ prefix, asPath: [64700], med: 7 }));
const topology: LabTopology = {
  asn: 64500,
  routers: [
    { id: 'b1', kind: 'frr' },
    { id: 'b2', kind: 'bird' },
    { id: 'b3', kind: 'frr' },
  ],
  links: [link('b1', 'b2', 10), link('b1', 'b3', 20), link('b2', 'b3', 15)],
  neighbors: [
    { id: 'C1', asn: 64501, at: ['b1'], announces: [{ prefix: '10.1.0.0/24' }] },
    { id: 'U2', asn: PROVIDERS.U2, at: ['b2'], announces },
    { id: 'U3', asn: PROVIDERS.U3, at: ['b3'], announces },
  ],
  controller: { id: 'ctl', at: 'b1' },
};

describeLab('egresso run on a provider link over its watermark', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start(topology);
    await lab.converged();
  }, 120_000);

  afterAll(() => lab?.stop());

  test('relieves it, and leaves plain BGP behind when it is killed', async () => {
    await using _ = await Telemetry.start(lab, { 'b2/to-U2': SPEED_MBPS, 'b3/to-U3': SPEED_MBPS });
    await using traffic = await ProbeTraffic.start(lab, 'C1', prefixes, LOAD);
    const config = join(lab.folder, 'egresso.yaml');
    const data = join(lab.folder, 'manager');
    writeFileSync(config, JSON.stringify(configOf(lab)));
    const log = join(lab.folder, 'manager.log');
    const start = (command: string, name: string): Daemon => {
      const args = [MAIN, command, config, '--data', data, ...(command === 'run' ? ['--announce'] : [])];
      return new Daemon(lab.namespace('ctl').name, name, join(lab.folder, `${name}.log`), process.execPath, args);
    };
    const manager = start('run', 'manager');
    const ticks = (): Decision[] =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line) as Decision);
    const moved = await waitFor(
      'a move',
      async () => {
        const moves = ticks().flatMap(({ changes }) => changes.filter(({ action }) => action === 'move'));
        return moves.length > 0 ? moves : undefined;
      },
      20 * TICK_MS,
    );
    for (const { from, to, reason } of moved) expect([from, to, reason]).toEqual(['b2:to-U2', 'b3:to-U3', 'relieve']);
    const forwards = async (isMoved: (prefix: string) => boolean): Promise<true | undefined> => {
      const fib = await lab.fib('b1');
      return prefixes.every((prefix) => fib.get(prefix) === (isMoved(prefix) ? 'b3' : 'b2')) || undefined;
    };
    await waitFor('overrides in the forwarding table', () =>
      forwards((prefix) => moved.some((m) => m.prefix === prefix)),
    );

    const relieved = await waitFor(
      'the loads to follow',
      async () => {
        const last = ticks().at(-1)!;
        const isRelieved = last.points.every(({ load, high }) => load !== null && load <= high);
        return last.activity === 'watching' && last.overrideCount > 0 && isRelieved ? last : undefined;
      },
      10 * TICK_MS,
    );
    expect(relieved.points.map(({ load }) => load! > 0.5)).toEqual([true, true]);
    // Nothing that was moved had to be taken back.
    expect(ticks().flatMap(({ changes }) => changes.filter(({ action }) => action === 'withdraw'))).toEqual([]);

    const watchdog = start('watchdog', 'watchdog');
    manager.kill('SIGKILL');
    await waitFor('plain BGP', () => forwards(() => false), 8 * TICK_MS);
    await watchdog.stop();
    const { sent, received } = await traffic.stop();
    expect(received).toBeGreaterThan(0.98 * sent);
  }, 300_000);
});

function configOf(lab: Lab): object {
  const point = (router: string, peer: string) => ({
    id: `${router}:to-${peer}`,
    capacity: SPEED_MBPS,
    nextHops: [lab.node(router).interfaces.find((one) => one.peer === peer)!.peerAddress],
    exporter: lab.node(router).loopback,
    agent: lab.node(router).loopback,
    interface: `to-${peer}`,
  });
  return {
    unit: 'Mbit/s',
    tickMs: TICK_MS,
    timeConstantMs: 2 * TICK_MS,
    points: [point('b2', 'U2'), point('b3', 'U3')],
    gobgp: { address: `127.0.0.1:${GobgpRouter.apiPort}`, community: '64500:7040' },
    pmacct: { file: join(lab.folder, 'flows', 'nfacctd.log') },
    snmp: { community: 'lab' },
    decision: {
      high: 0.7,
      low: 0.6,
      overTicks: 2,
      ofTicks: 3,
      recoverTicks: 2,
      verifyTicks: 5,
      holdDownMs: 120_000,
      leaseMs: 5 * TICK_MS,
      staleMs: 3 * TICK_MS,
    },
  };
}
