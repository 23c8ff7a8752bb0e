/** Overrides that end whatever telemetry says: nothing may rest on a route that is gone. */
import type { ChangeReason } from './decision.ts';
import type { Observation } from './observation.ts';
import type { Permission } from './permission.ts';
import type { DecisionSettings } from './settings.ts';
import type { ManagerState } from './state.ts';

/** By prefix. */
export function unsafeOverrides(
  { overrides }: ManagerState,
  { prefixes, atMs }: Observation,
  permission: Permission,
  { maxOverrides }: DecisionSettings,
): Map<string, ChangeReason> {
  const readings = new Map(prefixes.map((reading) => [reading.prefix, reading]));
  const unsafe = new Map<string, ChangeReason>();
  overrides.forEach(({ prefix, to, leaseUntilMs }, at) => {
    if (!readings.get(prefix)?.learned.some(({ point }) => point === to)) unsafe.set(prefix, 'route-gone');
    else if (leaseUntilMs <= atMs) unsafe.set(prefix, 'lease-expired');
    // More than are allowed, where that was lowered between two runs.
    else if (!permission.isAllowed(prefix) || at >= maxOverrides) unsafe.set(prefix, 'not-allowed');
  });
  return unsafe;
}
