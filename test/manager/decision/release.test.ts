/** Overrides that go back, and where to. */
import { describe, expect, it } from 'vitest';
import type { LearnedRoute, Observation } from '../../../src/manager/decision/observation.ts';
import { plainPoint } from '../../../src/manager/decision/plain-choice.ts';
import { exhaustive, route } from '../simulation.ts';
import { Bench, changesOf, IDS, POINTS, some } from './three-points.ts';

it('releases what an optimization has moved, when nobody optimizes any more', async () => {
  const priced = POINTS.map((point, p) => ({ ...point, price: 5 - p }));
  const given = { changeCost: 0.1, holdDownMs: 0 };
  const optimizing = new Bench({ ...given, mode: 'optimize' }, exhaustive, priced);
  await optimizing.ticks(3, some('a', IDS, [10]));
  expect(optimizing.state.overrides).toMatchObject([{ reason: 'optimize' }]);
  const relieving = new Bench(given, exhaustive, priced);
  relieving.state = optimizing.state;
  relieving.tick = optimizing.tick;
  expect(changesOf(await relieving.ticks(2, some('a', IDS, [10])))).toMatchObject([{ action: 'release', to: 'a' }]);
});

describe('plain BGP that changes while an override stands', () => {
  /** Local-pref by point. */
  const preferring =
    (preferences: Readonly<Record<string, number>>) =>
    (one: Observation): Observation => ({
      ...one,
      prefixes: one.prefixes.map((reading) => ({
        ...reading,
        learned: reading.learned.map((route) => ({ ...route, localPref: preferences[route.point] })),
      })),
    });
  const away = some('a', IDS, [30]);

  it.each([
    ['has no room there', 60, []],
    ['has room there', 40, [{ action: 'release', from: 'b', to: 'c' }]],
  ])('is where a release goes: it %s', async (_, load, expected) => {
    const bench = new Bench({ holdDownMs: 60_000 });
    const rest = [...some('b', ['b'], [10]), ...some('c', ['c'], [load])];
    const full = [...away, { prefix: '10.9.0.0/24', natural: 'a', learned: ['a'], volume: 60 }, ...rest];
    await bench.ticks(3, full, preferring({ a: 200, b: 100, c: 100 }));
    expect(bench.state.overrides).toMatchObject([{ from: 'a', to: 'b' }]);
    const calm = [...away.map((one) => ({ ...one, natural: 'c' })), ...rest];
    expect(changesOf(await bench.ticks(8, calm, preferring({ a: 100, b: 100, c: 200 })))).toMatchObject(expected);
  });

  it('is told by local-pref, path, origin and MED, in this order, and by nothing where these tie', () => {
    const of = (point: string, more: Partial<LearnedRoute>): LearnedRoute => ({ ...route(point), ...more });
    const [long, short] = [
      [64601, 1, 2],
      [64601, 1],
    ];
    expect(plainPoint([of('a', { asPath: long, localPref: 200 }), of('b', { asPath: short })])).toBe('a');
    expect(plainPoint([of('a', { asPath: long }), of('b', { asPath: short, localPref: 100 })])).toBe('b');
    expect(plainPoint([of('a', { origin: 'incomplete' }), of('b', { med: 9 })])).toBe('b');
    expect(plainPoint([of('a', { med: 9 }), of('b', {})])).toBe('b');
    expect(plainPoint([of('a', { med: 9 }), of('b', { asPath: [64602] })])).toBe(null);
    expect(plainPoint([of('a', {}), of('b', {})])).toBe(null);
    expect(plainPoint([])).toBe(null);
  });
});
