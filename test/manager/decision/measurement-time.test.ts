/** What was measured when: nothing is decided by what is older than a change, or told twice, or of a point that has died. */
import { describe, expect, it } from 'vitest';
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import type { Decision } from '../../../src/manager/decision/decision.ts';
import type { Observation, PointReading } from '../../../src/manager/decision/observation.ts';
import type { DecisionSettings } from '../../../src/manager/decision/settings.ts';
import { INITIAL_STATE, type ManagerState } from '../../../src/manager/decision/state.ts';
import { exhaustive, limitsOf, observe, type SimulatedPrefix, settingsOf, TICK_MS, withFlows } from '../simulation.ts';

const IDS = ['a', 'b', 'c'];
const at = (natural: string, volumes: readonly number[], learned = IDS): SimulatedPrefix[] =>
  volumes.map((volume, k) => ({ prefix: `10.${IDS.indexOf(natural)}.${k}.0/24`, natural, learned, volume }));
const changesOf = (decisions: readonly Decision[]) => decisions.flatMap(({ changes }) => changes);

/** What is measured, and what is really there. */
class Bench {
  readonly #maker: DecisionMaker;
  state: ManagerState = INITIAL_STATE;
  readonly decisions: Decision[] = [];
  readonly observations: Observation[] = [];
  /** Of the last tick, before its changes. */
  loads: readonly (number | null)[] = [];
  highest = 0;

  constructor(given: Partial<DecisionSettings> = {}) {
    const settings = settingsOf({ recoverTicks: 1, ...given });
    const points = IDS.map((id) => ({ id, capacity: 100, price: 0 }));
    this.#maker = new DecisionMaker(limitsOf(points, settings), settings, exhaustive);
  }

  async tick(network: readonly SimulatedPrefix[], see: (one: Observation) => Observation = (one) => one) {
    const real = observe((this.decisions.length + 1) * TICK_MS, IDS, network, this.state.overrides);
    this.loads = real.points.map(({ load }) => load);
    const seen = see(real);
    this.observations.push(seen);
    const { state, decision } = await this.#maker.decide(this.state, seen);
    this.state = state;
    this.decisions.push(decision);
    const after = observe(real.atMs, IDS, network, state.overrides);
    this.highest = Math.max(...after.points.map(({ load }) => load!));
    return decision;
  }

  /** Counters that nobody answered for: those of the tick before. */
  readonly repeated = (one: Observation): Observation => {
    const before = this.observations.at(-1)!.points;
    const points = one.points.map((point, p) => {
      const { load, sinceMs, measuredAtMs } = before[p];
      return { ...point, load, sinceMs, measuredAtMs };
    });
    return { ...one, points };
  };
}

const only = (id: string, change: (point: PointReading) => Partial<PointReading>) => (one: Observation) => ({
  ...one,
  points: one.points.map((point) => (point.point === id ? { ...point, ...change(point) } : point)),
});

describe('after a change', () => {
  const network = [...at('a', [32, 31, 32]), ...at('b', [40], ['b']), ...at('c', [70], ['c'])];

  it('nothing is moved by counters of before it, though routes and flows show that it was followed', async () => {
    const bench = new Bench();
    for (let tick = 1; tick <= 3; tick++) await bench.tick(network);
    expect(changesOf(bench.decisions)).toHaveLength(1);
    const next = await bench.tick(network, bench.repeated);
    expect([next.activity, next.changes, bench.highest]).toEqual(['verifying', [], 71]);
    const later = [await bench.tick(network, bench.repeated), await bench.tick(network), await bench.tick(network)];
    expect(later.map(({ activity }) => activity)).toEqual(['verifying', 'watching', 'watching']);
    expect(changesOf(later)).toEqual([]);
  });

  it('nor by an interval that it falls into', async () => {
    const bench = new Bench({ settleMs: 5000 });
    for (let tick = 1; tick <= 6; tick++) await bench.tick(network);
    expect(bench.decisions.map(({ activity }) => activity).slice(2)).toEqual([
      'acting',
      'verifying',
      'watching',
      'watching',
    ]);
  });

  it('of any kind: a withdrawal too', async () => {
    const bench = new Bench({ overTicks: 1, ofTicks: 1 });
    await bench.tick(network);
    const [{ prefix }] = bench.state.overrides;
    const gone = network.map((one) => (one.prefix === prefix ? { ...one, learned: ['a'] } : one));
    expect((await bench.tick(gone)).changes).toMatchObject([{ action: 'withdraw', reason: 'route-gone' }]);
    // The loads are still those that the override had made.
    expect(await bench.tick(gone, bench.repeated)).toMatchObject({ activity: 'verifying', changes: [] });
    expect(await bench.tick(gone)).toMatchObject({ activity: 'acting' });
  });

  it('what was moved is expected where it went: a point that was idle is not believed to have died, or to lie', async () => {
    const bench = new Bench({ holdDownMs: 2 * TICK_MS });
    const calm = [...at('a', [20, 15, 20]), ...at('b', [40], ['b']), ...at('c', [], [])];
    // Flows of what was moved come three ticks late.
    const late = (one: Observation): Observation => only('c', () => ({ flowVolume: 0, flowCheck: null }))(one);
    for (let tick = 1; tick <= 6; tick++) await bench.tick([...at('a', [32, 31, 32]), ...at('b', [80], ['b'])], late);
    expect(bench.decisions.flatMap(({ faults }) => faults)).toEqual([]);
    expect(bench.state.overrides).toMatchObject([{ to: 'c' }]);
    for (let tick = 1; tick <= 10; tick++) await bench.tick(calm);
    expect(bench.decisions.flatMap(({ faults }) => faults)).toEqual([]);
    expect(bench.state.overrides).toEqual([]);
  });
});

it('a point that only had what was released is empty, whatever else falls at that time', async () => {
  const bench = new Bench({ holdDownMs: 2 * TICK_MS });
  for (let tick = 1; tick <= 6; tick++) await bench.tick([...at('a', [32, 31, 32]), ...at('b', [80], ['b'])]);
  for (let tick = 1; tick <= 20; tick++) {
    const isReleased = bench.decisions.at(-1)!.changes.length > 0;
    await bench.tick([...at('a', isReleased ? [8, 15, 8] : [20, 15, 20]), ...at('b', [80], ['b'])]);
    if (isReleased) break;
  }
  expect(changesOf(bench.decisions).map(({ action }) => action)).toEqual(['move', 'release']);
  expect(bench.decisions.flatMap(({ faults }) => faults)).toEqual([]);
});

describe('M of N', () => {
  it('counts a sample once, however often it is told', async () => {
    const bench = new Bench();
    const calm = at('a', [20, 20, 20]);
    for (let tick = 1; tick <= 4; tick++) await bench.tick(calm);
    await bench.tick(at('a', [30, 30, 28]));
    await bench.tick(calm, bench.repeated);
    await bench.tick(calm, bench.repeated);
    expect(bench.state.windows.a).toEqual([0, 0, 0, 0, 1]);
    expect(changesOf(bench.decisions)).toEqual([]);
  });
});

describe('a point whose telemetry dies', () => {
  const network = [...at('a', [30, 30, 30], ['a', 'b']), ...at('b', [60], ['b']), ...at('c', [60], ['c'])];

  it('is no empty target: its counter hangs, its exporter is gone', async () => {
    const bench = new Bench();
    await bench.tick(network);
    for (let tick = 2; tick <= 40; tick++) {
      const melted = Math.exp(-tick / 2);
      const dead = only('b', ({ flowVolume }) => ({ load: 0, flowVolume: melted * flowVolume, flowCheck: null }));
      expect(await bench.tick(network, dead)).toMatchObject({ faults: [{ kind: 'collapsed', subject: 'b' }] });
    }
    expect(changesOf(bench.decisions)).toEqual([]);
    // It shows traffic again.
    for (let tick = 1; tick <= 5; tick++) await bench.tick(network);
    expect(bench.decisions.at(-1)!.faults).toEqual([]);
  });

  it('is one that traffic has left where it turns up elsewhere, or where its routes are gone', async () => {
    const bench = new Bench();
    await bench.tick(network);
    const moved = network.map((one) => (one.natural === 'b' ? { ...one, natural: 'c', learned: ['b', 'c'] } : one));
    expect((await bench.tick(moved)).faults).toEqual([]);
    const other = new Bench();
    await other.tick(network);
    const gone = network
      .filter(({ natural }) => natural !== 'b')
      .map((one) => ({ ...one, learned: one.learned.filter((point) => point !== 'b') }));
    expect((await other.tick(gone)).faults).toEqual([]);
  });

  it('may have three times as little as before', async () => {
    const bench = new Bench();
    const calm = [...at('a', [30]), ...at('b', [3], ['b'])];
    for (let tick = 1; tick <= 3; tick++) await bench.tick(calm);
    const more = [...at('a', [30]), ...at('b', [10], ['b'])];
    expect(
      (
        await bench.tick(
          more,
          only('b', () => ({ flowVolume: 3, flowCheck: null })),
        )
      ).faults,
    ).toEqual([]);
  });

  it.each<[string, string, (one: Observation) => Observation]>([
    ['counter times 2.3', 'contradictory', only('b', ({ load }) => ({ load: (load ?? 0) * 2.3 }))],
    ['counter at a third', 'contradictory', only('b', ({ load }) => ({ load: (load ?? 0) / 3 }))],
    ['counter at 0', 'collapsed', only('b', () => ({ load: 0 }))],
    ['flows that are stale', 'stale', only('b', () => ({ flowsAtMs: 0 }))],
    ['flows that never came', 'missing', only('b', () => ({ flowsAtMs: null }))],
    ['flows of more than it carries', 'impossible', only('b', () => ({ impossibleVolume: 1e9 }))],
    [
      'flows that come twice',
      'contradictory',
      only('b', ({ flowCheck }) => ({ flowCheck: { ...flowCheck!, volume: 2 * flowCheck!.volume } })),
    ],
    [
      'flows of which 60 % are lost',
      'contradictory',
      only('b', ({ flowCheck }) => ({ flowCheck: { ...flowCheck!, volume: 0.4 * flowCheck!.volume } })),
    ],
  ])('at one point: %s', async (_, kind, corrupt) => {
    const bench = new Bench({ overTicks: 1, ofTicks: 1, high: 0.95 });
    for (let tick = 1; tick <= 3; tick++) await bench.tick(network);
    const over = network.map((one) => (one.natural === 'a' ? { ...one, volume: 33 } : one));
    const decision = await bench.tick(over, corrupt);
    expect([decision.faults, decision.changes]).toEqual([[{ kind, subject: 'b' }], []]);
    // The same without the fault.
    const sound = new Bench({ overTicks: 1, ofTicks: 1, high: 0.95 });
    for (let tick = 1; tick <= 3; tick++) await sound.tick(network);
    expect((await sound.tick(over)).changes).toHaveLength(1);
  });
});

it('all that is known of falls to nothing: that concerns all points, though of one nothing was known before', async () => {
  const bench = new Bench();
  const network = [...at('a', [30, 30]), ...at('b', [60], ['b'])];
  const unread = only('b', () => ({ load: null, sinceMs: null, measuredAtMs: null }));
  const empty = (one: Observation) => ({ ...one, points: one.points.map((point) => ({ ...point, load: 0 })) });
  await bench.tick(network);
  expect(await bench.tick(network, unread)).toMatchObject({ faults: [{ kind: 'missing', subject: 'b' }] });
  const decision = await bench.tick(network, empty);
  expect([decision.activity, decision.faults]).toEqual([
    'frozen',
    [
      { kind: 'collapsed', subject: 'a' },
      { kind: 'collapsed', subject: 'all points' },
    ],
  ]);
});

it('flows that come twice at all points are a contradiction', async () => {
  const bench = new Bench();
  const network = at('a', [30, 30, 20, 10]);
  for (let tick = 1; tick <= 4; tick++) {
    const decision = await bench.tick(network, (one) => withFlows(one, 2));
    expect(decision.faults).toEqual([{ kind: 'contradictory', subject: 'a' }]);
  }
});

it('a deficit of flow records is not taken for room: what they tell of counts for as much as was counted', async () => {
  const bench = new Bench({ overTicks: 1, ofTicks: 1 });
  const network = [
    ...at(
      'a',
      Array.from({ length: 12 }, () => 8),
    ),
    ...at('b', [55], ['b']),
    ...at('c', [75], ['c']),
  ];
  const decision = await bench.tick(network, (one) => withFlows(one, 0.61));
  expect(decision.changes.length).toBeGreaterThan(0);
  // The low watermark, to which targets are filled, by true volumes.
  expect(observe(0, IDS, network, bench.state.overrides).points[1].load).toBeLessThanOrEqual(75);
});
