/** What the decision maker remembers from tick to tick: plain data, never changed in place, so that it can be logged. */
import type { TrafficMemory } from './classes/traffic-memory.ts';
import type { RoomPrices } from './reallocator.ts';
import type { PointLimits } from './settings.ts';

export type OverrideReason = 'relieve' | 'optimize';

/** A prefix that is sent to another point than plain BGP does. */
export interface Override {
  readonly prefix: string;
  /** Where its traffic left before the first move. */
  readonly from: string;
  readonly to: string;
  /** Where plain BGP sends it by the attributes of its routes now; null where they do not tell. */
  readonly plain: string | null;
  readonly reason: OverrideReason;
  readonly sinceMs: number;
  readonly leaseUntilMs: number;
  /** Pending until routes and traffic have followed. */
  readonly phase: 'pending' | 'verified';
  readonly pendingTicks: number;
}

/** Where it leaves without the override, as far as is known. */
export function homeOf({ plain, from }: Override): string {
  return plain ?? from;
}

/** A prefix that goes back to plain BGP, until its traffic shows that it did. */
export interface Release {
  readonly prefix: string;
  /** Point of the override. */
  readonly from: string;
  /** Where plain BGP sends it, as far as is known. */
  readonly to: string;
  readonly sinceMs: number;
  /** Intervals, all of them after the release, in which its traffic left where it did before. */
  readonly lateTicks: number;
}

/** When a prefix was last changed. */
export interface PrefixHistory {
  readonly changedAtMs: number;
  /** Changes rolled back since the last that held. */
  readonly failureCount: number;
}

/** The last changes as the counters have to show them. */
export interface Shift {
  readonly atMs: number;
  /** Loads before and after, by point, of those that gain or lose enough to be told from what comes and goes by itself. */
  readonly loads: Readonly<Record<string, { readonly before: number; readonly after: number }>>;
}

/** What points over their marks are to come to: a watermark, or as little as goes. */
export type ReliefGoal = 'low' | 'high' | 'least';

/** A question of relief that is still to be asked. */
export interface ReliefQuestion {
  /** The fullest first. */
  readonly points: readonly string[];
  readonly goal: ReliefGoal;
  /** The clock has cut it once. */
  readonly isCut?: true;
}

export interface ManagerState {
  readonly tick: number;
  readonly atMs: number;
  /** By which all that follows was measured and decided. */
  readonly limits: readonly PointLimits[];
  /** Consecutive ticks with telemetry that is not believed. */
  readonly frozenTicks: number;
  /** Consecutive ticks with telemetry that is believed. */
  readonly soundTicks: number;
  /** Points whose telemetry is not believed, or not again for long enough, while that of the others is. */
  readonly quarantine: Readonly<Record<string, { readonly faultyTicks: number; readonly soundTicks: number }>>;
  /** When anything was last moved, released or withdrawn. */
  readonly changedAtMs: number | null;
  /** Null where nothing was changed yet. */
  readonly shift: Shift | null;
  /** Loads of the last tick that was believed, by point, as they are to be after its changes. */
  readonly baseline: Readonly<Record<string, number>>;
  /** By point, one entry for each measurement, the latest last: 1 above the high watermark. */
  readonly windows: Readonly<Record<string, readonly number[]>>;
  /** Sorted by prefix. */
  readonly overrides: readonly Override[];
  readonly history: Readonly<Record<string, PrefixHistory>>;
  /** What the last relief has not asked, or not heard, in the order in which the next one asks; empty where it begins anew. */
  readonly reliefQueue: readonly ReliefQuestion[];
  readonly optimizedAtMs: number | null;
  /** Of the last whole plan, where the next one is sought from. */
  readonly planPrices: RoomPrices;
  /** Null until it is asked for, in mode optimize. */
  readonly traffic: TrafficMemory | null;
  /** In the order of the changes; left out where there are none. */
  readonly released?: readonly Release[];
}

/** A list that is empty leaves no trace in the log. */
export function withReleased({ released: _, ...state }: ManagerState, released: readonly Release[]): ManagerState {
  return released.length === 0 ? state : { ...state, released };
}

/** `recoverTicks` count from the start too: the first ticks have nothing to compare with. */
export const INITIAL_STATE: ManagerState = {
  tick: 0,
  atMs: 0,
  limits: [],
  frozenTicks: 0,
  soundTicks: 0,
  quarantine: {},
  changedAtMs: null,
  shift: null,
  baseline: {},
  windows: {},
  overrides: [],
  history: {},
  reliefQueue: [],
  optimizedAtMs: null,
  planPrices: {},
  traffic: null,
};
