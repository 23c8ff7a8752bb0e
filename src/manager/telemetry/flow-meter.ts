/**
 * Flow records to volumes, by the intervals that they are of.
 *
 * An exporter's interval ends when its records have come, and goes back to when they came before: a tick without records is none
 * without traffic, and leaves the averages as they are. Only where the counters say that next to nothing left at a point, so long
 * before that records of it would have come, is silence an interval with no bytes.
 *
 * What arrives in an interval was sent up to `flowLagMs` earlier. An interval that tells of more than its point can have carried is
 * not believed: none of it joins the averages, whichever of its records are wrong, and the check against the counters begins anew.
 */
import type { FlowCheck, InterfaceReading, PointReading } from '../decision/observation.ts';
import type { FlowBatch, FlowRecord } from './flow-batch.ts';
import { LoadHistory } from './load-history.ts';
import { mostBits } from './most-bits.ts';
import { VolumeEstimator } from './volume-estimator.ts';

export interface FlowMeterOptions {
  /** Sorted. */
  readonly points: readonly string[];
  readonly bitsPerUnit: number;
  /** Time constant of the averages, ms. */
  readonly timeConstantMs: number;
  /** By point: one packet of so many is sampled. */
  readonly samplingRates: readonly number[];
  /** By point, in units: what is no more may leave without a record. */
  readonly idleLoads: readonly number[];
  /** By point, in units: more does not leave. */
  readonly mostLoads: readonly number[];
  /** Flow records tell what was sent up to so long before they come. */
  readonly flowLagMs: number;
}

/** What flow records say of a point. */
export type PointFlows = Pick<
  PointReading,
  'flowVolume' | 'flowsSinceMs' | 'flowsAtMs' | 'flowCheck' | 'impossibleVolume'
>;

/** Records that come in pieces are of one interval. */
const LEAST_INTERVAL_MS = 1000;
/** Flow lags that are held against the counters at once: what is late at one end, and early at the other, is a quarter of it. */
const CHECKED_LAGS = 4;
/** The row of `#totals`. */
const ALL = 0;

interface ClosedInterval {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly bits: number;
  readonly variance: number;
}

interface PointClock {
  /** When records came, or were rightly missing. */
  heardAtMs: number | null;
  /** End of the last interval, where the next begins; null before the first. */
  untilMs: number | null;
  /** The last ones, in order. */
  closed: readonly ClosedInterval[];
  /** Of the last interval, in units, where it is not believed. */
  impossibleVolume: number | null;
}

export class FlowMeter {
  readonly volumes: VolumeEstimator;
  /** Bytes of flows to no prefix that is learned. */
  unmatchedBytes = 0;
  /** Bytes of flows that have come for an unknown time: the first of an exporter. */
  untimedBytes = 0;
  /** Bytes, as they were sampled from, of intervals that are not believed. */
  impossibleBytes = 0;
  readonly #options: FlowMeterOptions;
  readonly #totals: VolumeEstimator;
  readonly #loads: LoadHistory;
  readonly #clocks: readonly PointClock[];

  constructor(options: FlowMeterOptions) {
    const { points, timeConstantMs, samplingRates, flowLagMs } = options;
    this.#options = options;
    this.volumes = new VolumeEstimator(timeConstantMs, samplingRates);
    this.#totals = new VolumeEstimator(timeConstantMs, samplingRates);
    this.#loads = new LoadHistory((CHECKED_LAGS + 2) * flowLagMs);
    this.#clocks = points.map(() => ({ heardAtMs: null, untilMs: null, closed: [], impossibleVolume: null }));
  }

  /** `prefixOf`: number of the prefix that a record is of, -1 for none. */
  take(
    { records, reports }: FlowBatch,
    loads: readonly InterfaceReading[],
    atMs: number,
    prefixOf: (record: FlowRecord) => number,
  ): void {
    for (const reading of loads) this.#loads.add(reading);
    for (const record of records) this.#add(record, prefixOf);
    const silent = new Set(this.#clocks.keys());
    for (const { points, arrivedAtMs } of reports) {
      for (const point of points) {
        silent.delete(point);
        this.#hear(point, Math.min(arrivedAtMs, atMs));
      }
    }
    for (const point of silent) this.#bearSilence(point, atMs);
  }

  reading(point: number): PointFlows {
    const { heardAtMs, closed, impossibleVolume } = this.#clocks[point];
    return {
      flowVolume: this.#totals.rate(ALL, point) / this.#options.bitsPerUnit,
      flowsSinceMs: closed.at(-1)?.sinceMs ?? null,
      flowsAtMs: heardAtMs,
      flowCheck: this.#check(point),
      ...(impossibleVolume !== null && { impossibleVolume }),
    };
  }

  #add(record: FlowRecord, prefixOf: (record: FlowRecord) => number): void {
    const { point, bytes, packets } = record;
    if (this.#clocks[point].untilMs === null) {
      this.untimedBytes += bytes;
      return;
    }
    this.#totals.add(ALL, point, bytes, packets);
    const prefix = prefixOf(record);
    if (prefix < 0) this.unmatchedBytes += bytes;
    else this.volumes.add(prefix, point, bytes, packets);
  }

  #hear(point: number, atMs: number): void {
    const clock = this.#clocks[point];
    clock.heardAtMs = atMs;
    if (clock.untilMs === null) clock.untilMs = atMs;
    else this.#close(point, clock.untilMs, atMs);
  }

  #bearSilence(point: number, atMs: number): void {
    const { points, idleLoads, flowLagMs } = this.#options;
    const clock = this.#clocks[point];
    const endMs = atMs - flowLagMs;
    const sinceMs = Math.min(clock.untilMs ?? endMs, endMs - 1);
    const range = this.#loads.range(points[point], sinceMs, endMs);
    if (range === null || range.most > idleLoads[point]) return;
    clock.heardAtMs = atMs;
    if (clock.untilMs === null) clock.untilMs = endMs;
    else this.#close(point, clock.untilMs, endMs);
  }

  #close(point: number, sinceMs: number, untilMs: number): void {
    const intervalMs = untilMs - sinceMs;
    if (intervalMs < LEAST_INTERVAL_MS) return;
    const clock = this.#clocks[point];
    clock.untilMs = untilMs;
    const { bitsPerUnit, flowLagMs, mostLoads, samplingRates } = this.#options;
    const { bits, variance } = this.#totals.pending(ALL, point);
    if (bits > mostBits(mostLoads[point] * bitsPerUnit, intervalMs + flowLagMs, samplingRates[point])) {
      for (const volumes of [this.volumes, this.#totals]) volumes.drop(point);
      this.impossibleBytes += bits / 8;
      clock.closed = [];
      clock.impossibleVolume = bits / (intervalMs / 1000) / bitsPerUnit;
      return;
    }
    for (const volumes of [this.volumes, this.#totals]) volumes.close(point, intervalMs);
    clock.impossibleVolume = null;
    const from = untilMs - CHECKED_LAGS * flowLagMs;
    clock.closed = [...clock.closed.filter((one) => one.untilMs > from), { sinceMs, untilMs, bits, variance }];
  }

  #check(point: number): FlowCheck | null {
    const { points, bitsPerUnit, flowLagMs } = this.#options;
    const { closed } = this.#clocks[point];
    const [first, last] = [closed[0], closed.at(-1)];
    if (first === undefined || last === undefined) return null;
    const range = this.#loads.range(points[point], first.sinceMs - flowLagMs, last.untilMs);
    if (range === null) return null;
    const lengthMs = last.untilMs - first.sinceMs;
    const bitCount = (lengthMs / 1000) * bitsPerUnit;
    const sum = (of: (one: ClosedInterval) => number): number => closed.reduce((total, one) => total + of(one), 0);
    return {
      volume: sum(({ bits }) => bits) / bitCount,
      variance: sum(({ variance }) => variance) / bitCount ** 2,
      least: (range.least * Math.max(0, lengthMs - flowLagMs)) / lengthMs,
      most: (range.most * (lengthMs + flowLagMs)) / lengthMs,
    };
  }
}
