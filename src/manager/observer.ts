/** Joins the collectors to the observation of a tick: flows to prefixes by longest match, volumes smoothed. */
import type { Collectors, RoutesStatus } from './collectors/collector.ts';
import type { Observation, PointVolume, PrefixReading } from './decision/observation.ts';
import type { FlowRecord } from './telemetry/flow-batch.ts';
import { FlowMeter, type FlowMeterOptions } from './telemetry/flow-meter.ts';

export interface ObserverOptions extends FlowMeterOptions {
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
  /** Flow records of exporters, or interfaces, of no point. */
  readonly foreignFlows: number;
  /** Agents that had started anew between two reads; samples that came after later ones. */
  readonly reboots: number;
  readonly lateCounters: number;
  /** Routes with a next hop of no point, or that are no way out. */
  readonly foreignRoutes: number;
  /** Paths of another manager, by our community, that are there now. */
  readonly rivalPaths: number;
  /** Of flows to no prefix that is learned. */
  readonly unmatchedBytes: number;
  /** Of the first flows of an exporter, which have come for an unknown time: they are not used. */
  readonly untimedBytes: number;
  /** Of intervals in which flow records told of more than their point can carry: they are not used. */
  readonly impossibleBytes: number;
}

/** Paths of another manager that are named. */
const NAMED_RIVALS = 5;
/** Averages decay for ever; what is below this, in bits per second, is none. */
const LEAST_RATE = 1;
/** A shorter match than the one that is to come is none. */
const NO_PREFIX = -1;

export class Observer {
  readonly #collectors: Collectors;
  readonly #options: ObserverOptions;
  readonly #meter: FlowMeter;

  constructor(collectors: Collectors, options: ObserverOptions) {
    this.#collectors = collectors;
    this.#options = options;
    this.#meter = new FlowMeter(options);
  }

  get counts(): TelemetryCounts {
    const { routes, volumes, interfaces } = this.#collectors;
    return {
      malformedFlows: volumes.malformedCount,
      malformedCounters: interfaces.malformedCount,
      lostReads: interfaces.lostCount,
      lostWatches: routes.lostCount,
      foreignFlows: volumes.foreignCount,
      reboots: interfaces.rebootCount,
      lateCounters: interfaces.lateCount,
      foreignRoutes: routes.foreignCount,
      rivalPaths: routes.rivals.length,
      unmatchedBytes: this.#meter.unmatchedBytes,
      untimedBytes: this.#meter.untimedBytes,
      impossibleBytes: this.#meter.impossibleBytes,
    };
  }

  get routes(): RoutesStatus {
    return this.#collectors.routes.status;
  }

  /**
   * `changed`: prefixes that have to be in it, whatever their volume. Null before the routes are whole, which takes minutes for a
   * full table: what is not there yet is not gone.
   */
  async observe(atMs: number, changed: readonly string[]): Promise<Observation | null> {
    const { routes, volumes, interfaces } = this.#collectors;
    const [routesAtMs, flows, loads] = await Promise.all([
      routes.refresh(atMs, changed),
      volumes.take(atMs),
      interfaces.read(atMs),
    ]);
    const { table } = routes;
    const isWhole = routes.status.state === 'whole';
    const match = ({ destination, length }: FlowRecord): number => table.prefixes.match(destination, length);
    this.#meter.take(flows, loads, atMs, isWhole ? match : () => NO_PREFIX);
    if (!isWhole) return null;
    const numbers = new Set([...this.#largest(), ...changed.map((prefix) => table.prefixes.find(prefix))]);
    const readings = [...numbers].filter((k) => k >= 0).map((k) => this.#reading(k));
    return {
      atMs,
      points: loads.map((reading, p) => ({ ...reading, ...this.#meter.reading(p) })),
      prefixes: readings.sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
      routesAtMs,
      ...(routes.rivals.length > 0 && { rivals: routes.rivals.slice(0, NAMED_RIVALS) }),
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
    const { volumes } = this.#meter;
    const left = points.flatMap((point, p): PointVolume[] => {
      const rate = volumes.rate(k, p);
      if (rate < LEAST_RATE) return [];
      const variance = volumes.variance(k, p) / bitsPerUnit ** 2;
      return [{ point, volume: rate / bitsPerUnit, variance, latest: volumes.latest(k, p) / bitsPerUnit }];
    });
    const prefix = table.prefixes.text(k);
    return { prefix, volumes: left, learned: table.learned(k), installed: this.#collectors.routes.installed(prefix) };
  }

  /** Numbers of the prefixes with the most volume. */
  #largest(): number[] {
    const { points, prefixCount } = this.#options;
    const { volumes } = this.#meter;
    const totals = new Float64Array(volumes.prefixCount);
    for (let k = 0; k < totals.length; k++) for (let p = 0; p < points.length; p++) totals[k] += volumes.rate(k, p);
    return largestOf(totals, prefixCount);
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
