import { expect, it } from 'vitest';
import type { Recording } from '../../src/manager/collectors/recording.ts';
import { replayCollectors } from '../../src/manager/collectors/replay.ts';
import { Observer } from '../../src/manager/observer.ts';

const SECOND = 1000;
const route = (prefix: string, point: string) => ({ prefix, point, nextHop: '192.0.2.1', asPath: [64601] });
const flow = (destination: string, bytes: number) => ({ point: 'a', destination, bytes, packets: 1 });
const recording: Recording = {
  note: '',
  moments: [
    {
      atMs: 0,
      routes: [
        route('10.0.0.0/8', 'a'),
        route('10.1.0.0/16', 'a'),
        route('10.1.0.0/16', 'b'),
        route('10.2.0.0/16', 'a'),
      ],
      counters: [{ point: 'a', octets: '0', upTime: 0 }],
    },
    {
      atMs: SECOND,
      counters: [{ point: 'a', octets: '1000', upTime: 100 }],
      flows: [flow('10.1.2.3', 400), flow('10.9.9.9', 300), flow('10.2.0.1', 125), flow('192.0.2.77', 50)],
    },
    { atMs: 2 * SECOND, withdrawn: [{ prefix: '10.1.0.0/16', point: 'b' }], counters: [] },
  ],
};

it('joins flows by longest match, lists the largest and the overridden, and sums all', async () => {
  const observer = new Observer(replayCollectors(recording, ['a', 'b'], 1), {
    points: ['a', 'b'],
    bitsPerUnit: 1,
    timeConstantMs: 0,
    samplingRates: [1, 1],
    idleLoads: [0, 0],
    mostLoads: [10_000, 10_000],
    flowLagMs: SECOND,
    prefixCount: 1,
  });
  await observer.observe(0, []);
  const seen = (await observer.observe(SECOND, ['10.2.0.0/16', '10.99.0.0/16']))!;
  expect(seen.points).toEqual([
    {
      point: 'a',
      load: 8000,
      sinceMs: 0,
      measuredAtMs: SECOND,
      // Bytes to no prefix are in it too.
      flowVolume: 8 * (400 + 300 + 125 + 50),
      flowsSinceMs: 0,
      flowsAtMs: SECOND,
      // All that came may be of before, and twice as much may come.
      flowCheck: { volume: 7000, variance: 0, least: 0, most: 16_000 },
    },
    {
      point: 'b',
      load: null,
      sinceMs: null,
      measuredAtMs: null,
      flowVolume: 0,
      flowsSinceMs: 0,
      flowsAtMs: SECOND,
      flowCheck: null,
    },
  ]);
  expect(seen.prefixes.map(({ prefix, volumes }) => [prefix, volumes])).toEqual([
    ['10.1.0.0/16', [{ point: 'a', volume: 3200, variance: 0, latest: 3200 }]],
    ['10.2.0.0/16', [{ point: 'a', volume: 1000, variance: 0, latest: 1000 }]],
  ]);
  expect(seen.prefixes[0].learned.map(({ point }) => point)).toEqual(['a', 'b']);
  expect([seen.routesAtMs, observer.counts.unmatchedBytes]).toEqual([SECOND, 50]);
  const later = (await observer.observe(2 * SECOND, ['10.1.0.0/16']))!;
  expect(later.prefixes.map(({ learned }) => learned.map(({ point }) => point))).toEqual([['a']]);
  const isLearned = (point: string, nextHop: string): boolean => observer.isLearned('10.1.0.0/16', point, nextHop);
  expect([isLearned('a', '192.0.2.1'), isLearned('b', '192.0.2.1'), isLearned('a', '192.0.2.2')]).toEqual([
    true,
    false,
    false,
  ]);
});
