import { describe, expect, it } from 'vitest';
import type { FlowBatch } from '../../../src/manager/telemetry/flow-batch.ts';
import { FlowMeter } from '../../../src/manager/telemetry/flow-meter.ts';
import { mostBits } from '../../../src/manager/telemetry/most-bits.ts';
import { streamOf } from '../simulation.ts';

const TICK_MS = 30_000;
const LAG_MS = 90_000;
/** Bits per second; a byte is counted for every eight. */
const RATE = 1000;
/** What a point of 1.5 times that may carry, half above its capacity. */
const MOST = 2.25 * RATE;

/** Two points that are exporters of their own; destinations are numbers of prefixes. */
class Bench {
  readonly meter = new FlowMeter({
    points: ['a', 'b'],
    bitsPerUnit: 1,
    timeConstantMs: 60_000,
    samplingRates: [1, 1],
    idleLoads: [50, 50],
    mostLoads: [MOST, MOST],
    flowLagMs: LAG_MS,
  });

  /** `bytes` of prefix 0 by point, for those that speak. */
  tick(atMs: number, bytes: readonly (number | null)[], loads: readonly number[] = [RATE, RATE]): void {
    const batch: FlowBatch = {
      records: bytes.flatMap((count, point) =>
        count === null ? [] : [{ point, destination: '0', bytes: count, packets: 1 }],
      ),
      reports: bytes.flatMap((count, point) => (count === null ? [] : [{ points: [point], arrivedAtMs: atMs }])),
    };
    const readings = ['a', 'b'].map((point, p) => {
      return { point, load: loads[p], sinceMs: atMs - TICK_MS, measuredAtMs: atMs };
    });
    this.meter.take(batch, readings, atMs, ({ destination }) => Number(destination));
  }

  get rates(): number[] {
    return [0, 1].map((point) => this.meter.volumes.rate(0, point));
  }
}

const bytesOf = (ms: number, rate = RATE): number => (rate * ms) / 8000;

describe.each([30_000, 60_000, 90_000, 120_000])('flow records every %i ms, ticks of 30 s', (everyMs) => {
  it('are a volume that does not sway', () => {
    const bench = new Bench();
    for (let atMs = TICK_MS; atMs <= 40 * TICK_MS; atMs += TICK_MS) {
      const comes = atMs % everyMs === 0;
      bench.tick(atMs, [comes ? bytesOf(everyMs) : null, bytesOf(TICK_MS)]);
      // From the second on: the first have come for an unknown time.
      if (atMs >= 2 * everyMs) expect(bench.rates[0]).toBeCloseTo(RATE, 6);
    }
    expect(bench.meter.untimedBytes).toBe(bytesOf(everyMs) + bytesOf(TICK_MS));
  });
});

describe('an exporter that says nothing', () => {
  it('leaves its volumes as they were, and they grow old, while others go on', () => {
    const bench = new Bench();
    for (let tick = 1; tick <= 20; tick++) {
      bench.tick(tick * TICK_MS, [bytesOf(TICK_MS), tick <= 5 ? bytesOf(TICK_MS) : null]);
    }
    expect(bench.rates.map(Math.round)).toEqual([RATE, RATE]);
    expect([0, 1].map((point) => bench.meter.reading(point).flowsAtMs)).toEqual([20 * TICK_MS, 5 * TICK_MS]);
  });

  it('has nothing to say where the counters say so too, as long before as its records would be late', () => {
    const bench = new Bench();
    const idle = [RATE, 10];
    for (let tick = 1; tick <= 5; tick++) bench.tick(tick * TICK_MS, [bytesOf(TICK_MS), bytesOf(TICK_MS)]);
    for (let tick = 6; tick <= 8; tick++) {
      bench.tick(tick * TICK_MS, [bytesOf(TICK_MS), null], idle);
      expect(Math.round(bench.rates[1])).toBe(RATE);
    }
    for (let tick = 9; tick <= 16; tick++) bench.tick(tick * TICK_MS, [bytesOf(TICK_MS), null], idle);
    expect(bench.rates[1]).toBeLessThan(0.1 * RATE);
    expect(bench.meter.reading(1)).toMatchObject({ flowsAtMs: 16 * TICK_MS, flowsSinceMs: 12 * TICK_MS });
    // Traffic again, and its records a flow lag later: up to then, silence is right.
    for (let tick = 17; tick <= 19; tick++) {
      bench.tick(tick * TICK_MS, [bytesOf(TICK_MS), null]);
      expect(bench.meter.reading(1).flowsAtMs).toBe(tick * TICK_MS);
    }
    bench.tick(20 * TICK_MS, [bytesOf(TICK_MS), null]);
    expect(bench.meter.reading(1).flowsAtMs).toBe(19 * TICK_MS);
  });
});

it('a prefix that appears later is measured as well from its first records on', () => {
  const bench = new Bench();
  bench.tick(TICK_MS, [0, 0]);
  for (let tick = 2; tick <= 10; tick++) bench.tick(tick * TICK_MS, [0, 0]);
  for (let tick = 11; tick <= 14; tick++) {
    bench.tick(tick * TICK_MS, [bytesOf(TICK_MS), 0]);
    expect(bench.rates[0]).toBeCloseTo(RATE, 6);
  }
});

describe('records of more than their point can have carried', () => {
  const sound = bytesOf(TICK_MS);
  /** Bytes of the most that can be sent in an interval and the flow lag before it. */
  const most = bytesOf(TICK_MS + LAG_MS, MOST);

  it.each([
    ['one absurd record', 2 ** 50],
    ['hardly too much', most + 1],
  ])('are in no average, for as long as they come: %s', (_, bytes) => {
    const bench = new Bench();
    for (let tick = 1; tick <= 5; tick++) bench.tick(tick * TICK_MS, [sound, sound]);
    for (let tick = 6; tick <= 8; tick++) {
      bench.tick(tick * TICK_MS, [bytes, sound]);
      expect(bench.meter.reading(0).impossibleVolume).toBeCloseTo((8 * bytes) / 30, 0);
      expect(bench.meter.reading(1)).not.toHaveProperty('impossibleVolume');
    }
    // No records, and no news of what was wrong.
    bench.tick(9 * TICK_MS, [null, sound]);
    expect(bench.meter.reading(0)).toHaveProperty('impossibleVolume');
    expect([bench.rates.map(Math.round), bench.meter.impossibleBytes]).toEqual([[RATE, RATE], 3 * bytes]);
    bench.tick(10 * TICK_MS, [2 * sound, sound]);
    expect(bench.meter.reading(0)).not.toHaveProperty('impossibleVolume');
    expect(bench.meter.reading(0)).toMatchObject({ flowsSinceMs: 8 * TICK_MS, flowsAtMs: 10 * TICK_MS });
    expect([bench.rates.map(Math.round), bench.meter.reading(0).flowVolume]).toEqual([[RATE, RATE], bench.rates[0]]);
    const { volume, most: bound } = bench.meter.reading(0).flowCheck!;
    expect(volume).toBeLessThan(bound);
  });

  it('are believed up to that, and for all the time that they are of', () => {
    for (const [ticks, bytes] of [
      [1, most],
      [20, bytesOf(20 * TICK_MS + LAG_MS, MOST)],
    ]) {
      const bench = new Bench();
      bench.tick(TICK_MS, [sound, sound]);
      bench.tick((1 + ticks) * TICK_MS, [bytes, sound]);
      expect([bench.meter.impossibleBytes, bench.rates[0] > RATE]).toEqual([0, true]);
    }
  });
});

describe('what samples may tell of', () => {
  /** Share of full intervals that are not believed, of a point sampled one packet of `rate`; `packets`: sent in each. */
  const disbelieved = (rate: number, packets: number, packetBytes: number): number => {
    const random = streamOf(rate);
    const intervalMs = TICK_MS;
    const load = (8000 * packets * packetBytes) / (intervalMs + LAG_MS);
    const bound = mostBits(load, intervalMs + LAG_MS, rate);
    let count = 0;
    for (let trial = 0; trial < 1000; trial++) {
      let sampled = 0;
      for (let packet = 0; packet < packets; packet++) sampled += Number(random() < 1 / rate);
      count += Number(8 * rate * sampled * packetBytes > bound);
    }
    return count / 1000;
  };

  it('is more by chance, even where all that the point can carry is a few samples', () => {
    expect(mostBits(1000, 90_000, 1)).toBe(90_000);
    for (const packetBytes of [100, 1500, 9000]) expect(disbelieved(1000, 2000, packetBytes)).toBeLessThan(0.01);
  });

  it('is not much more where samples are many', () => {
    expect(mostBits(15e9, 120_000, 1000)).toBeLessThan(1.05 * 15e9 * 120);
  });
});

describe('the check against the counters', () => {
  /** Volume over the bound, above 1 where flow records tell of more than can have left. */
  const excess = (factor: number, loads: (tick: number) => number, late: number): number => {
    const bench = new Bench();
    for (let tick = 1; tick <= 30; tick++) {
      const sent = loads(tick - late);
      bench.tick(tick * TICK_MS, [bytesOf(TICK_MS, factor * sent), 0], [loads(tick), 0]);
    }
    const { volume, most } = bench.meter.reading(0).flowCheck!;
    return volume / most;
  };

  it('shows flow records that come twice, early or late', () => {
    for (const late of [0, 1, 2]) {
      expect(excess(1, () => RATE, late)).toBeLessThan(1);
      expect(excess(2, () => RATE, late)).toBeGreaterThan(1.5);
    }
  });

  it('takes nothing for a contradiction that was sent before, as the load rises or falls', () => {
    for (const late of [0, 1, 2]) {
      const falling = (tick: number): number => (tick < 28 ? RATE : RATE / 10);
      expect(excess(1, falling, late)).toBeLessThan(1);
      const rising = (tick: number): number => (tick < 28 ? RATE / 10 : RATE);
      expect(excess(1, rising, late)).toBeLessThan(1);
    }
  });

  it('holds with flows that are exported together once in two intervals', () => {
    const bench = new Bench();
    for (let tick = 1; tick <= 30; tick++) {
      bench.tick(tick * TICK_MS, [tick % 2 === 0 ? bytesOf(2 * TICK_MS) : 0, 0], [RATE, 0]);
      const { flowCheck } = bench.meter.reading(0);
      if (flowCheck === null) continue;
      expect(flowCheck.volume).toBeLessThanOrEqual(flowCheck.most);
      expect(flowCheck.volume).toBeGreaterThanOrEqual(flowCheck.least);
    }
  });
});

it('records that come in two pieces are of one interval', () => {
  const bench = new Bench();
  for (let tick = 1; tick <= 10; tick++) {
    const atMs = tick * TICK_MS;
    bench.tick(atMs, [bytesOf(TICK_MS) / 2, 0]);
    bench.tick(atMs + 500, [bytesOf(TICK_MS) / 2, 0]);
  }
  expect(bench.rates[0]).toBeGreaterThan(0.9 * RATE);
  expect(bench.rates[0]).toBeLessThan(1.1 * RATE);
});
