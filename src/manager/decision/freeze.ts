/** A tick whose telemetry is not believed: nothing is moved, no lease renewed, and everything withdrawn when that lasts. */
import { plannedUntil } from './classes/learning.ts';
import type { Observation } from './observation.ts';
import { type Changed, withdrawAll } from './overrides.ts';
import type { TelemetryFault } from './plausibility.ts';
import type { DecisionSettings } from './settings.ts';
import { type ManagerState, withReleased } from './state.ts';
import type { TickOutcome } from './summary.ts';

/** `safe`: once what is unsafe is withdrawn. */
export function freeze(
  safe: Changed,
  observation: Observation,
  faults: readonly TelemetryFault[],
  settings: DecisionSettings,
): TickOutcome {
  const before = safe.state;
  const frozenTicks = before.frozenTicks + 1;
  // A tick from the past does not turn the clock back, unless it stays there: then nothing is left that rests on the time before.
  const isWithdrawing = frozenTicks >= settings.withdrawAfterTicks;
  const atMs = isWithdrawing ? observation.atMs : Math.max(before.atMs, observation.atMs);
  const frozen: ManagerState = { ...before, tick: before.tick + 1, atMs, frozenTicks, soundTicks: 0, windows: {} };
  if (!isWithdrawing) return { state: frozen, activity: 'frozen', changes: safe.changes, faults };
  const withdrawn = withdrawAll(asOf(frozen, atMs), observation, 'telemetry', settings);
  const changes = [...safe.changes, ...withdrawn.changes];
  return { state: withdrawn.state, activity: 'withdrawn', changes, faults };
}

/** Nothing was done after `atMs`: what was is as of then, so that hold-downs last as long as they should at most. */
function asOf(state: ManagerState, atMs: number): ManagerState {
  const { changedAtMs, optimizedAtMs, traffic, released = [] } = state;
  const past = withReleased(
    state,
    released.map((one) => ({ ...one, sinceMs: Math.min(one.sinceMs, atMs) })),
  );
  return {
    ...past,
    changedAtMs: changedAtMs === null ? null : Math.min(changedAtMs, atMs),
    history: Object.fromEntries(
      Object.entries(state.history).map(([prefix, past]) => [
        prefix,
        { ...past, changedAtMs: Math.min(past.changedAtMs, atMs) },
      ]),
    ),
    optimizedAtMs: optimizedAtMs === null ? null : Math.min(optimizedAtMs, atMs),
    traffic: traffic === null ? null : plannedUntil(traffic, atMs),
  };
}
