import { describe, expect, it } from 'vitest';
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import type { Decision } from '../../../src/manager/decision/decision.ts';
import type { Observation } from '../../../src/manager/decision/observation.ts';
import type { DecisionSettings } from '../../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState } from '../../../src/manager/decision/state.ts';
import { solverReallocator } from '../../../src/manager/solver/solver-reallocator.ts';
import { exhaustive, limitsOf, observe, type SimulatedPrefix, settingsOf, TICK_MS, withFlows } from '../simulation.ts';

const POINTS = [
  { id: 'a', capacity: 100, price: 0 },
  { id: 'b', capacity: 100, price: 0 },
];
const IDS = POINTS.map(({ id }) => id);
const prefixes = (volumes: readonly number[]): SimulatedPrefix[] =>
  volumes.map((volume, k) => ({ prefix: `10.0.${k}.0/24`, natural: 'a', learned: IDS, volume }));
const changesOf = (decisions: readonly Decision[]) => decisions.flatMap(({ changes }) => changes);

/** A controller and its network, tick by tick. */
class Bench {
  readonly settings: DecisionSettings;
  readonly maker: DecisionMaker;
  state: ManagerState = INITIAL_STATE;
  readonly decisions: Decision[] = [];

  constructor(given: Partial<DecisionSettings> = {}, reallocate = exhaustive) {
    this.settings = settingsOf({ recoverTicks: 1, ...given });
    this.maker = new DecisionMaker(limitsOf(POINTS, this.settings), this.settings, reallocate);
  }

  async ticks(
    count: number,
    network: readonly SimulatedPrefix[],
    change: (observation: Observation) => Observation = (one) => one,
    follows = true,
  ): Promise<Decision[]> {
    const done: Decision[] = [];
    for (let t = 0; t < count; t++) {
      const atMs = (this.decisions.length + 1) * TICK_MS;
      const seen = change(observe(atMs, IDS, network, this.state.overrides, () => follows));
      const { state, decision } = await this.maker.decide(this.state, seen);
      this.state = state;
      this.decisions.push(decision);
      done.push(decision);
    }
    return done;
  }
}

describe.each([
  ['exhaustive search', exhaustive],
  ['the optimizer', solverReallocator()],
])('a point over its watermark, with %s', (_, reallocate) => {
  it('is relieved after M of N ticks, by the least volume, aiming below the low watermark', async () => {
    const bench = new Bench({}, reallocate);
    const network = prefixes([50, 30, 10, 5]);
    const decisions = await bench.ticks(5, network);
    expect(decisions.map(({ changes }) => changes.length)).toEqual([0, 0, 1, 0, 0]);
    expect(decisions[2].changes).toEqual([
      { prefix: '10.0.1.0/24', action: 'move', from: 'a', to: 'b', volume: 30, reason: 'relieve' },
    ]);
    expect(decisions.map(({ activity }) => activity)).toEqual([
      'watching',
      'watching',
      'acting',
      'watching',
      'watching',
    ]);
    expect(bench.state.overrides).toMatchObject([{ from: 'a', to: 'b', phase: 'verified' }]);
    const [a, b] = decisions[4].points;
    expect([a.load, b.load]).toEqual([65, 30]);
  });

  it('is relieved in parts where `maxChanges` is small', async () => {
    const bench = new Bench({ maxChanges: 1, overTicks: 1, ofTicks: 1, minimumGain: 0 }, reallocate);
    const decisions = await bench.ticks(8, prefixes(Array.from({ length: 10 }, () => 10)));
    for (const { changes } of decisions) expect(changes.length).toBeLessThanOrEqual(1);
    // 85 are allowed, so that two of ten have to go.
    expect(changesOf(decisions).filter(({ action }) => action === 'move')).toHaveLength(2);
  });
});

describe('overrides', () => {
  const network = prefixes([50, 30, 10, 5]);

  it('are released when the point that they left has room again, not before the hold-down ends', async () => {
    const bench = new Bench();
    await bench.ticks(4, network);
    const calm = await bench.ticks(40, prefixes([20, 20, 5, 5]));
    expect(changesOf(calm)).toEqual([
      { prefix: '10.0.1.0/24', action: 'release', from: 'b', to: 'a', volume: 20, reason: 'load-fell' },
    ]);
    const released = calm.find(({ changes }) => changes.length > 0)!;
    expect(released.atMs - bench.decisions[2].atMs).toBeGreaterThanOrEqual(bench.settings.holdDownMs);
    expect(bench.state.overrides).toEqual([]);
  });

  it('are rolled back where nothing follows, and the prefix is left alone for twice as long', async () => {
    const bench = new Bench({ holdDownMs: 300_000 });
    const decisions = await bench.ticks(60, network, (one) => one, false);
    const moves = decisions.filter(({ changes }) =>
      changes.some(({ action, prefix }) => action === 'move' && prefix === '10.0.1.0/24'),
    );
    const rollbacks = changesOf(decisions).filter(({ reason }) => reason === 'not-verified');
    expect(rollbacks.length).toBeGreaterThanOrEqual(2);
    expect(moves[1].atMs - moves[0].atMs).toBeGreaterThanOrEqual(600_000);
  });

  it('end with the route that they rest on, at once', async () => {
    const bench = new Bench();
    await bench.ticks(4, network);
    const [decision] = await bench.ticks(
      1,
      network.map((one) => ({ ...one, learned: ['a'] })),
    );
    expect(decision.changes).toMatchObject([{ prefix: '10.0.1.0/24', action: 'withdraw', reason: 'route-gone' }]);
    expect(bench.state.overrides).toEqual([]);
  });

  it('are never more than `maxOverrides`, and never of prefixes that the lists exclude', async () => {
    const limited = new Bench({ maxOverrides: 1, minimumGain: 0 });
    await limited.ticks(40, prefixes([20, 20, 20, 20, 15]));
    expect(limited.state.overrides).toHaveLength(1);
    const denied = new Bench({ deny: ['10.0.1.0/24'], allow: ['10.0.0.0/22'] });
    await denied.ticks(5, network);
    expect(denied.state.overrides.map(({ prefix }) => prefix)).not.toContain('10.0.1.0/24');
    const elsewhere = new Bench({ allow: ['10.1.0.0/16'] });
    await elsewhere.ticks(5, network);
    expect(elsewhere.state.overrides).toEqual([]);
  });

  it('are withdrawn together on demand', async () => {
    const bench = new Bench();
    await bench.ticks(4, network);
    const seen = observe(200_000, IDS, network, bench.state.overrides);
    const { state, decision } = bench.maker.withdrawAll(bench.state, seen, 'operator');
    expect(decision.changes).toMatchObject([{ action: 'withdraw', reason: 'operator' }]);
    expect(state.overrides).toEqual([]);
  });
});

const scaled = (factor: number) => (one: Observation) => ({
  ...one,
  points: one.points.map((point) => ({ ...point, load: point.load! * factor })),
});

describe.each<[string, (one: Observation) => Observation]>([
  [
    'stale counters',
    (one) => ({ ...one, points: one.points.map((p) => ({ ...p, measuredAtMs: one.atMs - 100_000 })) }),
  ],
  ['stale flows', (one) => ({ ...one, points: one.points.map((p) => ({ ...p, flowsAtMs: one.atMs - 100_000 })) })],
  ['stale routes', (one) => ({ ...one, routesAtMs: null })],
  ['a clock ahead', (one) => ({ ...one, points: one.points.map((p) => ({ ...p, flowsAtMs: one.atMs + 1 })) })],
  ['a router that is missing', (one) => ({ ...one, points: one.points.slice(1) })],
  ['no answer', (one) => ({ ...one, points: one.points.map((p) => ({ ...p, load: null, measuredAtMs: null })) })],
  ['zeros', scaled(0)],
  ['counters times 1000', scaled(1000)],
  ['counters times 3', scaled(3)],
  ['flows that are gone', (one) => withFlows(one, 0)],
  ['all at zero', (one) => withFlows(scaled(0)(one), 0)],
  ['NaN', scaled(Number.NaN)],
  ['flows that come twice', (one) => withFlows(one, 2)],
  ['flows that come three times', (one) => withFlows(one, 3)],
  ['a tick from the past', (one) => ({ ...one, atMs: 1 })],
  ['a tick that comes again', (one) => ({ ...one, atMs: 7 * TICK_MS })],
])('telemetry: %s', (_, corrupt) => {
  it('changes nothing, then withdraws, and acts again only after sound ticks', async () => {
    const network = prefixes([50, 30, 10, 5]);
    const bench = new Bench({ recoverTicks: 3 });
    await bench.ticks(7, network);
    expect(bench.state.overrides).toHaveLength(1);
    const frozen = await bench.ticks(2, network, corrupt);
    expect(frozen.map(({ activity, changes }) => [activity, changes])).toEqual([
      ['frozen', []],
      ['frozen', []],
    ]);
    expect(frozen[0].faults.length).toBeGreaterThan(0);
    const [withdrawn] = await bench.ticks(1, network, corrupt);
    expect(withdrawn).toMatchObject({ activity: 'withdrawn', overrideCount: 0 });
    expect(withdrawn.changes).toMatchObject([{ action: 'withdraw', reason: 'telemetry' }]);
    const [first, second, third] = await bench.ticks(3, network);
    expect([first.activity, second.activity]).toEqual(['recovering', 'recovering']);
    // The prefix that was withdrawn is held down; another one may be moved.
    expect(third.changes.map(({ prefix }) => prefix)).not.toContain('10.0.1.0/24');
    expect(third.faults).toEqual([]);
  });
});

it('a limit that was lowered takes back what is above it', async () => {
  const bench = new Bench({ maxChanges: 10 });
  const network = prefixes([25, 25, 25, 25, 25]);
  await bench.ticks(7, network);
  expect(bench.state.overrides).toHaveLength(2);
  const lowered = settingsOf({ ...bench.settings, maxOverrides: 1 });
  const maker = new DecisionMaker(limitsOf(POINTS, lowered), lowered, exhaustive);
  const { state, decision } = await maker.decide(
    bench.state,
    observe(8 * TICK_MS, IDS, network, bench.state.overrides),
  );
  expect(state.overrides).toHaveLength(1);
  expect(decision.changes).toMatchObject([{ action: 'withdraw', reason: 'not-allowed' }]);
});

it('a clock that was set back is taken as it is, once nothing is left of the time before', async () => {
  const network = prefixes([50, 30, 10, 5]);
  const bench = new Bench({ recoverTicks: 2 });
  await bench.ticks(7, network);
  const [prefix] = bench.state.overrides.map((one) => one.prefix);
  const HOUR_MS = 3_600_000;
  const back = (one: Observation): Observation => {
    const atMs = one.atMs - HOUR_MS;
    const sinceMs = atMs - TICK_MS;
    const times = { sinceMs, measuredAtMs: atMs, flowsSinceMs: sinceMs, flowsAtMs: atMs };
    return { ...one, atMs, points: one.points.map((point) => ({ ...point, ...times })), routesAtMs: atMs };
  };
  const activities = (await bench.ticks(6, network, back)).map(({ activity }) => activity);
  expect(activities.slice(0, 4)).toEqual(['frozen', 'frozen', 'withdrawn', 'recovering']);
  expect(activities.slice(4)).not.toContain('frozen');
  // A hold-down ends in good time.
  const heldMs = bench.state.history[prefix].changedAtMs + bench.settings.holdDownMs - bench.state.atMs;
  expect(heldMs).toBeLessThanOrEqual(bench.settings.holdDownMs);
});

it('optimize moves to the cheaper point at intervals, within the watermarks', async () => {
  const bench = new Bench({ mode: 'optimize', changeCost: 0.1, maxChanges: 10 }, solverReallocator());
  const priced = [
    { id: 'a', capacity: 100, price: 5 },
    { id: 'b', capacity: 100, price: 1 },
  ];
  const maker = new DecisionMaker(limitsOf(priced, bench.settings), bench.settings, solverReallocator());
  const network = prefixes([40, 20, 10]);
  let state = INITIAL_STATE;
  const all: Decision[] = [];
  for (let t = 1; t <= 6; t++) {
    const decided = await maker.decide(state, observe(t * TICK_MS, IDS, network, state.overrides));
    state = decided.state;
    all.push(decided.decision);
  }
  expect(changesOf(all).map(({ prefix, to, reason }) => [prefix, to, reason])).toEqual([
    ['10.0.0.0/24', 'b', 'optimize'],
    ['10.0.1.0/24', 'b', 'optimize'],
    ['10.0.2.0/24', 'b', 'optimize'],
  ]);
});

describe('another manager', () => {
  const network = prefixes([50, 30, 10, 5]);
  const rivals = [{ prefix: '10.0.9.0/24', instance: 8 }];
  const contested = (one: Observation): Observation => ({ ...one, rivals });

  it('is named, freezes this one, and has the network to itself when it stays', async () => {
    const bench = new Bench();
    await bench.ticks(4, network);
    expect(bench.state.overrides).toHaveLength(1);
    const decisions = await bench.ticks(4, network, contested);
    for (const { faults } of decisions) {
      expect(faults).toEqual([{ kind: 'rival', subject: 'manager 8 at 10.0.9.0/24' }]);
    }
    expect(decisions.map(({ activity }) => activity)).toEqual(['frozen', 'frozen', 'withdrawn', 'withdrawn']);
    expect(changesOf(decisions)).toMatchObject([{ action: 'withdraw', reason: 'telemetry' }]);
  });

  it('that was here first is left alone: nothing is ever moved beside it', async () => {
    const decisions = await new Bench().ticks(20, network, contested);
    expect(changesOf(decisions)).toEqual([]);
  });

  it('that has gone is forgotten', async () => {
    const bench = new Bench();
    await bench.ticks(4, network, contested);
    const decisions = await bench.ticks(6, network);
    expect(changesOf(decisions)).toMatchObject([{ action: 'move' }]);
  });
});
