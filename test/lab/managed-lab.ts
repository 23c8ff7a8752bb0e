/** A lab with `egresso run --announce` in the controller's namespace: two providers, the link to one over its watermark. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ReplayReport, replayAudit } from '../../src/manager/audit/replay.ts';
import type { Change, Decision } from '../../src/manager/decision/decision.ts';
import type { ManagerState } from '../../src/manager/decision/state.ts';
import { hasBeaten } from '../../src/manager/heartbeat.ts';
import type { IdleTick } from '../../src/manager/managed-run.ts';
import { Lab } from './lab.ts';
import { Daemon } from './network/daemon.ts';
import type { LabTopology } from './network/topology.ts';
import { waitFor } from './network/wait.ts';
import { GobgpRouter } from './router/gobgp-router.ts';
import { tableSample } from './table-sample.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { threeRouters } from './three-routers.ts';
import { ProbeTraffic } from './traffic/probe-traffic.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** Flows are printed every second. */
export const TICK_MS = 2_000;
/** A manager, and the routers, on a busy machine. */
const PATIENCE_MS = 120_000;
const FORWARDED_MS = 48_000;
const SPEED_MBPS = 10;
/** 8.3 Mbit/s with headers. */
const LOAD = { packetsPerSecond: 1_000, payloadBytes: 1_000 };
/** 3.3 Mbit/s: all of it fits below the low watermark of one link. */
const SMALL_LOAD = { ...LOAD, packetsPerSecond: 400 };
/** Beside the load, and next to nothing. */
const PROBES = { packetsPerSecond: 500, payloadBytes: 20, port: 9_010 };
const SETTLE_MS = 500;
const PROVIDERS = { U2: 6939, U3: 293 } as const;

export const prefixes = tableSample([PROVIDERS.U2], 10)
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

export class ManagedLab implements AsyncDisposable {
  readonly lab: Lab;
  #traffic: ProbeTraffic;
  #probeCount = 0;
  readonly #telemetry: Telemetry;
  readonly #config: string;
  readonly #data: string;
  #runCount = 0;

  /** Converged, with traffic, before any manager. */
  static async start(): Promise<ManagedLab> {
    const lab = await Lab.start(topology);
    try {
      await lab.converged();
      const telemetry = await Telemetry.start(lab, { 'b2/to-U2': SPEED_MBPS, 'b3/to-U3': SPEED_MBPS });
      const traffic = await ProbeTraffic.start(lab, 'C1', prefixes, LOAD);
      return new ManagedLab(lab, telemetry, traffic);
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  private constructor(lab: Lab, telemetry: Telemetry, traffic: ProbeTraffic) {
    this.lab = lab;
    this.#traffic = traffic;
    this.#telemetry = telemetry;
    this.#config = join(lab.folder, 'egresso.yaml');
    this.#data = join(lab.folder, 'manager');
    writeFileSync(this.#config, JSON.stringify(configOf(lab)));
  }

  /** Ends the pause that `withdraw` began. */
  resume(): void {
    rmSync(join(this.#data, 'paused'));
  }

  /** A run carries on where the one before left off. */
  start(command: 'run' | 'watchdog' | 'withdraw'): Run {
    const log = join(this.lab.folder, `${command}-${this.#runCount++}.log`);
    const args = [MAIN, command, this.#config, '--data', this.#data, ...(command === 'run' ? ['--announce'] : [])];
    return new Run(new Daemon(this.lab.namespace('ctl').name, command, log, process.execPath, args), log);
  }

  /** Prefixes with an override, as the manager keeps it for the next one. */
  get overridden(): string[] {
    const { state } = JSON.parse(readFileSync(join(this.#data, 'manager-state.json'), 'utf8')) as {
      state: ManagerState;
    };
    return state.overrides.map(({ prefix }) => prefix);
  }

  /** Whether a watchdog looks after the manager. */
  get isWatched(): boolean {
    return hasBeaten(join(this.#data, 'watchdog'), TICK_MS);
  }

  /** Every decision of every run so far, made again. */
  replay(): Promise<ReplayReport> {
    return replayAudit(readFileSync(join(this.#data, 'audit.jsonl'), 'utf8').trimEnd().split('\n'));
  }

  /** The load from now on. */
  async load(size: 'full' | 'small'): Promise<void> {
    await this.#traffic[Symbol.asyncDispose]();
    this.#traffic = await ProbeTraffic.start(this.lab, 'C1', prefixes, size === 'full' ? LOAD : SMALL_LOAD);
  }

  /** Milliseconds of traffic to some prefixes that were lost while something happened. */
  async lost(probed: readonly string[], happen: () => Promise<void>): Promise<number> {
    const probes = { ...PROBES, port: PROBES.port + this.#probeCount++ };
    await using traffic = await ProbeTraffic.start(this.lab, 'C1', probed, probes);
    await delay(SETTLE_MS);
    await happen();
    await delay(SETTLE_MS);
    const { sent, received } = await traffic.stop();
    return (1_000 * (sent - received)) / PROBES.packetsPerSecond;
  }

  /**
   * A border router ends and comes back, while packets go to some prefixes. `ms`: until b1 sends `then` by b3, and the others by b2;
   * `lostMs`: of packets lost, until all tables are whole again.
   */
  async reboot(
    id: string,
    probed: readonly string[],
    then: ReadonlySet<string>,
  ): Promise<{ readonly ms: number; readonly lostMs: number }> {
    let ms = 0;
    const lostMs = await this.lost(probed, async () => {
      await this.lab.router(id).stop();
      ms = await this.forwarded(then);
      await this.lab.router(id).start();
      await this.lab.converged();
    });
    return { ms, lostMs };
  }

  /** Waits until b1 sends exactly these prefixes by b3, and the others by b2. Milliseconds taken. */
  async forwarded(moved: ReadonlySet<string>, timeoutMs = FORWARDED_MS): Promise<number> {
    const start = performance.now();
    await waitFor(
      `${moved.size} prefixes by b3, the others by b2`,
      async () => {
        const fib = await this.lab.fib('b1');
        return prefixes.every((prefix) => fib.get(prefix) === (moved.has(prefix) ? 'b3' : 'b2')) || undefined;
      },
      timeoutMs,
    );
    return performance.now() - start;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#traffic[Symbol.asyncDispose]();
    await this.#telemetry[Symbol.asyncDispose]();
    await this.lab.stop();
  }
}

export class Run {
  readonly daemon: Daemon;
  readonly #log: string;

  constructor(daemon: Daemon, log: string) {
    this.daemon = daemon;
    this.#log = log;
  }

  get ticks(): Decision[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n');
    const complete = lines.filter((line) => line.startsWith('{') && line.endsWith('}'));
    const told = complete.map((line) => JSON.parse(line) as Decision | IdleTick);
    return told.filter((one) => 'tick' in one);
  }

  get changes(): Change[] {
    return this.ticks.flatMap(({ changes }) => changes);
  }

  /** The last tick, once it is as wanted. */
  async tick(what: string, isWanted: (last: Decision) => boolean, timeoutMs = PATIENCE_MS): Promise<Decision> {
    return waitFor(
      what,
      async () => {
        const last = this.ticks.at(-1);
        return last !== undefined && isWanted(last) ? last : undefined;
      },
      timeoutMs,
    ).catch((error: unknown) => {
      throw new Error(`${what}: the manager said ${readFileSync(this.#log, 'utf8').slice(-3_000)}`, { cause: error });
    });
  }

  /** Waits until it has overrides that were verified. */
  overridden(): Promise<Decision> {
    const isOverridden = ({ activity, overrideCount }: Decision): boolean =>
      activity === 'watching' && overrideCount > 0;
    return this.tick('overrides again', isOverridden);
  }

  /** Prefixes that have an override, once loads are below every watermark and nothing waits to be verified. */
  async relieved(): Promise<Set<string>> {
    const isRelieved = ({ activity, overrideCount, points }: Decision): boolean =>
      activity === 'watching' && overrideCount > 0 && points.every(({ load, high }) => load !== null && load <= high);
    await this.tick('the link to be relieved', isRelieved);
    const moved = new Set<string>();
    for (const { action, prefix } of this.changes) {
      if (action === 'move') moved.add(prefix);
      else moved.delete(prefix);
    }
    return moved;
  }
}

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
      withdrawAfterTicks: 5,
      verifyTicks: 12,
      settleMs: 1000,
      // Exported and printed every second, on a busy machine.
      flowLagMs: 4000,
      holdDownMs: 10 * TICK_MS,
      // A manager that is killed is back by then, with two samples of every counter, on a busy machine too.
      leaseMs: 30_000,
      staleMs: 5 * TICK_MS,
    },
  };
}
