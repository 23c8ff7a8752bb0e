/**
 * M of N: a point is to be relieved when it was above its high watermark in `overTicks` of the last `ofTicks` measurements. One that
 * is only repeated, or that a change falls into, is none.
 */
import { fits } from '../../problem/capacity.ts';
import { isMeasuredSince, type Observation } from './observation.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState } from './state.ts';

export type Windows = ManagerState['windows'];

/** Points in quarantine have none. `state`: before this tick. */
export function nextWindows(
  { windows, quarantine, atMs, changedAtMs }: ManagerState,
  { points }: Observation,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
): Windows {
  const readings = new Map(points.map((reading) => [reading.point, reading]));
  const believed = limits.filter(({ id }) => quarantine[id] === undefined);
  return Object.fromEntries(
    believed.map(({ id, high }) => {
      const window = windows[id] ?? [];
      const reading = readings.get(id);
      const isNew = (reading?.measuredAtMs ?? 0) > atMs;
      if (reading === undefined || !isNew || !isMeasuredSince(reading, changedAtMs, settings)) return [id, window];
      return [id, [...window, fits(reading.load ?? 0, high) ? 0 : 1].slice(-Math.max(1, settings.ofTicks))];
    }),
  );
}

/** Above the mark often enough, and above it now: what has gone by is no reason to act. */
export function isOver(window: readonly number[] = [], { overTicks, ofTicks }: DecisionSettings): boolean {
  const count = window.reduce((sum, one) => sum + one, 0);
  return window.at(-1) === 1 && count >= Math.min(overTicks, ofTicks);
}

/** Not once above the mark, in a window that is full. */
export function isQuiet(window: readonly number[] = [], { ofTicks }: DecisionSettings): boolean {
  return window.length >= ofTicks && window.every((one) => one === 0);
}
