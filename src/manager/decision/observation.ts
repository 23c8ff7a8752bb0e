/** What one tick sees. Lists are sorted by id or prefix, so that equal sights are equal bytes. */
import type { ORIGINS } from '../../model/network-model.ts';

/** What an interface says. */
export interface InterfaceReading {
  readonly point: string;
  /** Traffic that leaves here, in the unit of the capacities; null where nobody answers. */
  readonly load: number | null;
  /** When the earlier and the later of the two counters were read, which it is the mean between; null where none were. */
  readonly sinceMs: number | null;
  readonly measuredAtMs: number | null;
}

/** Flow records of some time beside the interface counters of the same time: they have to tell of the same traffic. */
export interface FlowCheck {
  /** Mean over that time, not smoothed, to whatever destination; in the unit of the capacities. */
  readonly volume: number;
  /** Of sampling, in the square of the unit. */
  readonly variance: number;
  /** Bounds of `volume` by the counters: records tell late, so that some are of before, and some are still to come. */
  readonly least: number;
  readonly most: number;
}

export interface PointReading extends InterfaceReading {
  /** Σ of the smoothed volumes of all that leaves here, listed below or not, learned or not, in the same unit. */
  readonly flowVolume: number;
  /** The last interval of flow records, by their arrival; it ends when they came, or were rightly missing as nothing left. */
  readonly flowsSinceMs: number | null;
  readonly flowsAtMs: number | null;
  /** Null until both have been seen for a while. */
  readonly flowCheck: FlowCheck | null;
  /** What the last interval of flow records told of, where that is more than the point can carry: it is in no volume. Else left out. */
  readonly impossibleVolume?: number;
}

export interface PointVolume {
  readonly point: string;
  /** Smoothed, in the unit of the capacities. */
  readonly volume: number;
  /** Of sampling, in the square of the unit. */
  readonly variance: number;
  /** In the last interval of the point's flow records, not smoothed. */
  readonly latest: number;
}

/** What is not looked at, but goes with the route: large and extended communities, aggregator, whatever is unknown. */
export interface OpaqueAttribute {
  /** Name of its message, as GoBGP has it. */
  readonly type: string;
  /** Base64. */
  readonly value: string;
}

/** A way out that a border router learned by eBGP. */
export interface LearnedRoute {
  readonly point: string;
  readonly nextHop: string;
  /** Nearest AS first. */
  readonly asPath: readonly number[];
  readonly origin: (typeof ORIGINS)[number];
  readonly med: number | null;
  /** That the router has given it; left out where it told none. */
  readonly localPref?: number;
  readonly communities: readonly string[];
  /** By type; left out where there are none. */
  readonly others?: readonly OpaqueAttribute[];
}

export interface PrefixReading {
  readonly prefix: string;
  /** Where its traffic left, by longest match. */
  readonly volumes: readonly PointVolume[];
  /** As received, at most one for each point, without our own. */
  readonly learned: readonly LearnedRoute[];
  /** Point that a path of our own sends it to, as read back; null where there is none. */
  readonly installed: string | null;
}

/** A path of another manager, by our community. */
export interface RivalPath {
  readonly prefix: string;
  /** Mark of that manager; 0 where it has none. */
  readonly instance: number;
}

export interface Observation {
  readonly atMs: number;
  readonly points: readonly PointReading[];
  /** Those with the most volume, and those with an override. */
  readonly prefixes: readonly PrefixReading[];
  /** When news of routes last came; null for never. */
  readonly routesAtMs: number | null;
  /** The first few, by prefix; left out where there are none. */
  readonly rivals?: readonly RivalPath[];
}

/** Of a tick that does not look: everything is taken back whatever there is to see. */
export const UNSEEN = { points: [], prefixes: [], routesAtMs: null } as const;

/** Whether all of what was measured was sent after a change, once routers had followed. */
export function isMeasuredSince(
  { sinceMs }: InterfaceReading,
  changedAtMs: number | null,
  { settleMs }: { readonly settleMs: number },
): boolean {
  return changedAtMs === null || (sinceMs !== null && sinceMs >= changedAtMs + settleMs);
}

export function totalVolume({ volumes }: PrefixReading): number {
  return volumes.reduce((sum, { volume }) => sum + volume, 0);
}

/** Volume at the upper end of the confidence interval. */
export function volumeAtMost({ volumes }: PrefixReading, confidence: number): number {
  const variance = volumes.reduce((sum, one) => sum + one.variance, 0);
  return volumes.reduce((sum, { volume }) => sum + volume, 0) + confidence * Math.sqrt(variance);
}

export function volumeAt({ volumes }: PrefixReading, point: string): number {
  return volumes.find((one) => one.point === point)?.volume ?? 0;
}

/** What is no number is not measured: JSON has no text for it either, so that a log would not say the same. */
export function finite(observation: Observation): Observation {
  return {
    ...observation,
    points: observation.points.map((one) => ({
      ...one,
      load: Number.isFinite(one.load) ? one.load : null,
      flowVolume: Number.isFinite(one.flowVolume) ? one.flowVolume : 0,
      flowCheck: one.flowCheck !== null && Object.values(one.flowCheck).every(Number.isFinite) ? one.flowCheck : null,
    })),
    prefixes: observation.prefixes.map((reading) =>
      reading.volumes.every(isMeasured) ? reading : { ...reading, volumes: reading.volumes.filter(isMeasured) },
    ),
  };
}

const isMeasured = ({ volume, variance, latest }: PointVolume): boolean =>
  [volume, variance, latest].every((value) => value >= 0 && value < Number.POSITIVE_INFINITY);
