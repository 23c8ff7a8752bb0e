/**
 * The manager at the size of a full table with everything that it has around it: a real gobgpd with three iBGP sessions, routes
 * over the wire, gRPC, SNMP, a file of flow records, the audit log, overrides that reach the border routers.
 *
 *     node bench/manager-lab.ts [--json] [--prefixes 1000000] [--ticks 5] [--tick-ms 30000]
 *
 * Needs gobgpd (Debian), no root: all is on loopback. gobgpd and the network are processes of their own, so that memory and
 * processor time told of the manager are those of this process. With the whole table gobgpd takes some 12 GB for a while.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AnnouncedPath } from '../src/manager/announcer/announcer.ts';
import { gobgpAnnouncer } from '../src/manager/announcer/gobgp-announcer.ts';
import { type ManagerConfig, parseManagerConfig } from '../src/manager/config.ts';
import type { ManagedRun } from '../src/manager/managed-run.ts';
import type { TickResult } from '../src/manager/manager.ts';
import { openManager } from '../src/manager/open-manager.ts';
import { freePort } from '../test/free-port.ts';
import { asPathAt, nextHopAt, prefixAt } from './full-table.ts';
import { Gobgpd } from './manager-lab/gobgpd.ts';
import { type Answer, addressOf, INTERFACE, type Order, ROUTER_COUNT } from './manager-lab/messages.ts';
import { environment } from './measure.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    prefixes: { type: 'string', default: '1000000' },
    ticks: { type: 'string', default: '5' },
    'tick-ms': { type: 'string', default: '30000' },
  },
});
const prefixCount = Number(values.prefixes);
const tickCount = Number(values.ticks);
const tickMs = Number(values['tick-ms']);
const FEW_MEASURED = 3000;
const RECORDS_PER_SECOND = 20_000;
const OVERRIDE_COUNT = Math.min(prefixCount, 10_000);
const OVERRIDE_ROUNDS = 3;
const BITS_PER_SECOND = 1e11;
/** Of the capacity of the first border router's link, where all leaves by itself: there is something to do in every tick. */
const OVERLOAD = 1.2;
/** The first interval of flows is of an unknown time, and the second has none before it to be held against. */
const WARM_UP_TICKS = 2;

const figures: Record<string, number> = {};
const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1];
const nowMs = (): number => performance.timeOrigin + performance.now();
const timed = async (name: string, work: () => Promise<unknown>): Promise<void> => {
  const start = performance.now();
  await work();
  figures[name] = performance.now() - start;
  if (!values.json) process.stderr.write(`${name} ${Math.round(figures[name])}\n`);
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const folder = mkdtempSync(join(tmpdir(), 'egresso-manager-lab-'));
await using stack = new AsyncDisposableStack();
// Of an interrupt too.
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const [apiPort, bgpPort, snmpPort] = [await freePort(), await freePort(), await freePort()];
const flows = join(folder, 'flows.jsonl');
writeFileSync(flows, '');

const gobgpd = stack.use(await Gobgpd.start(folder, apiPort, bgpPort));
const network = stack.use(startNetwork());
await network.carryOut({ kind: 'connect', port: bgpPort, snmpPort });

await timed('learnMs', async () => {
  await network.carryOut({ kind: 'tell', prefixCount });
  await gobgpd.holds(ROUTER_COUNT * prefixCount);
});
figures.gobgpdLearnedMb = gobgpd.memory.now;

const config = configuration();
const run = stack.use(await openManager(config, { folder, files: files(), isAnnouncing: true }));
await timed('readMs', () => firstTick(run));
figures.wholeMs = figures.learnMs + figures.readMs;
figures.readRssMb = process.memoryUsage().rss / 1e6;
figures.gobgpdReadPeakMb = gobgpd.memory.peak;

await announceOverrides();
await measureTicks('few', { measuredCount: Math.min(prefixCount, FEW_MEASURED), recordsPerSecond: RECORDS_PER_SECOND });
const forAll = Math.max(RECORDS_PER_SECOND, (prefixCount * 1000) / tickMs);
await measureTicks('all', { measuredCount: prefixCount, recordsPerSecond: forAll });
figures.peakRssMb = (process.resourceUsage().maxRSS * 1024) / 1e6;
figures.gobgpdPeakMb = gobgpd.memory.peak;

const rounded = Object.entries(figures).map(([name, value]) => [name, Math.round(value * 100) / 100] as const);
process.stdout.write(
  values.json
    ? `${JSON.stringify({ environment: environment(), prefixCount, overrideCount: OVERRIDE_COUNT, ...Object.fromEntries(rounded) })}\n`
    : rounded.map(([name, value]) => `${name.padEnd(24)} ${value}\n`).join(''),
);

/** Ticks that find the table not whole are none. */
async function firstTick({ manager }: ManagedRun): Promise<void> {
  while ((await manager.tick(nowMs())) === null);
}

/** By the manager's own announcer, beside a manager that watches: until every border router has them, and until none has. */
async function announceOverrides(): Promise<void> {
  const { gobgp, decision } = config;
  if (gobgp === undefined) throw new Error('gobgp is not configured');
  const other = { ...config, gobgp: { ...gobgp, community: '64512:7041' } };
  const limited: ManagerConfig = { ...other, decision: { ...decision, maxOverrides: OVERRIDE_COUNT } };
  await using announcer = gobgpAnnouncer(limited, { instance: 1, scope: 'own' }, () => true);
  announcer.found([]);
  const rounds: Record<'acknowledged' | 'announced' | 'readBack' | 'withdrawn', number>[] = [];
  for (let round = 0; round < OVERRIDE_ROUNDS; round++) {
    const paths = Array.from({ length: OVERRIDE_COUNT }, (_, k) => overrideOf(k));
    const order = { atMs: nowMs(), isAdding: true };
    const start = performance.now();
    const since = (): number => performance.now() - start;
    const held = network.carryOut({ kind: 'hold', overrideCount: OVERRIDE_COUNT });
    await announcer.apply(paths, order);
    const acknowledged = since();
    await held;
    const announced = since();
    await announcer.apply(paths, order);
    const readBack = since() - announced;
    const withdrawStart = performance.now();
    const gone = network.carryOut({ kind: 'hold', overrideCount: 0 });
    await announcer.withdrawAll();
    await gone;
    rounds.push({ acknowledged, announced, readBack, withdrawn: performance.now() - withdrawStart });
  }
  if (announcer.failureCount > 0) throw new Error(`${announcer.failureCount} calls of the announcer failed`);
  for (const name of ['acknowledged', 'announced', 'readBack', 'withdrawn'] as const) {
    figures[`overrides.${name}Ms`] = median(rounds.map((round) => round[name]));
  }
}

function overrideOf(k: number): AnnouncedPath {
  const router = 1 + (k % (ROUTER_COUNT - 1));
  const route = { point: pointAt(router), nextHop: nextHopAt(router), asPath: asPathAt(k, router) };
  const leaseUntilMs = nowMs() + 600_000;
  return { ...route, prefix: prefixAt(k), origin: 'igp', med: null, communities: [], leaseUntilMs };
}

/** At the pace of the wall; processor time is that of all threads of this process, from tick to tick. */
async function measureTicks(
  name: string,
  traffic: { readonly measuredCount: number; readonly recordsPerSecond: number },
): Promise<void> {
  await network.carryOut({ kind: 'send', file: flows, bitsPerSecond: BITS_PER_SECOND, ...traffic });
  const times: number[] = [];
  let [moveCount, usedMs] = [0, 0];
  for (let tick = -WARM_UP_TICKS; tick < tickCount; tick++) {
    const used = process.cpuUsage();
    await delay(tickMs);
    const start = performance.now();
    const result = await run.manager.tick(nowMs());
    const elapsedMs = performance.now() - start;
    const { user, system } = process.cpuUsage(used);
    check(result, tick);
    if (tick < 0 || result === null) continue;
    times.push(elapsedMs);
    moveCount += result.decision.changes.length;
    usedMs += (user + system) / 1000;
    if (!values.json) {
      const { activity, changes } = result.decision;
      process.stderr.write(`${name} ${Math.round(elapsedMs)} ms, ${activity}, ${changes.length} changes\n`);
    }
  }
  figures[`${name}.measuredCount`] = traffic.measuredCount;
  figures[`${name}.recordsPerSecond`] = traffic.recordsPerSecond;
  figures[`${name}.tickMs`] = median(times);
  figures[`${name}.slowestTickMs`] = Math.max(...times);
  figures[`${name}.changeCount`] = moveCount;
  figures[`${name}.cores`] = usedMs / (tickCount * tickMs);
  figures[`${name}.rssMb`] = process.memoryUsage().rss / 1e6;
}

/** A tick that saw nothing would be a fast one. */
function check(result: TickResult | null, tick: number): void {
  if (result === null) throw new Error('the manager has not decided');
  const { decision, measured, telemetry } = result;
  const routeCounts = new Set(measured.prefixes.map(({ learned }) => learned.length));
  const isWhole = routeCounts.size === 1 && routeCounts.has(ROUTER_COUNT);
  const faults = JSON.stringify(decision.faults ?? []);
  if (tick < 0) return;
  if (measured.prefixes.length < Math.min(prefixCount, FEW_MEASURED) || !isWhole || decision.activity === 'frozen') {
    throw new Error(
      `${decision.activity}: ${measured.prefixes.length} prefixes, ${[...routeCounts]} routes, ${faults}`,
    );
  }
  const { malformedFlows, foreignFlows, foreignRoutes, unmatchedBytes, lostSolvers } = telemetry;
  const lost = malformedFlows + foreignFlows + foreignRoutes + unmatchedBytes + lostSolvers;
  if (lost > 0) throw new Error(`something was lost: ${JSON.stringify(telemetry)}`);
}

function configuration(): ManagerConfig {
  const points = Array.from({ length: ROUTER_COUNT }, (_, router) => ({
    id: pointAt(router),
    capacity: BITS_PER_SECOND / OVERLOAD / 1e6,
    nextHops: [nextHopAt(router)],
    exporter: addressOf(router),
    agent: addressOf(router),
    interface: INTERFACE,
  }));
  const decision = {
    overTicks: 1,
    ofTicks: 1,
    recoverTicks: 1,
    flowLagMs: tickMs,
    leaseMs: Math.max(180_000, 3 * tickMs),
    staleMs: Math.max(90_000, 3 * tickMs),
  };
  const gobgp = { address: gobgpd.address };
  const text = JSON.stringify({ tickMs, points, decision, gobgp, pmacct: { file: flows }, snmp: { port: snmpPort } });
  return parseManagerConfig(text, 'bench');
}

function files() {
  const names = ['audit', 'state', 'pause', 'lock', 'watchdog', 'instance'] as const;
  const [audit, state, pause, lock, watchdog, instance] = names.map((name) => join(folder, name));
  return { audit, state, pause, lock, watchdog, instance };
}

function pointAt(router: number): string {
  return `r${router + 1}:up`;
}

/** One order at a time. */
function startNetwork() {
  const child = fork(new URL('./manager-lab/network.ts', import.meta.url), { stdio: 'inherit' });
  const ended = once(child, 'exit').then(() => {
    throw new Error('the network has ended');
  });
  ended.catch(() => {});
  return {
    async carryOut(order: Order): Promise<void> {
      const done = once(child, 'message') as Promise<Answer[]>;
      child.send(order);
      await Promise.race([done, ended]);
    },
    [Symbol.dispose]: () => child.disconnect(),
  };
}
