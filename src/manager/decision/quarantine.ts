/**
 * Quarantine of points whose telemetry is not believed, while that of the others is: nothing is moved to them, off them or back to
 * them, what was moved to them is withdrawn when that lasts, and it ends after `recoverTicks` sound ticks. One router in maintenance
 * is no reason to give up what relieves the others.
 */
import type { ChangeReason } from './decision.ts';
import type { Observation } from './observation.ts';
import type { TelemetryFault } from './plausibility.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState, Override } from './state.ts';

export type Quarantine = ManagerState['quarantine'];

/** What is of no single point, or of half of them and more, is of all. */
export function concernsAll(faults: readonly TelemetryFault[], limits: readonly PointLimits[]): boolean {
  const ids = new Set(limits.map(({ id }) => id));
  const points = new Set(faults.map(({ subject }) => subject));
  return [...points].some((subject) => !ids.has(subject)) || 2 * points.size >= ids.size;
}

export function nextQuarantine(
  before: Quarantine,
  faults: readonly TelemetryFault[],
  { recoverTicks }: DecisionSettings,
): Quarantine {
  const faulty = new Set(faults.map(({ subject }) => subject));
  const next: Record<string, Quarantine[string]> = {};
  for (const point of [...new Set([...Object.keys(before), ...faulty])].sort()) {
    const { faultyTicks, soundTicks } = before[point] ?? { faultyTicks: 0, soundTicks: 0 };
    if (faulty.has(point)) next[point] = { faultyTicks: faultyTicks + 1, soundTicks: 0 };
    else if (soundTicks + 1 < recoverTicks) next[point] = { faultyTicks: 0, soundTicks: soundTicks + 1 };
  }
  return next;
}

export function isToQuarantined({ to }: Override, quarantine: Quarantine): boolean {
  return quarantine[to] !== undefined;
}

/** Overrides to points that were not believed for too long. */
export function stranded(
  { overrides, quarantine }: ManagerState,
  { withdrawAfterTicks }: DecisionSettings,
): Map<string, ChangeReason> {
  const late = overrides.filter(({ to }) => (quarantine[to]?.faultyTicks ?? 0) >= withdrawAfterTicks);
  return new Map(late.map(({ prefix }) => [prefix, 'telemetry']));
}

/** What may be acted on: without prefixes that leave, even in part, at a point in quarantine, and without routes there. */
export function believedPart(observation: Observation, quarantine: Quarantine): Observation {
  if (Object.keys(quarantine).length === 0) return observation;
  const isBelieved = ({ point }: { readonly point: string }): boolean => quarantine[point] === undefined;
  const prefixes = observation.prefixes
    .filter(({ volumes }) => volumes.every(isBelieved))
    .map((reading) => ({ ...reading, learned: reading.learned.filter(isBelieved) }));
  return { ...observation, prefixes };
}
