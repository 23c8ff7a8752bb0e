/** What is remembered of traffic: plain data, a part of the state. */

/** A traffic pattern. */
export interface TrafficProfile {
  /** By prefix, in the unit of the capacities: the largest of those that may be moved. */
  readonly volumes: Readonly<Record<string, number>>;
  /** By point: load that is of none of these prefixes. */
  readonly rest: Readonly<Record<string, number>>;
}

export interface ClassPlan {
  readonly atMs: number;
  /** What it was made for. */
  readonly peak: TrafficProfile;
  /** False: there is none, the points are too small for what the class has at most. */
  readonly fits: boolean;
  /** Point by prefix, of those that leave elsewhere than plain BGP sends them. */
  readonly targets: Readonly<Record<string, string>>;
}

export interface TrafficClass {
  /** Intervals of the period, from 0. */
  readonly intervals: readonly number[];
  /** Mean of them. */
  readonly mean: TrafficProfile;
  /** The largest of each value: what fits for this fits in every interval. */
  readonly peak: TrafficProfile;
  readonly plan: ClassPlan | null;
}

export interface TrafficMemory {
  /** That its intervals are numbered by. */
  readonly periodMs: number;
  readonly intervalMs: number;
  /** The interval that runs, with the sum over its ticks so far. */
  readonly running: { readonly interval: number; readonly tickCount: number; readonly sum: TrafficProfile } | null;
  /** By interval: the average of what was seen, the latest counting as much as all before. */
  readonly intervals: Readonly<Record<string, TrafficProfile>>;
  readonly classes: readonly TrafficClass[];
  /** Point by prefix: where plain BGP sent those of the intervals when they were last measured. */
  readonly homes: Readonly<Record<string, string>>;
  /** Class of the last ticks, and how many it has been; null where the pattern is unknown. */
  readonly seen: { readonly class: number; readonly tickCount: number } | null;
}

export function emptyMemory(periodMs: number, intervalMs: number): TrafficMemory {
  return { periodMs, intervalMs, running: null, intervals: {}, classes: [], homes: {}, seen: null };
}
