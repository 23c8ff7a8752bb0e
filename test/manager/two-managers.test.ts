/** Two managers of one network, with one community, at one gobgpd: on paper but for gobgpd's interface. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gobgpAnnouncer } from '../../src/manager/announcer/gobgp-announcer.ts';
import { AuditLines } from '../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../src/manager/audit/replay.ts';
import { GobgpRoutes } from '../../src/manager/collectors/gobgp-routes.ts';
import { parseManagerConfig } from '../../src/manager/config.ts';
import { DecisionMaker } from '../../src/manager/decision/decide.ts';
import type { Decision } from '../../src/manager/decision/decision.ts';
import { INITIAL_STATE, type Override } from '../../src/manager/decision/state.ts';
import { GobgpClient } from '../../src/manager/gobgp/client.ts';
import { Manager } from '../../src/manager/manager.ts';
import { FakeGobgp } from './gobgp/fake-gobgp.ts';
import { IDS, LIMITS, Network, NO_SOLVER, SETTINGS } from './paper-network.ts';
import { exhaustive, observe, TICK_MS } from './simulation.ts';

const { prefixes: PREFIXES } = new Network();
const MOVED = PREFIXES[1].prefix;

let gobgp: FakeGobgp;
let now: number;
const opened: AsyncDisposable[] = [];

beforeEach(async () => {
  gobgp = await FakeGobgp.start();
  for (const { prefix } of PREFIXES) gobgp.update('10.0.0.1', prefix, '192.0.2.1');
  now = 0;
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
  await gobgp[Symbol.asyncDispose]();
});

class Side {
  readonly audit = new AuditLines();
  readonly manager: Manager;

  constructor(instance: number) {
    const text = {
      points: [{ id: 'a', capacity: 1 }],
      gobgp: { address: gobgp.address },
      pmacct: { file: 'x' },
      snmp: {},
    };
    const config = parseManagerConfig(JSON.stringify(text), 'config');
    const { community } = config.gobgp!;
    // Closed with the announcer.
    const client = new GobgpClient(gobgp.address);
    const announcer = gobgpAnnouncer(config, { instance, scope: 'own' }, () => true, client);
    const points = new Map([['192.0.2.1', 'b']]);
    const routes = new GobgpRoutes(client, { points, community, instance });
    opened.push(announcer, routes);
    this.manager = new Manager({
      observer: {
        routes: routes.status,
        async observe(atMs, changed) {
          // What the watch may have to say is said.
          await delay(20);
          await routes.refresh(atMs, changed);
          const { rivals } = routes;
          return { ...observe(atMs, IDS, PREFIXES, inForce()), ...(rivals.length > 0 && { rivals }) };
        },
        isLearned: () => true,
        onLoss: () => {},
        counts: {} as Manager['counts'],
      },
      maker: new DecisionMaker(LIMITS, SETTINGS, exhaustive),
      solver: NO_SOLVER,
      settings: SETTINGS,
      limits: LIMITS,
      audit: this.audit,
      announcer,
      pauseSwitch: { position: 'running' },
      isSimulated: false,
      state: INITIAL_STATE,
      save: () => {},
    });
  }

  async tick(): Promise<Decision> {
    now += TICK_MS;
    return (await this.manager.tick(now))!.decision;
  }
}

/** Whoever has put them in, to the point that has room. */
function inForce(): Override[] {
  return gobgp.own.map((prefix) => ({ prefix, to: 'b' }) as Override);
}

const tellsOf = (decision: Decision): string[] => decision.faults.map(({ kind, subject }) => `${subject} ${kind}`);

it('the one that comes second stands back, and takes over when the first has gone', async () => {
  const first = new Side(7);
  await first.tick();
  expect(gobgp.own).toEqual([MOVED]);

  const second = new Side(8);
  for (let t = 0; t < 5; t++) {
    expect(tellsOf(await second.tick())).toEqual([`manager 7 at ${MOVED} rival`]);
    expect(tellsOf(await first.tick())).toEqual([]);
    expect([gobgp.own, first.manager.state.overrides.length]).toEqual([[MOVED], 1]);
  }
  // Its end, and its kill switch, are of what is its own.
  await second.manager.withdrawAll(now);
  expect(gobgp.own).toEqual([MOVED]);
  second.manager.resume();

  await first.manager.stop(now);
  expect(gobgp.own).toEqual([]);
  for (let t = 0; t < 2; t++) await second.tick();
  expect([gobgp.own, second.manager.state.overrides]).toMatchObject([[MOVED], [{ prefix: MOVED, to: 'b' }]]);
  for (const { audit } of [first, second]) expect(await replayAudit(audit.lines)).toMatchObject({ differences: [] });
});

it('two that announce at once both go back to plain BGP, each by itself', async () => {
  const [first, second] = [new Side(7), new Side(8)];
  await Promise.all([first.tick(), second.tick()]);
  expect(gobgp.own).toEqual([MOVED, MOVED]);
  const told = [await first.tick(), await second.tick()];
  expect(told.map(tellsOf)).toEqual([[`manager 8 at ${MOVED} rival`], [`manager 7 at ${MOVED} rival`]]);
  for (let t = 0; t < 2; t++) {
    await first.tick();
    await second.tick();
  }
  expect(gobgp.own).toEqual([]);
});
