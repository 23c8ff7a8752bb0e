/**
 * Changes as the counters show them, sooner than flow records do: every point that is to gain or lose much has the load that is
 * expected of it, but for a quarter of the difference. A prefix that did not follow among others that did is found out by its flows.
 */
import { isMeasuredSince, type Observation } from './observation.ts';
import { COMPARED_SHARE } from './plausibility.ts';
import type { Quarantine } from './quarantine.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState, Shift } from './state.ts';

const MISSED_SHARE = 0.25;

export function shiftBetween(
  before: ManagerState['baseline'],
  after: ManagerState['baseline'],
  limits: readonly PointLimits[],
  atMs: number,
): Shift {
  const loads = limits.flatMap(({ id, capacity }) => {
    const pair = { before: before[id] ?? 0, after: after[id] ?? 0 };
    return Math.abs(pair.after - pair.before) > COMPARED_SHARE * capacity ? [[id, pair] as const] : [];
  });
  return { atMs, loads: Object.fromEntries(loads) };
}

/** At points that gain and at points that lose; false where none does so by much, before it was measured, and where it is not believed. */
export function isCounted(
  shift: Shift,
  { points }: Observation,
  quarantine: Quarantine,
  settings: DecisionSettings,
): boolean {
  const readings = new Map(points.map((reading) => [reading.point, reading]));
  const shifts = Object.entries(shift.loads);
  const hasCome = shifts.some(([, { before, after }]) => after > before);
  const hasGone = shifts.some(([, { before, after }]) => after < before);
  return (
    hasCome &&
    hasGone &&
    shifts.every(([point, { before, after }]) => {
      const reading = readings.get(point);
      if (reading === undefined || reading.load === null || quarantine[point] !== undefined) return false;
      const isNear = Math.abs(reading.load - after) <= MISSED_SHARE * Math.abs(after - before);
      return isNear && isMeasuredSince(reading, shift.atMs, settings);
    })
  );
}
