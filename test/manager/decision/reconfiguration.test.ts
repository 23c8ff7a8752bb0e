/** A process that takes over with another configuration, after a while, or by another clock. */
import { describe, expect, it } from 'vitest';
import { INITIAL_STATE } from '../../../src/manager/decision/state.ts';
import { TICK_MS } from '../simulation.ts';
import { Bench, changesOf, pointsOf, prefixesAt, withPrefix } from './bench.ts';

const ABC = pointsOf(['a', 'b', 'c']);
const network = prefixesAt('a', ['a', 'b', 'c'], [65, 20, 5]);

async function relieved(points = ABC, given = {}): Promise<Bench> {
  const bench = new Bench(points, given);
  await bench.ticks(3, network);
  expect(bench.state.overrides).toMatchObject([{ prefix: '10.0.1.0/24', from: 'a', to: 'b', phase: 'verified' }]);
  return bench;
}

describe('a point that is no more', () => {
  const away = prefixesAt('b', ['b', 'c'], [30, 20, 5]);

  it('takes the overrides to it with it', async () => {
    const bench = await relieved();
    bench.restart(pointsOf(['a', 'c']));
    const { changes } = await bench.tick(prefixesAt('a', ['a', 'c'], [30, 20, 5]));
    expect(changes).toMatchObject([{ action: 'withdraw', reason: 'route-gone', from: 'b' }]);
  });

  it('takes those from it with it too, where nothing tells where plain BGP sends them: no load would release them', async () => {
    const bench = await relieved();
    bench.restart(pointsOf(['b', 'c']));
    const { changes } = await bench.tick(away);
    expect(changes).toMatchObject([{ action: 'withdraw', reason: 'not-allowed', from: 'b', to: 'a' }]);
    expect(bench.state.overrides).toEqual([]);
  });

  it('leaves those that attributes tell the way of: they are released there', async () => {
    const bench = await relieved(ABC, { holdDownMs: 60_000 });
    bench.restart(pointsOf(['b', 'c']));
    const preferring = withPrefix('10.0.1.0/24', ({ learned }) => ({
      learned: learned.map((route) => ({ ...route, localPref: route.point === 'c' ? 200 : 100 })),
    }));
    const changes = changesOf(await bench.ticks(5, away, preferring));
    expect(changes).toMatchObject([{ action: 'release', reason: 'load-fell', from: 'b', to: 'c' }]);
  });
});

it('a capacity in another unit: nothing is expected by what was measured in the other', async () => {
  const bench = await relieved(pointsOf(['a', 'b', 'c'], 100), { mode: 'optimize' });
  const thousandth = network.map((one) => ({ ...one, volume: one.volume / 1000 }));
  bench.restart(pointsOf(['a', 'b', 'c'], 0.1), { recoverTicks: 2 });
  const decisions = await bench.ticks(3, thousandth);
  expect(decisions.map(({ activity, faults }) => [activity, faults])).toEqual([
    ['recovering', []],
    ['watching', []],
    ['watching', []],
  ]);
  expect(bench.state.overrides).toHaveLength(1);
  expect(Object.values(bench.state.traffic!.running!.sum.volumes)).toEqual([0.13, 0.04, 0.01]);
});

it('a watermark below the load: M of N is counted anew, then it is relieved', async () => {
  const bench = new Bench(ABC, { overTicks: 2, ofTicks: 3 });
  await bench.ticks(6, prefixesAt('a', ['a', 'b'], [40, 20]));
  bench.restart(ABC.map((point) => (point.id === 'a' ? { ...point, high: 0.5, low: 0.45 } : point)));
  const decisions = await bench.ticks(3, prefixesAt('a', ['a', 'b'], [40, 20]));
  expect(decisions.map(({ changes }) => changes.length)).toEqual([0, 1, 0]);
  expect(decisions[1].changes).toMatchObject([{ from: 'a', to: 'b', volume: 20 }]);
});

it('a narrower allow-list withdraws what it has no more, a smaller limit no more than it must', async () => {
  const bench = new Bench(ABC, { overTicks: 1 });
  await bench.ticks(3, prefixesAt('a', ['a', 'b', 'c'], [60, 12, 11, 11]));
  const before = bench.state.overrides.map(({ prefix }) => prefix);
  expect(before.length).toBeGreaterThan(1);
  bench.restart(ABC, { allow: ['2001:db8::/32', before[1]], maxOverrides: 1 });
  const { changes } = await bench.tick(prefixesAt('a', ['a', 'b', 'c'], [60, 12, 11, 11]));
  const rest = before.filter((_, k) => k !== 1);
  expect(changes.map(({ prefix, reason }) => [prefix, reason])).toEqual(rest.map((prefix) => [prefix, 'not-allowed']));
  expect(bench.state.overrides.map(({ prefix }) => prefix)).toEqual([before[1]]);
});

it('intervals of another length are learned anew', async () => {
  const given = { mode: 'optimize', classIntervalMs: 2 * TICK_MS, classPeriodMs: 16 * TICK_MS } as const;
  const bench = new Bench(ABC, given);
  await bench.ticks(16, prefixesAt('a', ['a', 'b'], [20, 10]));
  expect(Object.keys(bench.state.traffic!.intervals).length).toBeGreaterThan(6);
  bench.restart(ABC, { classIntervalMs: 8 * TICK_MS });
  await bench.ticks(17, prefixesAt('a', ['a', 'b'], [20, 10]));
  expect(Object.keys(bench.state.traffic!.intervals)).toEqual(['0', '1']);
});

describe('the clock', () => {
  it('after a long time nothing is expected of what was: a night is no collapse', async () => {
    const bench = new Bench(ABC, { leaseMs: 3 * TICK_MS });
    await bench.ticks(3, prefixesAt('a', ['a', 'b'], [50, 20]));
    bench.atMs += 10 * 3_600_000;
    const decisions = await bench.ticks(2, prefixesAt('a', ['a', 'b'], [1, 1]));
    expect(decisions.map(({ faults }) => faults)).toEqual([[], []]);
  });

  it('set back by years: releases are looked at, and plans made anew, in time', async () => {
    const bench = new Bench(ABC, {
      mode: 'optimize',
      classIntervalMs: 2 * TICK_MS,
      classPeriodMs: 4 * TICK_MS,
      withdrawAfterTicks: 2,
    });
    bench.atMs = 1e12;
    await bench.ticks(12, prefixesAt('a', ['a', 'b'], [20, 10]));
    expect(bench.state.traffic!.classes.some(({ plan }) => plan !== null)).toBe(true);
    const releasedAtMs = bench.atMs;
    bench.state = {
      ...bench.state,
      released: [{ prefix: '10.0.1.0/24', from: 'b', to: 'a', sinceMs: releasedAtMs, lateTicks: 0 }],
    };
    bench.atMs = 0;
    const decisions = await bench.ticks(2, prefixesAt('a', ['a', 'b'], [20, 10]));
    expect(decisions.map(({ activity }) => activity)).toEqual(['frozen', 'withdrawn']);
    const { released, traffic } = bench.state;
    expect(released?.map(({ sinceMs }) => sinceMs)).toEqual([bench.atMs]);
    for (const { plan } of traffic!.classes) expect(plan?.atMs ?? 0).toBeLessThanOrEqual(bench.atMs);
  });
});

it('a start has nothing to compare with', () => expect(INITIAL_STATE.limits).toEqual([]));
