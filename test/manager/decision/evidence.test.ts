/** What counts for and against a move while points are not believed, prefixes fall silent, or plain BGP changes its mind. */
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../src/manager/decision/decision.ts';
import { TICK_MS } from '../simulation.ts';
import { Bench, changesOf, pointsOf, prefixesAt, type See, withPoint, withPrefix } from './bench.ts';

const POINTS = pointsOf(['a', 'b', 'c', 'd']);
const GIVEN = { flowLagMs: TICK_MS, verifyTicks: 3, holdDownMs: 3_600_000 } as const;
const MOVED = '10.0.1.0/24';
const network = prefixesAt('a', ['a', 'b'], [65, 20, 5]);
const then =
  (...all: See[]): See =>
  (one) =>
    all.reduce((seen, see) => see(seen), one);

/** As it was before the move. */
const full = withPoint('a', () => ({ load: 90, flowVolume: 90, flowCheck: null }));
const empty = withPoint('b', () => ({ load: 0, flowVolume: 0, flowCheck: null }));

/** The move is made, and nothing of it was seen yet. */
async function moved(): Promise<Bench> {
  const bench = new Bench(POINTS, GIVEN);
  const [decision] = await bench.ticks(1, network);
  expect(decision.changes).toMatchObject([{ prefix: MOVED, from: 'a', to: 'b' }]);
  return bench;
}

describe('a point that is not believed', () => {
  /** By the records of `a` nothing has moved; routes are as they should be. */
  const staying = withPrefix(MOVED, () => ({
    volumes: [{ point: 'a', volume: 20, variance: 0, latest: 20 }],
    installed: 'b',
  }));
  const unmoved = then(staying, full, empty);
  const contradictory = withPoint('a', ({ load }) => ({
    flowCheck: { volume: 3 * (load ?? 0), variance: 0, least: load ?? 0, most: load ?? 0 },
  }));

  it('proves nothing by its flow records', async () => {
    const bench = await moved();
    const doubted = changesOf(await bench.ticks(8, network, then(unmoved, contradictory)));
    expect(doubted).toEqual([]);
    const believed = await moved();
    expect(changesOf(await believed.ticks(8, network, unmoved))[0]).toMatchObject({ reason: 'not-verified' });
  });

  it('proves nothing by its counters', async () => {
    const bench = await moved();
    // Loads are as expected, but those of `a` are told by somebody who contradicts himself.
    const unseen = withPrefix(MOVED, ({ volumes }) => ({ volumes: volumes.map((one) => ({ ...one, latest: 0 })) }));
    const old = withPoint('b', () => ({ flowsSinceMs: 0 }));
    await bench.ticks(1, network, then(unseen, old, contradictory));
    expect(bench.state.overrides).toMatchObject([{ phase: 'pending' }]);
    const sure = await moved();
    await sure.ticks(1, network, then(unseen, old));
    expect(sure.state.overrides).toMatchObject([{ phase: 'verified' }]);
  });

  it('that a move goes to keeps it, and the others are relieved meanwhile', async () => {
    const bench = await moved();
    const missing = withPoint('b', () => ({ load: null, sinceMs: null, measuredAtMs: null }));
    const more = [...network, ...prefixesAt('c', ['c', 'd'], [65, 25], 1)];
    const decisions = await bench.ticks(2, more, missing);
    expect(changesOf(decisions)).toMatchObject([{ from: 'c', to: 'd' }]);
    expect(bench.state.overrides).toMatchObject([{ prefix: MOVED, phase: 'pending' }, { to: 'd' }]);
    const [last] = await bench.ticks(1, more, missing);
    expect(last.changes).toMatchObject([{ prefix: MOVED, action: 'withdraw', reason: 'telemetry' }]);
  });
});

describe('a prefix that is moved', () => {
  const silent = withPrefix(MOVED, ({ volumes }) => ({
    // Averages take minutes to forget.
    volumes: volumes.map(({ volume, variance }) => ({ point: 'a', volume, variance, latest: 0 })),
  }));
  const less = withPoint('a', () => ({ load: 70, flowVolume: 70, flowCheck: null }));

  it('and sends no more holds up nothing, as soon as all records are of after it', async () => {
    const bench = await moved();
    const [first] = await bench.ticks(1, network, then(silent, less, empty));
    // What was to come to `b` and did not is no counter that hangs: it shows what it did before.
    expect(first.faults).toEqual([]);
    expect(bench.state.overrides).toMatchObject([{ phase: 'pending' }]);
    await bench.ticks(1, network, then(silent, less, empty));
    expect(bench.state.overrides).toMatchObject([{ phase: 'verified', pendingTicks: 0 }]);
  });

  it('and sends no more has not followed for that: what failed before counts on', async () => {
    const bench = await moved();
    const past = { ...bench.state.history[MOVED], failureCount: 2 };
    bench.state = { ...bench.state, history: { [MOVED]: past } };
    await bench.ticks(2, network, then(silent, less, empty));
    expect(bench.state).toMatchObject({ overrides: [{ phase: 'verified' }], history: { [MOVED]: past } });
  });

  it('and sends now and then, but not where it was moved to, is rolled back', async () => {
    const bench = await moved();
    const staying = withPrefix(MOVED, ({ volumes }) => ({
      volumes: volumes.map(({ volume, variance }) => ({ point: 'a', volume, variance, latest: volume })),
    }));
    const decisions: Decision[] = [];
    for (let burst = 0; burst < 4; burst++) {
      decisions.push(await bench.tick(network, then(staying, full, empty)));
      decisions.push(await bench.tick(network, then(silent, less, empty)));
    }
    expect(changesOf(decisions)[0]).toMatchObject({ prefix: MOVED, action: 'withdraw', reason: 'not-verified' });
  });

  it('and goes altogether takes its override with it, at once', async () => {
    const bench = await moved();
    const [{ changes }] = await bench.ticks(
      1,
      network.filter(({ prefix }) => prefix !== MOVED),
    );
    expect(changes).toMatchObject([{ prefix: MOVED, action: 'withdraw', reason: 'route-gone', volume: 0 }]);
  });
});

it('a release to where the override went is not told to be stuck', async () => {
  const bench = new Bench(POINTS, { ...GIVEN, holdDownMs: 0 });
  await bench.ticks(2, network);
  const held = bench.state.overrides;
  expect(held).toMatchObject([{ prefix: MOVED, from: 'a', to: 'b' }]);
  const preferring = withPrefix(MOVED, ({ learned }) => ({
    learned: learned.map((route) => ({ ...route, localPref: route.point === 'b' ? 200 : 100 })),
  }));
  const calm = network.map((one) => (one.prefix === MOVED ? { ...one, natural: 'b' } : one));
  const decisions = await bench.ticks(12, calm, preferring);
  expect(changesOf(decisions)).toMatchObject([{ action: 'release', from: 'b', to: 'b' }]);
  expect(decisions.flatMap(({ stuck = [] }) => stuck)).toEqual([]);
});

it('prefixes of both families are moved alike', async () => {
  const both = [
    { prefix: '10.0.0.0/24', natural: 'a', learned: ['a', 'b'], volume: 65 },
    { prefix: '2001:db8:1::/48', natural: 'a', learned: ['a', 'b'], volume: 24 },
    { prefix: '::/0', natural: 'a', learned: ['a', 'b'], volume: 8 },
    { prefix: '2001:db8:2::/47', natural: 'a', learned: ['a', 'b'], volume: 1 },
  ];
  const bench = new Bench(POINTS, { ...GIVEN, deny: ['2001:DB8:3::/48'] });
  const { changes } = await bench.tick(both);
  expect(changes.map(({ prefix }) => prefix)).toEqual(['2001:db8:1::/48']);
  expect(bench.state.overrides).toMatchObject([{ prefix: '2001:db8:1::/48', to: 'b' }]);
  const [next] = await bench.ticks(1, both);
  expect(next.points.map(({ load }) => load)).toEqual([74, 24, 0, 0]);
});
