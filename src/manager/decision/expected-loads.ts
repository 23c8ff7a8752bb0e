/** What loads are to be after changes: what is measured next is held against it. */
import type { Change } from './decision.ts';
import type { Observation } from './observation.ts';
import type { ManagerState } from './state.ts';

export function expectedLoads(
  baseline: ManagerState['baseline'],
  changes: readonly Change[],
  { prefixes }: Observation,
): ManagerState['baseline'] {
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
