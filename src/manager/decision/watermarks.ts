/** M of N: a point is to be relieved when it was above its high watermark in `overTicks` of the last `ofTicks`. */
import type { Observation } from './observation.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState } from './state.ts';

export type Windows = ManagerState['windows'];

export function nextWindows(
  windows: Windows,
  { points }: Observation,
  limits: readonly PointLimits[],
  { ofTicks }: DecisionSettings,
): Windows {
  const loads = new Map(points.map(({ point, load }) => [point, load ?? 0]));
  return Object.fromEntries(
    limits.map(({ id, high }) => [
      id,
      [...(windows[id] ?? []), (loads.get(id) ?? 0) > high ? 1 : 0].slice(-Math.max(1, ofTicks)),
    ]),
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
