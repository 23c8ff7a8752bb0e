/** Overrides that end whatever telemetry says: nothing may rest on a route that is gone. */
import type { ChangeReason } from './decision.ts';
import type { Observation } from './observation.ts';
import type { Permission } from './permission.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import { homeOf, type ManagerState } from './state.ts';

/** By prefix. */
export function unsafeOverrides(
  { overrides }: ManagerState,
  { prefixes, atMs }: Observation,
  permission: Permission,
  { maxOverrides }: DecisionSettings,
): Map<string, ChangeReason> {
  const readings = new Map(prefixes.map((reading) => [reading.prefix, reading]));
  const unsafe = new Map<string, ChangeReason>();
  let keptCount = 0;
  for (const { prefix, to, leaseUntilMs } of overrides) {
    if (!readings.get(prefix)?.learned.some(({ point }) => point === to)) unsafe.set(prefix, 'route-gone');
    else if (leaseUntilMs <= atMs) unsafe.set(prefix, 'lease-expired');
    // More than are allowed, where that was lowered between two runs.
    else if (!permission.isAllowed(prefix) || keptCount >= maxOverrides) unsafe.set(prefix, 'not-allowed');
    else keptCount++;
  }
  return unsafe;
}

/**
 * Overrides that no load would release: they came from a point that is no more, where the configuration was changed between two runs,
 * and attributes do not tell where plain BGP sends them now.
 */
export function homeless({ overrides }: ManagerState, limits: readonly PointLimits[]): Map<string, ChangeReason> {
  const points = new Set(limits.map(({ id }) => id));
  const left = overrides.filter((one) => !points.has(homeOf(one)));
  return new Map(left.map(({ prefix }) => [prefix, 'not-allowed']));
}
