/** Prefixes that may be moved, and those of them that may be now. */
import { isHeld } from './holds.ts';
import { type Observation, type PrefixReading, totalVolume } from './observation.ts';
import type { Permission } from './permission.ts';
import type { DecisionSettings } from './settings.ts';
import type { ManagerState, Override } from './state.ts';

export interface Candidate {
  readonly reading: PrefixReading;
  /** Point where it leaves. */
  readonly current: string;
  readonly override: Override | null;
}

/**
 * Share of a prefix's traffic that has to leave at one point. Traffic that border routers split among several is left to them:
 * one path for all routers would move what does not need to move.
 */
const MAIN_SHARE = 0.8;

/** Those that no hold-down keeps; in the order of `measuredPrefixes`. */
export function candidates(
  state: ManagerState,
  observation: Observation,
  permission: Permission,
  settings: DecisionSettings,
): Candidate[] {
  const { atMs } = observation;
  return measuredPrefixes(state, observation, permission).filter(
    ({ reading }) => !isHeld(state.history, reading.prefix, atMs, settings),
  );
}

/** Sorted by volume, the largest first, then by prefix. */
export function measuredPrefixes(state: ManagerState, { prefixes }: Observation, permission: Permission): Candidate[] {
  const overrides = new Map(state.overrides.map((one) => [one.prefix, one]));
  return prefixes
    .flatMap((reading) => {
      const current = mainPoint(reading);
      if (current === null || !permission.isAllowed(reading.prefix)) return [];
      return [{ reading, current, override: overrides.get(reading.prefix) ?? null }];
    })
    .sort((a, b) => totalVolume(b.reading) - totalVolume(a.reading) || (a.reading.prefix < b.reading.prefix ? -1 : 1));
}

export function mainPoint({ volumes }: PrefixReading): string | null {
  const total = volumes.reduce((sum, { volume }) => sum + volume, 0);
  if (!(total > 0)) return null;
  return volumes.find(({ volume }) => volume >= MAIN_SHARE * total)?.point ?? null;
}
