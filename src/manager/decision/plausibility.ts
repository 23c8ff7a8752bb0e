/**
 * May this tick's telemetry be acted on? What is stale, missing, collapsed, impossible or contradictory is not; the reasons
 * say so in the order of the points.
 */
import { type FlowCheck, isMeasuredSince, type Observation, type PointReading } from './observation.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState } from './state.ts';

export type TelemetryFaultKind =
  | 'out-of-order'
  | 'missing'
  | 'stale'
  | 'impossible'
  | 'contradictory'
  | 'collapsed'
  /** Another manager moves prefixes of the same network: neither knows what the other is about to do. */
  | 'rival';

export interface TelemetryFault {
  readonly kind: TelemetryFaultKind;
  /** Point, or what is of all: `routes`, `tick`, `all points`, or another manager and a prefix of its. */
  readonly subject: string;
}

/** Below this share of the capacity counters and flows are not compared: too little to measure by samples. */
export const COMPARED_SHARE = 0.05;
/** Traffic does not fall to less than this within a tick. */
const COLLAPSE_SHARE = 0.05;
/** Flow records do not tell of more than the counters by this factor: those count headers too. */
const FLOW_EXCESS = 1.1;
/** Of the capacity: what comes and goes within a tick where little leaves. */
const LEAP_SHARE = 0.1;
/** Of what leaves at the other points: so much may come and go by itself. */
const FLUCTUATION = 0.1;

export function telemetryFaults(
  state: ManagerState,
  observation: Observation,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
): TelemetryFault[] {
  const { atMs, rivals = [] } = observation;
  if (state.tick > 0 && atMs <= state.atMs) return [{ kind: 'out-of-order', subject: 'tick' }];
  const faults: TelemetryFault[] = [];
  const routes = freshness(observation.routesAtMs, atMs, settings.staleMs);
  if (routes !== null) faults.push({ kind: routes, subject: 'routes' });
  for (const { prefix, instance } of rivals)
    faults.push({ kind: 'rival', subject: `manager ${instance} at ${prefix}` });
  for (const limit of limits) {
    const fault = pointFault(state, observation, limit, settings);
    if (fault !== null) faults.push({ kind: fault, subject: limit.id });
  }
  // Those that have collapsed count: they may be all that anything is known of.
  const unread = new Set(faults.filter(({ kind }) => kind !== 'collapsed').map(({ subject }) => subject));
  const read = limits.filter(({ id }) => !unread.has(id));
  if (haveCollapsed(state, observation, read)) {
    faults.push({ kind: 'collapsed', subject: 'all points' });
  }
  return faults;
}

function pointFault(
  state: ManagerState,
  observation: Observation,
  limit: PointLimits,
  settings: DecisionSettings,
): TelemetryFaultKind | null {
  const { points, atMs } = observation;
  const { staleMs, maxUtilization, contradiction } = settings;
  const { id, capacity } = limit;
  const reading = points.find(({ point }) => point === id);
  if (reading === undefined || reading.load === null) return 'missing';
  const { load, measuredAtMs, flowVolume, flowsAtMs, flowCheck, impossibleVolume } = reading;
  const stale = freshness(measuredAtMs, atMs, staleMs);
  if (stale !== null) return stale;
  if (!(load >= 0 && load <= maxUtilization * capacity) || impossibleVolume !== undefined) return 'impossible';
  if (!(flowVolume >= 0 && flowVolume <= maxUtilization * contradiction * capacity)) return 'impossible';
  // Where next to nothing leaves, and did, there is nothing to tell either.
  const isIdle = Math.max(load, flowVolume) <= COMPARED_SHARE * capacity;
  const flowsStale = isIdle ? null : freshness(flowsAtMs, atMs, staleMs);
  if (flowsStale !== null) return flowsStale;
  if (flowCheck !== null && isContradictory(flowCheck, capacity, settings)) return 'contradictory';
  return leap(state, observation, { ...reading, load }, limit, settings);
}

/** Whether flow records tell of more than was counted, or of much less: what is of no flow is in the counters too. */
function isContradictory(
  { volume, variance, least, most }: FlowCheck,
  capacity: number,
  { confidence, contradiction }: DecisionSettings,
): boolean {
  if (Math.max(volume, least) <= COMPARED_SHARE * capacity) return false;
  const error = confidence * Math.sqrt(variance);
  return volume - error > FLOW_EXCESS * most || contradiction * (volume + error) < least;
}

/**
 * Traffic that is no more, or that is there all at once, and was and is nowhere else: a counter that hangs, or tells anything. What
 * was measured before our last change says nothing about it.
 */
function leap(
  state: ManagerState,
  { points, prefixes }: Observation,
  reading: PointReading & { readonly load: number },
  { id, capacity }: PointLimits,
  settings: DecisionSettings,
): 'collapsed' | 'contradictory' | null {
  const { load, flowVolume } = reading;
  const { baseline, changedAtMs } = state;
  const before = baseline[id];
  if (before === undefined) return null;
  if (!isMeasuredSince(reading, changedAtMs, settings)) return null;
  if (Math.max(before, load) <= COMPARED_SHARE * capacity) return null;
  const others = points.filter(({ point }) => point !== id);
  const othersBefore = others.reduce((sum, { point }) => sum + (baseline[point] ?? 0), 0);
  // One that nobody answers for is taken to be as it was.
  const othersGain = others.reduce((sum, one) => {
    const known = baseline[one.point];
    return one.load === null || known === undefined ? sum : sum + one.load - known;
  }, 0);
  // Of the difference, what did not come from, or go to, the other points.
  const change = load - before;
  const unexplained = Math.abs(change) + Math.sign(change) * othersGain;
  if (unexplained <= Math.max(Math.abs(change) / 2, FLUCTUATION * othersBefore)) return null;
  const hasRoutes = prefixes.some(({ learned }) => learned.some(({ point }) => point === id));
  if (load < COLLAPSE_SHARE * leastBefore(state, id) && hasRoutes) return 'collapsed';
  const { contradiction } = settings;
  const isFar = (known: number): boolean => Math.max(load, known) > contradiction * Math.min(load, known);
  const isLarge = Math.abs(change) > LEAP_SHARE * capacity;
  return isLarge && isFar(before) && isFar(flowVolume) ? 'contradictory' : null;
}

function freshness(measuredAtMs: number | null, atMs: number, staleMs: number): 'missing' | 'stale' | null {
  if (measuredAtMs === null) return 'missing';
  // A time ahead of ours is no measurement either.
  return atMs - measuredAtMs > staleMs || measuredAtMs > atMs ? 'stale' : null;
}

/** What was there for certain: a change of ours that has not been measured yet may not have been followed, which is verified elsewhere. */
function leastBefore({ baseline, shift }: ManagerState, point: string): number {
  const load = baseline[point] ?? 0;
  const change = shift?.loads[point];
  return change?.after === load ? Math.min(change.before, load) : load;
}

function haveCollapsed(state: ManagerState, { points }: Observation, limits: readonly PointLimits[]): boolean {
  const before = limits.reduce((sum, { id }) => sum + leastBefore(state, id), 0);
  const loads = new Map(points.map(({ point, load }) => [point, load ?? 0]));
  const now = limits.reduce((sum, { id }) => sum + (loads.get(id) ?? 0), 0);
  const capacity = limits.reduce((sum, limit) => sum + limit.capacity, 0);
  return before > COMPARED_SHARE * capacity && now < COLLAPSE_SHARE * before;
}
