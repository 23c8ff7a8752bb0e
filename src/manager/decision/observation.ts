/** What one tick sees. Lists are sorted by id or prefix, so that equal sights are equal bytes. */

/** What an interface says. */
export interface InterfaceReading {
  readonly point: string;
  /** Traffic that leaves here, in the unit of the capacities; null where nobody answers. */
  readonly load: number | null;
  /** When the later of the two counters was read; null where none was. */
  readonly measuredAtMs: number | null;
}

export interface PointReading extends InterfaceReading {
  /** Σ of the volumes of all prefixes that leave here, listed below or not, in the same unit. */
  readonly flowVolume: number;
}

export interface PointVolume {
  readonly point: string;
  /** In the unit of the capacities. */
  readonly volume: number;
  /** Of sampling, in the square of the unit. */
  readonly variance: number;
}

/** A way out that a border router learned by eBGP. */
export interface LearnedRoute {
  readonly point: string;
  readonly nextHop: string;
  /** Nearest AS first. */
  readonly asPath: readonly number[];
  readonly origin: 'igp' | 'egp' | 'incomplete';
  readonly med: number | null;
  readonly communities: readonly string[];
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

export interface Observation {
  readonly atMs: number;
  readonly points: readonly PointReading[];
  /** Those with the most volume, and those with an override. */
  readonly prefixes: readonly PrefixReading[];
  /** When flow records, and news of routes, last came; null for never. */
  readonly volumesAtMs: number | null;
  readonly routesAtMs: number | null;
}

/** Of a tick that does not look: everything is taken back whatever there is to see. */
export const UNSEEN = { points: [], prefixes: [], volumesAtMs: null, routesAtMs: null } as const;

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
    })),
    prefixes: observation.prefixes.map((reading) =>
      reading.volumes.every(isMeasured) ? reading : { ...reading, volumes: reading.volumes.filter(isMeasured) },
    ),
  };
}

const isMeasured = ({ volume, variance }: PointVolume): boolean =>
  volume >= 0 && volume < Number.POSITIVE_INFINITY && variance >= 0 && variance < Number.POSITIVE_INFINITY;
