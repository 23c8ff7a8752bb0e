import { describe, expect, it } from 'vitest';
import { CounterTracker } from '../../../src/manager/telemetry/counter-tracker.ts';

describe('CounterTracker', () => {
  it('has no load before two samples, and none across a restart', () => {
    const tracker = new CounterTracker(['a'], 1e6);
    const load = () => tracker.readings()[0].load;
    tracker.add('a', { atMs: 600_000, octets: 0n, upTime: 60_000 });
    expect(load()).toBeNull();
    tracker.add('a', { atMs: 608_000, octets: 1_000_000n, upTime: 60_800 });
    expect(load()).toBe(1);
    tracker.add('a', { atMs: 608_000, octets: 1_000_000n, upTime: 60_800 });
    expect([load(), tracker.lateCount]).toEqual([1, 1]);
    tracker.add('a', { atMs: 616_000, octets: 5n, upTime: 100 });
    expect([load(), tracker.rebootCount]).toEqual([null, 1]);
    tracker.add('a', { atMs: 624_000, octets: 1_000_005n, upTime: 900 });
    expect(load()).toBe(1);
  });
});
