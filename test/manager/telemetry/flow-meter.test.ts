import { describe, expect, it } from 'vitest';
import type { FlowBatch } from '../../../src/manager/telemetry/flow-batch.ts';
import { FlowMeter } from '../../../src/manager/telemetry/flow-meter.ts';

const TICK_MS = 30_000;
const LAG_MS = 90_000;
/** Bits per second; a byte is counted for every eight. */
const RATE = 1000;

/** Two points that are exporters of their own; destinations are numbers of prefixes. */
class Bench {
  readonly meter = new FlowMeter({
    points: ['a', 'b'],
    bitsPerUnit: 1,
    timeConstantMs: 60_000,
    samplingRates: [1, 1],
    idleLoads: [50, 50],
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
