/** Joins the collectors to the observation of a tick: flows to prefixes by longest match, volumes smoothed. */
import type { Collectors } from './collectors/collector.ts';
import type { Observation, PointVolume, PrefixReading } from './decision/observation.ts';
import { VolumeEstimator } from './telemetry/volume-estimator.ts';

export interface ObserverOptions {
  /** Sorted. */
  readonly points: readonly string[];
  readonly bitsPerUnit: number;
  /** Time constant of the averages, ms. */
  readonly timeConstantMs: number;
  /** One packet of so many is sampled. */
  readonly samplingRate: number;
  /** Most prefixes in an observation, the largest first. */
  readonly prefixCount: number;
}

/** Since the start of the process. */
export interface TelemetryCounts {
  readonly malformedFlows: number;
  readonly malformedCounters: number;
  /** Reads of the counters that were given up; a tick without them grows stale. */
  readonly lostReads: number;
  /** Watches of routes that had stopped to tell, and were taken up again. */
  readonly lostWatches: number;
  /** Of flows to no prefix that is learned. */
  readonly unmatchedBytes: number;
}

/** Averages decay for ever; what is below this, in bits per second, is none. */
const LEAST_RATE = 1;

export class Observer {
  readonly #collectors: Collectors;
  readonly #options: ObserverOptions;
  readonly #estimator: VolumeEstimator;
  #lastAtMs: number | null = null;
  #unmatchedBytes = 0;

  constructor(collectors: Collectors, options: ObserverOptions) {
    this.#collectors = collectors;
    this.#options = options;
    this.#estimator = new VolumeEstimator(options.points.length, options.timeConstantMs, options.samplingRate);
  }

  get counts(): TelemetryCounts {
    const { routes, volumes, interfaces } = this.#collectors;
    return {
      malformedFlows: volumes.malformedCount,
      malformedCounters: interfaces.malformedCount,
      lostReads: interfaces.lostCount,
      lostWatches: routes.lostCount,
      unmatchedBytes: this.#unmatchedBytes,
    };
  }

  /** `overridden`: prefixes that have to be in it, whatever their volume. */
  async observe(atMs: number, overridden: readonly string[]): Promise<Observation> {
    const { routes, volumes, interfaces } = this.#collectors;
    const [routesAtMs, flows, points] = await Promise.all([
      routes.refresh(atMs, overridden),
      volumes.take(atMs),
      interfaces.read(atMs),
    ]);
    // Before the first tick flows have come for an unknown time.
    const intervalMs = this.#lastAtMs === null ? null : atMs - this.#lastAtMs;
    const { table } = routes;
    if (intervalMs !== null && intervalMs > 0) {
      for (const { point, destination, bytes, packets } of flows) {
        const prefix = table.prefixes.match(destination);
        if (prefix < 0) this.#unmatchedBytes += bytes;
        else this.#estimator.add(prefix, point, bytes, packets);
      }
      this.#estimator.close(intervalMs);
    }
    this.#lastAtMs = atMs;
    const { largest, sums } = this.#survey();
    const numbers = new Set([...largest, ...overridden.map((prefix) => table.prefixes.find(prefix))]);
    const readings = [...numbers].filter((k) => k >= 0).map((k) => this.#reading(k));
    return {
      atMs,
      points: points.map((reading, p) => ({ ...reading, flowVolume: sums[p] / this.#options.bitsPerUnit })),
      prefixes: readings.sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
      volumesAtMs: volumes.newestAtMs,
      routesAtMs,
    };
  }

  /** As of now, not of the last tick: some router has a route to this next hop. */
  isLearned(prefix: string, point: string, nextHop: string): boolean {
    const { table } = this.#collectors.routes;
    const k = table.prefixes.find(prefix);
    return k >= 0 && table.has(k, point, nextHop);
  }

  onLoss(listener: () => void): void {
    this.#collectors.routes.onLoss(listener);
  }

  #reading(k: number): PrefixReading {
    const { points, bitsPerUnit } = this.#options;
    const { table } = this.#collectors.routes;
    const volumes = points.flatMap((point, p): PointVolume[] => {
      const rate = this.#estimator.rate(k, p);
      if (rate < LEAST_RATE) return [];
      return [{ point, volume: rate / bitsPerUnit, variance: this.#estimator.variance(k, p) / bitsPerUnit ** 2 }];
    });
    const prefix = table.prefixes.text(k);
    return { prefix, volumes, learned: table.learned(k), installed: this.#collectors.routes.installed(prefix) };
  }

  /** Numbers of the prefixes with the most volume, and the sums of all by point, bits per second. */
  #survey(): { readonly largest: readonly number[]; readonly sums: readonly number[] } {
    const { points, prefixCount } = this.#options;
    const sums = points.map(() => 0);
    const totals = new Float64Array(this.#estimator.prefixCount);
    for (let k = 0; k < totals.length; k++) {
      for (let p = 0; p < points.length; p++) {
        const rate = this.#estimator.rate(k, p);
        sums[p] += rate;
        totals[k] += rate;
      }
    }
    return { largest: largestOf(totals, prefixCount), sums };
  }
}

/** Indices of the `count` largest values that are not next to nothing, the first where values tie. */
function largestOf(values: Float64Array, count: number): number[] {
  const threshold = Math.max(LEAST_RATE, values.length > count ? values.toSorted()[values.length - count] : 0);
  const above: number[] = [];
  const tied: number[] = [];
  values.forEach((value, k) => {
    if (value > threshold) above.push(k);
    else if (value === threshold) tied.push(k);
  });
  return [...above, ...tied.slice(0, count - above.length)];
}
