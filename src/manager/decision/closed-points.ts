/**
 * Points whose telemetry is not believed, while that of the others is: nothing is moved to them, off them or back to them, what was
 * moved to them is withdrawn when that lasts, and they are open again after `recoverTicks` sound ticks. One router in maintenance
 * is no reason to give up what relieves the others.
 */
import type { ChangeReason } from './decision.ts';
import type { Observation } from './observation.ts';
import type { TelemetryFault } from './plausibility.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState, Override } from './state.ts';

export type ClosedPoints = ManagerState['closed'];

/** What is of no single point, or of half of them and more, is of all. */
export function concernsAll(faults: readonly TelemetryFault[], limits: readonly PointLimits[]): boolean {
  const ids = new Set(limits.map(({ id }) => id));
  const points = new Set(faults.map(({ subject }) => subject));
  return [...points].some((subject) => !ids.has(subject)) || 2 * points.size >= ids.size;
}

export function nextClosed(
  before: ClosedPoints,
  faults: readonly TelemetryFault[],
  { recoverTicks }: DecisionSettings,
): ClosedPoints {
  const faulty = new Set(faults.map(({ subject }) => subject));
  const next: Record<string, ClosedPoints[string]> = {};
  for (const point of [...new Set([...Object.keys(before), ...faulty])].sort()) {
    const { faultyTicks, soundTicks } = before[point] ?? { faultyTicks: 0, soundTicks: 0 };
    if (faulty.has(point)) next[point] = { faultyTicks: faultyTicks + 1, soundTicks: 0 };
    else if (soundTicks + 1 < recoverTicks) next[point] = { faultyTicks: 0, soundTicks: soundTicks + 1 };
  }
  return next;
}

export function isAtClosed({ to }: Override, closed: ClosedPoints): boolean {
  return closed[to] !== undefined;
}

/** Overrides to points that were not believed for too long. */
export function stranded(
  { overrides, closed }: ManagerState,
  { withdrawAfterTicks }: DecisionSettings,
): Map<string, ChangeReason> {
  const late = overrides.filter(({ to }) => (closed[to]?.faultyTicks ?? 0) >= withdrawAfterTicks);
  return new Map(late.map(({ prefix }) => [prefix, 'telemetry']));
}

/** Without prefixes that leave, even in part, at a closed point, and without routes there. */
export function openPart(observation: Observation, closed: ClosedPoints): Observation {
  if (Object.keys(closed).length === 0) return observation;
  const isOpen = ({ point }: { readonly point: string }): boolean => closed[point] === undefined;
  const prefixes = observation.prefixes
    .filter(({ volumes }) => volumes.every(isOpen))
    .map((reading) => ({ ...reading, learned: reading.learned.filter(isOpen) }));
  return { ...observation, prefixes };
}
