import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WHOLE } from '../../../src/manager/collectors/collector.ts';
import { SnmpInterfaces } from '../../../src/manager/collectors/snmp/interfaces.ts';
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import { INITIAL_STATE } from '../../../src/manager/decision/state.ts';
import { Observer } from '../../../src/manager/observer.ts';
import { CounterTracker } from '../../../src/manager/telemetry/counter-tracker.ts';
import { RouteTable } from '../../../src/manager/telemetry/route-table.ts';
import { scaled } from '../../faults/scale.ts';
import { exhaustive, limitsOf, settingsOf, streamOf } from '../simulation.ts';
import { FakeAgent } from './snmp-agent.ts';

const DATAGRAM_COUNT = scaled(100_000);
/** Damaged answers to one request, before it is given up. */
const BURST = 100;
const TIMEOUT_MS = 60;

let agent: FakeAgent;
let tracker: CounterTracker;
let interfaces: SnmpInterfaces;

beforeEach(async () => {
  agent = await FakeAgent.start();
  tracker = new CounterTracker(['a'], 1e6);
  interfaces = new SnmpInterfaces([{ point: 'a', agent: '127.0.0.1', interface: 'up' }], tracker, {
    community: 'public',
    port: agent.port,
    timeoutMs: TIMEOUT_MS,
  });
});

afterEach(async () => {
  await interfaces[Symbol.asyncDispose]();
  await agent[Symbol.asyncDispose]();
});

/** What `expectReadsOn(1_000_000)` leaves behind. */
const LAST = { point: 'a', load: 1, sinceMs: 1_030_000, measuredAtMs: 1_060_000 };

/** Two honest samples, 30 s apart, 1 Mbit/s: the load is as told. */
async function expectReadsOn(fromMs: number): Promise<void> {
  agent.answer = (request) => agent.honest(request);
  agent.upTime = fromMs / 10;
  agent.octets = 0n;
  await interfaces.read(fromMs);
  for (const step of [1, 2]) {
    agent.octets += 3_750_000n;
    agent.upTime += 3_000;
    const [{ load, measuredAtMs }] = await interfaces.read(fromMs + step * 30_000);
    if (step === 2) expect([load, measuredAtMs]).toEqual([1, fromMs + 60_000]);
  }
}

it('an agent may have an address of IPv6', async () => {
  await using other = await FakeAgent.start('::1');
  other.upTime = 100_000;
  const options = { community: 'public', port: other.port, timeoutMs: 10 * TIMEOUT_MS };
  await using reader = new SnmpInterfaces([{ point: 'a', agent: '::1', interface: 'up' }], tracker, options);
  await reader.read(1_000_000);
  other.octets = 3_750_000n;
  other.upTime += 3_000;
  expect(await reader.read(1_030_000)).toMatchObject([{ load: 1, measuredAtMs: 1_030_000 }]);
});

describe('SnmpInterfaces', () => {
  it('reads the 64-bit counter of the interface of a name', async () => {
    agent.octets = 2n ** 64n - 1_000_000n;
    agent.upTime = 100_000;
    expect(await interfaces.read(1_000_000)).toEqual([{ point: 'a', load: null, sinceMs: null, measuredAtMs: null }]);
    agent.octets = 2_750_000n;
    agent.upTime += 3_000;
    expect(await interfaces.read(1_030_000)).toEqual([
      { point: 'a', load: 1, sinceMs: 1_000_000, measuredAtMs: 1_030_000 },
    ]);
  });

  it('has no news of an agent that is silent', async () => {
    agent.answer = () => null;
    expect(await interfaces.read(1)).toEqual([{ point: 'a', load: null, sinceMs: null, measuredAtMs: null }]);
    expect(interfaces.lostCount).toBe(0);
  });

  it('does not read the counter of an interface that has another name by now', async () => {
    await expectReadsOn(1_000_000);
    agent.name = 'down';
    agent.octets *= 2n;
    expect(await interfaces.read(2_000_000)).toEqual([LAST]);
    expect(interfaces.malformedCount).toBe(1);
    agent.name = 'up';
    await expectReadsOn(3_000_000);
  });

  it('replaces the thread that an answer has ended, counts it, and reads on', async () => {
    await expectReadsOn(1_000_000);
    agent.answer = (request) => agent.report(request);
    for (let n = 1; n <= 3; n++) {
      expect(await interfaces.read(2_000_000 + n)).toEqual([LAST]);
      expect(interfaces.lostCount).toBe(n);
    }
    await expectReadsOn(3_000_000);
    expect(interfaces.lostCount).toBe(3);
  });

  it('gives up an agent that walks for ever, and keeps what the others said', async () => {
    await using other = await FakeAgent.start('127.0.0.2', agent.port);
    const two = new CounterTracker(['a', 'b'], 1e6);
    await using both = new SnmpInterfaces(
      [
        { point: 'a', agent: '127.0.0.1', interface: 'up' },
        { point: 'b', agent: '127.0.0.2', interface: 'up' },
      ],
      two,
      { community: 'public', port: agent.port, timeoutMs: TIMEOUT_MS },
    );
    other.answer = (request) => other.endless(request);
    agent.upTime = 100_000;
    await both.read(1_000_000);
    agent.octets = 3_750_000n;
    agent.upTime += 3_000;
    const [a, b] = await both.read(1_030_000);
    expect([a.load, b.load]).toEqual([1, null]);
    expect(both.lostCount).toBe(2);
  });

  it(`bears ${DATAGRAM_COUNT} answers that are damaged, and reads on`, { timeout: 300_000 }, async () => {
    const random = streamOf(9);
    let damaged = 0;
    agent.answer = (request, from) => {
      for (let n = 0; n < BURST; n++, damaged++) agent.send(damage(agent.honest(request), random), from);
      return null;
    };
    for (let atMs = 1; damaged < DATAGRAM_COUNT; atMs++) {
      const [{ load }] = await interfaces.read(atMs);
      expect(load === null || Number.isFinite(load)).toBe(true);
    }
    expect(interfaces.malformedCount).toBeGreaterThan(0);
    await expectReadsOn(10_000_000);
  });
});

it('an answer that ends the thread freezes the manager, which then withdraws and goes on', async () => {
  const settings = settingsOf({ recoverTicks: 1, staleMs: 40_000 });
  const maker = new DecisionMaker(limitsOf([{ id: 'a', capacity: 2, price: 0 }], settings), settings, exhaustive);
  const nothing = { [Symbol.asyncDispose]: async () => {} };
  const routes = {
    table: new RouteTable(),
    installed: () => null,
    onLoss: () => {},
    onOwn: () => {},
    status: WHOLE,
    foreignCount: 0,
    lostCount: 0,
    rivals: [],
    refresh: async (at: number) => at,
  };
  let now = 0;
  const volumes = { take: async () => ({ records: [], reports: [] }), malformedCount: 0, foreignCount: 0 };
  const observer = new Observer(
    { routes: { ...routes, ...nothing }, volumes: Object.assign(volumes, nothing), interfaces },
    {
      points: ['a'],
      bitsPerUnit: 1e6,
      timeConstantMs: 0,
      samplingRates: [1],
      idleLoads: [1],
      mostLoads: [30],
      flowLagMs: 90_000,
      prefixCount: 1,
    },
  );
  const tick = async (): Promise<string> => {
    now += 30_000;
    agent.upTime += 3_000;
    // Little, so that counters and flows are not compared.
    agent.octets += 100_000n;
    const { state: next, decision } = await maker.decide(state, (await observer.observe(now, []))!);
    state = next;
    return decision.activity;
  };
  let state = INITIAL_STATE;
  expect([await tick(), await tick(), await tick()]).toEqual(['frozen', 'watching', 'watching']);
  agent.answer = (request) => agent.report(request);
  expect([await tick(), await tick(), await tick(), await tick()]).toEqual([
    'watching',
    'frozen',
    'frozen',
    'withdrawn',
  ]);
  expect(observer.counts).toMatchObject({ lostReads: 4 });
  agent.answer = (request) => agent.honest(request);
  expect([await tick(), await tick()]).toEqual(['watching', 'watching']);
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
