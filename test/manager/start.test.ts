/** A manager that is started anew, over what a process before has announced, at a daemon whose table takes long to read. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gobgpAnnouncer, gobgpSpeaker } from '../../src/manager/announcer/gobgp-announcer.ts';
import { AuditLines } from '../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../src/manager/audit/replay.ts';
import { GobgpRoutes } from '../../src/manager/collectors/gobgp-routes.ts';
import { type ManagerConfig, parseManagerConfig } from '../../src/manager/config.ts';
import { DecisionMaker } from '../../src/manager/decision/decide.ts';
import { pointLimits } from '../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState } from '../../src/manager/decision/state.ts';
import { GobgpClient } from '../../src/manager/gobgp/client.ts';
import { Manager } from '../../src/manager/manager.ts';
import { Observer } from '../../src/manager/observer.ts';
import { FakeGobgp } from './gobgp/fake-gobgp.ts';
import { NO_SOLVER } from './paper-network.ts';
import { exhaustive, route, TICK_MS } from './simulation.ts';

const PREFIX = '20.0.0.0/24';
const OLD = '20.0.9.0/24';
const [A, B] = ['10.0.0.1', '10.0.0.2'];
const POINTS = ['a', 'b'];
const NEXT_HOPS = ['192.0.2.1', '192.0.2.2'];
const OWNER = { instance: 7, scope: 'own' } as const;
const PATIENT = { timeout: 10_000 };
const START_MS = 1_800_000_000_000;
const state: ManagerState = {
  ...INITIAL_STATE,
  tick: 7,
  atMs: START_MS - TICK_MS,
  soundTicks: 7,
  overrides: [
    {
      prefix: PREFIX,
      from: 'a',
      to: 'b',
      plain: 'a',
      reason: 'relieve',
      sinceMs: START_MS - TICK_MS,
      leaseUntilMs: START_MS + 2 * TICK_MS,
      phase: 'verified',
      pendingTicks: 0,
    },
  ],
};

let gobgp: FakeGobgp;
let client: GobgpClient;
let audit: AuditLines;
let resources: AsyncDisposableStack;
let saved: ManagerState[];
let release: () => void;

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  gobgp = resources.use(await FakeGobgp.start());
  client = resources.use(new GobgpClient(gobgp.address));
  audit = new AuditLines();
  saved = [];
  for (const k of [0, 1]) gobgp.update([A, B][k], PREFIX, NEXT_HOPS[k]);
  const config = configOf(gobgp.address);
  using before = gobgpSpeaker(config.gobgp!, OWNER);
  await before.announce([PREFIX, OLD].map((prefix) => ({ ...pathTo(1), prefix, leaseUntilMs: 0 })));
  gobgp.orders.length = 0;
  const holding = Promise.withResolvers<void>();
  gobgp.holding = holding.promise;
  release = holding.resolve;
});

afterEach(() => resources.disposeAsync());

function configOf(address: string): ManagerConfig {
  const points = POINTS.map((id, k) => ({ id, capacity: 1000, nextHops: [NEXT_HOPS[k]], exporter: `10.1.0.${k + 1}` }));
  const text = { tickMs: TICK_MS, points, gobgp: { address }, pmacct: { file: 'x' }, snmp: {} };
  return parseManagerConfig(JSON.stringify(text), 'test');
}

function pathTo(k: number) {
  return { ...route(POINTS[k]), nextHop: NEXT_HOPS[k], asPath: [] };
}

function startManager(): Manager {
  const config = configOf(gobgp.address);
  const { decision: settings } = config;
  const limits = pointLimits(config.points, settings);
  const byNextHop = new Map(NEXT_HOPS.map((nextHop, k) => [nextHop, POINTS[k]]));
  const { community } = config.gobgp!;
  const routes = resources.use(new GobgpRoutes(client, { points: byNextHop, community, instance: OWNER.instance }));
  const announcer = resources.use(gobgpAnnouncer(config, OWNER, () => true, client));
  routes.onOwn((prefixes) => announcer.found(prefixes));
  const nothing = { [Symbol.asyncDispose]: async () => {} };
  const volumes = { take: async () => ({ records: [], reports: [] }), malformedCount: 0, foreignCount: 0, ...nothing };
  const interfaces = {
    read: async (atMs: number) =>
      POINTS.map((point) => ({ point, load: 1, sinceMs: atMs - TICK_MS, measuredAtMs: atMs })),
    ...{ malformedCount: 0, rebootCount: 0, lateCount: 0, lostCount: 0 },
    ...nothing,
  };
  const observer = new Observer(
    { routes, volumes, interfaces },
    {
      points: POINTS,
      bitsPerUnit: 1e6,
      timeConstantMs: 60_000,
      samplingRates: [1, 1],
      idleLoads: [50, 50],
      mostLoads: [1500, 1500],
      flowLagMs: settings.flowLagMs,
      prefixCount: 10,
    },
  );
  return new Manager({
    ...{ observer, settings, limits, audit, announcer, state },
    maker: new DecisionMaker(limits, settings, exhaustive),
    solver: NO_SOLVER,
    pauseSwitch: { position: 'running' },
    isSimulated: false,
    save: (kept) => saved.push(kept),
  });
}

it('lets be what it finds until it has read the whole table, once for all, and carries on', {
  timeout: 20_000,
}, async () => {
  const manager = startManager();
  expect(await manager.tick(START_MS)).toBeNull();
  expect([gobgp.own, gobgp.orders, saved]).toEqual([[PREFIX, OLD], [], [state]]);
  release();
  const result = await manager.tick(START_MS + TICK_MS);
  expect(result?.decision).toMatchObject({ tick: 8, changes: [], overrideCount: 1 });
  // Of the process before, and in no state: it is seen in the same reading. One table of each family.
  expect([gobgp.own, gobgp.orders, gobgp.readingCount]).toEqual([[PREFIX], [`delete ${OLD}`], 2]);
  await manager.stop(START_MS + TICK_MS + 1);
  expect([gobgp.own, gobgp.readingCount]).toEqual([[], 2]);
  expect(await replayAudit(audit.lines)).toMatchObject({ tickCount: 2, differences: [] });
});

it('withdraws what it finds when its lease is over, table or not', { timeout: 20_000 }, async () => {
  const manager = startManager();
  const ticked = manager.tick(START_MS + 2 * TICK_MS);
  await expect.poll(() => gobgp.own, PATIENT).toEqual([OLD]);
  release();
  const result = await ticked;
  expect(result?.decision.changes).toMatchObject([{ prefix: PREFIX, action: 'withdraw', reason: 'lease-expired' }]);
  // The tick has not waited for all of it.
  await expect.poll(() => gobgp.own, PATIENT).toEqual([]);
});

it('ends while the table is read', { timeout: 20_000 }, async () => {
  const manager = startManager();
  const tick = manager.tick(START_MS);
  const stopped = manager.stop(START_MS + 1);
  await expect.poll(() => gobgp.own, PATIENT).toEqual([OLD]);
  await resources.disposeAsync();
  await expect(stopped).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(await tick).toBeNull();
});
