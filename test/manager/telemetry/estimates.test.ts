import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CounterSample, counterRate } from '../../../src/manager/telemetry/counter-rate.ts';
import { VolumeEstimator } from '../../../src/manager/telemetry/volume-estimator.ts';
import { streamOf } from '../simulation.ts';

describe('VolumeEstimator', () => {
  it('weights intervals by exp(-t/tau), and those alone that there have been', () => {
    const estimator = new VolumeEstimator(1000, [1, 1]);
    estimator.add(3, 1, 125, 1);
    estimator.close(1, 1000);
    expect(estimator.rate(3, 1)).toBeCloseTo(1000, 9);
    expect(estimator.variance(3, 1)).toBe(0);
    estimator.add(3, 1, 250, 2);
    estimator.close(1, 1000);
    const [older, newer] = [Math.exp(-1), 1];
    expect(estimator.rate(3, 1)).toBeCloseTo((1000 * older + 2000 * newer) / (older + newer), 9);
    expect(estimator.latest(3, 1)).toBe(2000);
    expect([estimator.rate(3, 0), estimator.rate(9, 0)]).toEqual([0, 0]);
  });

  it('has sampled volumes within three standard errors, nearly always', () => {
    const random = streamOf(5);
    const [sampling, packets, size] = [10, 2000, 1000];
    let inside = 0;
    const runs = 300;
    for (let run = 0; run < runs; run++) {
      const estimator = new VolumeEstimator(0, [sampling]);
      for (let p = 0; p < packets; p++) if (random() < 1 / sampling) estimator.add(0, 0, size, 1);
      estimator.close(0, 1000);
      const error = Math.abs(estimator.rate(0, 0) - packets * size * 8);
      if (error <= 3 * Math.sqrt(estimator.variance(0, 0))) inside++;
    }
    expect(inside).toBeGreaterThan(0.98 * runs);
  });
});

describe('counterRate', () => {
  const sample = (atMs: number, octets: bigint, upTime = atMs / 10): CounterSample => ({ atMs, octets, upTime });

  it('follows a counter over its wrap', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 40n), (start, sent) => {
        const rate = counterRate(sample(0, start), sample(60_000, (start + sent) % 2n ** 64n));
        expect(rate).toEqual({ kind: 'rate', bitsPerSecond: (Number(sent) * 8000) / 60_000 });
      }),
    );
  });

  it('follows the clock of the agent over its wrap', () => {
    const rate = counterRate(sample(0, 0n, 2 ** 32 - 3000), sample(60_000, 60_000n, 3000));
    expect(rate).toEqual({ kind: 'rate', bitsPerSecond: 8000 });
  });

  it('goes by the clock of the agent: an answer that came late is of when it was given', () => {
    const octets = (ms: number): bigint => BigInt(ms) * 1000n;
    const times = [0, 30_000, 60_000, 90_000];
    // The second answer came a retry later, and is stamped as the others, with the start of its tick.
    const given = [0, 34_000, 60_000, 90_000];
    for (let k = 1; k < times.length; k++) {
      const [earlier, later] = [k - 1, k].map((n) => sample(times[n], octets(given[n]), given[n] / 10));
      expect(counterRate(earlier, later)).toEqual({ kind: 'rate', bitsPerSecond: 8_000_000 });
    }
  });

  it('says nothing across a restart of the agent, nor of samples that are not later', () => {
    expect(counterRate(sample(600_000, 9n), sample(660_000, 5n, 100))).toEqual({ kind: 'reboot' });
    expect(counterRate(sample(600_000, 9n), sample(660_000, 50n, 100))).toEqual({ kind: 'reboot' });
    expect(counterRate(sample(60_000, 9n), sample(60_000, 9n))).toEqual({ kind: 'late' });
    expect(counterRate(sample(60_000, 9n), sample(30_000, 9n))).toEqual({ kind: 'late' });
    // The same answer, again.
    expect(counterRate(sample(60_000, 9n, 6000), sample(62_000, 9n, 6000))).toEqual({ kind: 'late' });
  });
});
