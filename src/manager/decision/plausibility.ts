/**
 * May this tick's telemetry be acted on? What is stale, missing, collapsed, impossible or contradictory is not; the reasons
 * say so in the order of the points.
 */
import type { Observation } from './observation.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState } from './state.ts';

export type TelemetryFaultKind = 'out-of-order' | 'missing' | 'stale' | 'impossible' | 'contradictory' | 'collapsed';

export interface TelemetryFault {
  readonly kind: TelemetryFaultKind;
  /** Point, or the source: `volumes`, `routes`. */
  readonly subject: string;
}

/** Below this share of the capacity counters and flows are not compared: too little to measure by samples. */
const COMPARED_SHARE = 0.05;
/** All traffic together does not fall to less than this within a tick. */
const COLLAPSE_SHARE = 0.05;

export function telemetryFaults(
  state: ManagerState,
  observation: Observation,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
): TelemetryFault[] {
  const { atMs } = observation;
  if (state.tick > 0 && atMs <= state.atMs) return [{ kind: 'out-of-order', subject: 'tick' }];
  const faults: TelemetryFault[] = [];
  for (const source of ['volumes', 'routes'] as const) {
    const fault = freshness(observation[`${source}AtMs`], atMs, settings.staleMs);
    if (fault !== null) faults.push({ kind: fault, subject: source });
  }
  for (const limit of limits) {
    const fault = pointFault(observation, limit, settings);
    if (fault !== null) faults.push({ kind: fault, subject: limit.id });
  }
  const faulty = new Set(faults.map(({ subject }) => subject));
  const sound = limits.filter(({ id }) => !faulty.has(id));
  if (sound.length > 0 && hasCollapsed(state, observation, sound)) {
    faults.push({ kind: 'collapsed', subject: 'all points' });
  }
  return faults;
}

function pointFault(
  { points, atMs }: Observation,
  { id, capacity }: PointLimits,
  { staleMs, maxUtilization, contradiction }: DecisionSettings,
): TelemetryFaultKind | null {
  const reading = points.find(({ point }) => point === id);
  if (reading === undefined || reading.load === null) return 'missing';
  const { load, measuredAtMs, flowVolume } = reading;
  const stale = freshness(measuredAtMs, atMs, staleMs);
  if (stale !== null) return stale;
  if (!(load >= 0 && load <= maxUtilization * capacity)) return 'impossible';
  if (!(flowVolume >= 0 && flowVolume <= maxUtilization * contradiction * capacity)) return 'impossible';
  // What is no part of any prefix (tunnels, headers) is in the counters too, so small sums are no contradiction by themselves.
  const larger = Math.max(load, flowVolume);
  if (larger > COMPARED_SHARE * capacity && larger > contradiction * Math.min(load, flowVolume)) return 'contradictory';
  return null;
}

function freshness(measuredAtMs: number | null, atMs: number, staleMs: number): 'missing' | 'stale' | null {
  if (measuredAtMs === null) return 'missing';
  // A time ahead of ours is no measurement either.
  return atMs - measuredAtMs > staleMs || measuredAtMs > atMs ? 'stale' : null;
}

function hasCollapsed({ baseline }: ManagerState, { points }: Observation, limits: readonly PointLimits[]): boolean {
  const before = limits.reduce((sum, { id }) => sum + (baseline[id] ?? 0), 0);
  const loads = new Map(points.map(({ point, load }) => [point, load ?? 0]));
  const now = limits.reduce((sum, { id }) => sum + (loads.get(id) ?? 0), 0);
  const capacity = limits.reduce((sum, limit) => sum + limit.capacity, 0);
  return before > COMPARED_SHARE * capacity && now < COLLAPSE_SHARE * before;
}
