/** The baseline: loads of the last tick that was believed, as they are to be after its changes. What is measured next is held against it. */
import type { Change } from './decision.ts';
import { isMeasuredSince, type Observation, type PointReading } from './observation.ts';
import type { TelemetryFault } from './plausibility.ts';
import type { DecisionSettings } from './settings.ts';
import type { ManagerState } from './state.ts';

export type Baseline = ManagerState['baseline'];

/** What is not believed, or of before a change, says nothing about what is to be expected. `state`: before this tick. */
export function measuredLoads(
  { baseline, quarantine, changedAtMs }: ManagerState,
  { points }: Observation,
  faults: readonly TelemetryFault[],
  settings: DecisionSettings,
): Baseline {
  // While nothing is known of a point its traffic may go elsewhere: what it was is not comparable with what others are by then.
  const unknown = new Set(
    faults.filter(({ kind }) => kind === 'missing' || kind === 'impossible').map(({ subject }) => subject),
  );
  const isNews = (one: PointReading): boolean =>
    (quarantine[one.point]?.faultyTicks ?? 0) === 0 && isMeasuredSince(one, changedAtMs, settings);
  return Object.fromEntries(
    points
      .filter(({ point }) => !unknown.has(point))
      .map((one) => [one.point, isNews(one) ? (one.load ?? 0) : (baseline[one.point] ?? one.load ?? 0)]),
  );
}

export function expectedLoads(baseline: Baseline, changes: readonly Change[], { prefixes }: Observation): Baseline {
  const readings = new Map(prefixes.map((reading) => [reading.prefix, reading]));
  const loads = new Map(Object.entries(baseline));
  const add = (point: string, volume: number): void => {
    if (loads.has(point)) loads.set(point, Math.max(0, loads.get(point)! + volume));
  };
  for (const { prefix, to } of changes) {
    for (const { point, volume } of readings.get(prefix)?.volumes ?? []) {
      add(point, -volume);
      add(to, volume);
    }
  }
  return Object.fromEntries(loads);
}
