/** Telemetry that is not believed, of one point or for a time, and what stays in force. */
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../src/manager/decision/observation.ts';
import { TICK_MS } from '../simulation.ts';
import { Bench, changesOf, IDS, some } from './three-points.ts';

describe('a point whose telemetry is not believed, of three', () => {
  const network = [...some('a', ['a', 'b'], [50, 30, 10]), ...some('c', ['c', 'b'], [50])];
  const without =
    (id: string) =>
    (one: Observation): Observation => ({
      ...one,
      points: one.points.map((point) => (point.point === id ? { ...point, load: null, measuredAtMs: null } : point)),
    });

  it('leaves what does not touch it in force, and is no target', async () => {
    const bench = new Bench();
    await bench.ticks(3, network);
    const before = bench.state.overrides;
    expect(before).toMatchObject([{ from: 'a', to: 'b' }]);
    const decisions = await bench.ticks(10, network, without('c'));
    expect(decisions[0].faults).toMatchObject([{ kind: 'missing', subject: 'c' }]);
    expect(changesOf(decisions)).toEqual([]);
    // Leases, too.
    expect(bench.state.overrides[0].leaseUntilMs).toBe(bench.tick * TICK_MS + bench.settings.leaseMs);
    const fresh = new Bench();
    const loaded = [...some('a', IDS, [50, 30, 10]), ...some('b', ['b'], [80])];
    expect(changesOf(await fresh.ticks(4, loaded, without('c')))).toEqual([]);
    expect(changesOf(await fresh.ticks(2, loaded))).toMatchObject([{ to: 'c' }]);
  });

  it('loses what was moved to it, and is open again after sound ticks', async () => {
    const bench = new Bench({ recoverTicks: 2 });
    await bench.ticks(4, network);
    const decisions = await bench.ticks(3, network, without('b'));
    expect(decisions.map(({ changes }) => changes.length)).toEqual([0, 0, 1]);
    expect(decisions[2].changes).toMatchObject([{ action: 'withdraw', reason: 'telemetry', from: 'b' }]);
    // The prefix is held; another one goes as soon as the point is open.
    const later = await bench.ticks(3, network);
    expect(later.map(({ changes }) => changes.length)).toEqual([0, 1, 0]);
  });

  it('is one of all where it is half of them', async () => {
    const bench = new Bench();
    await bench.ticks(3, network);
    const [decision] = await bench.ticks(1, network, (one) => without('b')(without('c')(one)));
    expect(decision.activity).toBe('frozen');
  });
});

it('after a gap counts from the start: neither marks nor sound ticks of before it', async () => {
  const bench = new Bench({ overTicks: 2, ofTicks: 3, recoverTicks: 2, minimumGain: 0 });
  const calm = some('a', ['a', 'b'], [40, 30]);
  const full = some('a', ['a', 'b'], [60, 30]);
  await bench.ticks(3, calm);
  await bench.ticks(1, full);
  bench.tick += 100;
  const decisions = await bench.ticks(3, full);
  expect(decisions.map(({ activity }) => activity)).toEqual(['recovering', 'acting', 'watching']);
});

it('renews leases while it recovers', async () => {
  const bench = new Bench({ recoverTicks: 3, leaseMs: 3 * TICK_MS });
  const network = some('a', ['a', 'b'], [50, 30, 10]);
  await bench.ticks(4, network);
  expect(bench.state.overrides).toHaveLength(1);
  const decisions = await bench.ticks(1, network, (one) => ({ ...one, routesAtMs: null }));
  decisions.push(...(await bench.ticks(5, network)));
  expect(changesOf(decisions)).toEqual([]);
});
