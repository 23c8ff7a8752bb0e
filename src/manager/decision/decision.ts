/** What a tick comes to. */
import type { TelemetryFault } from './plausibility.ts';
import type { Reallocation } from './reallocator.ts';

export type Activity = 'watching' | 'recovering' | 'verifying' | 'acting' | 'frozen' | 'withdrawn';

export type ChangeReason =
  | 'relieve'
  | 'optimize'
  /** The point that it came from has room again. */
  | 'load-fell'
  /** Neither routes nor traffic followed. */
  | 'not-verified'
  /** The route that it rests on is gone. */
  | 'route-gone'
  | 'lease-expired'
  | 'not-allowed'
  /** Telemetry was not to be believed for too long. */
  | 'telemetry'
  | 'operator';

export interface Change {
  readonly prefix: string;
  /** move: by an override; release: back to plain BGP; withdraw: the same, for safety, whatever the limits of change. */
  readonly action: 'move' | 'release' | 'withdraw';
  readonly from: string;
  /** Where plain BGP sends it, as far as is known, for a release and a withdrawal. */
  readonly to: string;
  readonly volume: number;
  readonly reason: ChangeReason;
}

/** A prefix that plain BGP does not take back: a router holds on to the override, or prefers that point by itself. */
export interface StuckRelease {
  readonly prefix: string;
  /** Where it still leaves, as it did by the override. */
  readonly from: string;
  /** Where it was to leave. */
  readonly to: string;
  readonly volume: number;
}

export interface PointSummary {
  readonly point: string;
  readonly load: number | null;
  readonly high: number;
  readonly low: number;
  readonly capacity: number;
  /** Above the high watermark for M of N ticks. */
  readonly isOver: boolean;
}

export interface Decision {
  readonly tick: number;
  readonly atMs: number;
  readonly activity: Activity;
  readonly faults: readonly TelemetryFault[];
  readonly points: readonly PointSummary[];
  /** In mode optimize: which of the traffic classes this tick looks like, null for none of them. */
  readonly traffic: { readonly class: number | null; readonly classCount: number } | null;
  /** Sorted by prefix. */
  readonly changes: readonly Change[];
  /** Overrides that are to be announced from now on, by prefix. */
  readonly overrideCount: number;
  /** What was asked of the optimizer and answered, in order: with it the decision can be made again. */
  readonly reallocations: readonly Reallocation[];
  /** Found in this tick, each once; nothing is done about it. Left out where there are none. */
  readonly stuck?: readonly StuckRelease[];
}
