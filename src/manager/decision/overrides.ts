/** Overrides from one state to the next: made, renewed and ended; each change is noted against its prefix. */
import type { Change, ChangeReason } from './decision.ts';
import { withChanges } from './holds.ts';
import { type Observation, totalVolume } from './observation.ts';
import { isToQuarantined } from './quarantine.ts';
import type { DecisionSettings } from './settings.ts';
import { homeOf, type ManagerState, withReleased } from './state.ts';

export interface Changed {
  readonly state: ManagerState;
  readonly changes: readonly Change[];
}

/** Takes back the prefixes of `reasons`, whatever the limits of change. */
export function withdraw(
  state: ManagerState,
  { atMs, prefixes }: Observation,
  reasons: ReadonlyMap<string, ChangeReason>,
  settings: DecisionSettings,
): Changed {
  if (reasons.size === 0) return { state, changes: [] };
  const readings = new Map(prefixes.map((reading) => [reading.prefix, reading]));
  const changes = state.overrides.flatMap((override): Change[] => {
    const { prefix, to } = override;
    const reason = reasons.get(prefix);
    const reading = readings.get(prefix);
    const volume = reading === undefined ? 0 : totalVolume(reading);
    return reason === undefined ? [] : [{ prefix, action: 'withdraw', from: to, to: homeOf(override), volume, reason }];
  });
  const noted = changes.map(({ prefix, reason }) => ({ prefix, isFailure: reason === 'not-verified' }));
  const overrides = state.overrides.filter(({ prefix }) => !reasons.has(prefix));
  const history = withChanges(state.history, noted, atMs, settings);
  return { state: { ...state, overrides, history, changedAtMs: atMs }, changes };
}

export function withdrawAll(
  state: ManagerState,
  observation: Observation,
  reason: ChangeReason,
  settings: DecisionSettings,
): Changed {
  const all = new Map(state.overrides.map(({ prefix }) => [prefix, reason]));
  return withdraw(state, observation, all, settings);
}

/** Moves and releases, once they are chosen. */
export function apply(
  state: ManagerState,
  changes: readonly Change[],
  atMs: number,
  settings: DecisionSettings,
): ManagerState {
  if (changes.length === 0) return state;
  const overrides = new Map(state.overrides.map((one) => [one.prefix, one]));
  const released = new Map((state.released ?? []).map((one) => [one.prefix, one]));
  for (const { prefix, action, from, to, reason } of changes) {
    const before = overrides.get(prefix);
    released.delete(prefix);
    if (action === 'release') {
      overrides.delete(prefix);
      const left = before?.to ?? from;
      // Where plain BGP has come to prefer the point of the override, nothing is to be seen of it.
      if (left !== to) released.set(prefix, { prefix, from: left, to, sinceMs: atMs, lateTicks: 0 });
    } else {
      overrides.set(prefix, {
        prefix,
        from: before?.from ?? from,
        to,
        plain: before?.plain ?? null,
        reason: reason === 'optimize' ? 'optimize' : 'relieve',
        sinceMs: atMs,
        leaseUntilMs: atMs + settings.leaseMs,
        phase: 'pending',
        pendingTicks: 0,
      });
    }
  }
  const noted = changes.map(({ prefix }) => ({ prefix, isFailure: false }));
  const sorted = [...overrides.values()].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
  const history = withChanges(state.history, noted, atMs, settings);
  return withReleased({ ...state, overrides: sorted, history, changedAtMs: atMs }, [...released.values()]);
}

/** Those to points that are believed. */
export function renewLeases(state: ManagerState, { leaseMs }: DecisionSettings): ManagerState {
  const leaseUntilMs = state.atMs + leaseMs;
  const overrides = state.overrides.map((one) =>
    isToQuarantined(one, state.quarantine) ? one : { ...one, leaseUntilMs },
  );
  return { ...state, overrides };
}
