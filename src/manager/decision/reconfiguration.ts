/**
 * Points, capacities or watermarks that were changed between two runs: what was measured, counted and planned by those before says
 * nothing any more. Overrides and hold-downs stay. Capacities that are all others are of another unit.
 */
import type { PointLimits } from './settings.ts';
import type { ManagerState } from './state.ts';

export function underLimits(state: ManagerState, limits: readonly PointLimits[]): ManagerState {
  if (JSON.stringify(state.limits) === JSON.stringify(limits)) return state;
  const before = new Map(state.limits.map((limit) => [limit.id, limit]));
  const alike = limits.filter(({ id, capacity }) => before.get(id)?.capacity === capacity);
  const marked = alike.filter(({ id, high }) => before.get(id)?.high === high);
  const { traffic } = state;
  const classes = traffic?.classes.map((one) => ({ ...one, plan: null }));
  return {
    ...state,
    limits,
    soundTicks: 0,
    shift: null,
    baseline: ofPoints(state.baseline, alike),
    windows: ofPoints(state.windows, marked),
    optimizedAtMs: null,
    planPrices: {},
    traffic: traffic === null || classes === undefined || alike.length === 0 ? null : { ...traffic, classes },
  };
}

function ofPoints<T>(values: Readonly<Record<string, T>>, limits: readonly PointLimits[]): Record<string, T> {
  const ids = new Set(limits.map(({ id }) => id));
  return Object.fromEntries(Object.entries(values).filter(([point]) => ids.has(point)));
}
