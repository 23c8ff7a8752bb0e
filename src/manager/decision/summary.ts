/** A tick in the words of a decision. */
import type { Activity, Change, Decision, StuckRelease } from './decision.ts';
import type { Observation } from './observation.ts';
import type { TelemetryFault } from './plausibility.ts';
import type { Reallocation } from './reallocator.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState } from './state.ts';
import { isOver } from './watermarks.ts';

export interface TickOutcome {
  readonly state: ManagerState;
  readonly activity: Activity;
  readonly changes: readonly Change[];
  readonly faults?: readonly TelemetryFault[];
  readonly asked?: readonly Reallocation[];
  readonly stuck?: readonly StuckRelease[];
}

export function decisionOf(
  { state, activity, changes, faults = [], asked = [], stuck = [] }: TickOutcome,
  { points }: Observation,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
): Decision {
  const loads = new Map(points.map(({ point, load }) => [point, load]));
  return {
    tick: state.tick,
    atMs: state.atMs,
    activity,
    faults,
    points: limits.map(({ id, high, low, capacity }) => ({
      point: id,
      load: loads.get(id) ?? null,
      high,
      low,
      capacity,
      isOver: isOver(state.windows[id], settings),
    })),
    traffic:
      state.traffic === null
        ? null
        : { class: state.traffic.seen?.class ?? null, classCount: state.traffic.classes.length },
    changes: [...changes].sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
    overrideCount: state.overrides.length,
    reallocations: asked,
    ...(stuck.length > 0 && { stuck }),
  };
}
