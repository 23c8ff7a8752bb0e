/** Did the network follow? Routes are read back, and traffic has to leave at the new point; else the override is rolled back. */
import { isAtClosed } from './closed-points.ts';
import type { ChangeReason } from './decision.ts';
import { withoutFailures } from './holds.ts';
import { type Observation, type PrefixReading, totalVolume, volumeAt } from './observation.ts';
import { type Changed, withdraw } from './overrides.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import type { ManagerState, Override } from './state.ts';

/** Of the traffic of a prefix. Averages lag behind, and some flows were recorded before the move. */
const MOVED_SHARE = 0.5;

/** Share of the smallest capacity below which the volume of a prefix proves nothing. */
const NEGLIGIBLE_SHARE = 1e-4;

export function verify(
  state: ManagerState,
  observation: Observation,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
): Changed {
  const readings = new Map(observation.prefixes.map((reading) => [reading.prefix, reading]));
  const negligible = NEGLIGIBLE_SHARE * Math.min(...limits.map(({ capacity }) => capacity));
  const done: string[] = [];
  const late = new Map<string, ChangeReason>();
  // Those that were verified before are looked at too: a network that stops to follow is one that did not.
  const overrides = state.overrides.map((override): Override => {
    // What is not believed proves nothing.
    if (isAtClosed(override, state.closed)) return override;
    if (hasFollowed(override, readings.get(override.prefix), negligible)) {
      if (override.phase === 'pending') done.push(override.prefix);
      return { ...override, phase: 'verified', pendingTicks: 0 };
    }
    const pendingTicks = override.pendingTicks + 1;
    if (pendingTicks >= settings.verifyTicks) late.set(override.prefix, 'not-verified');
    return { ...override, phase: 'pending', pendingTicks };
  });
  const verified = { ...state, overrides, history: withoutFailures(state.history, done) };
  return withdraw(verified, observation, late, settings);
}

/** `negligible`: volume that proves nothing either way. */
function hasFollowed({ to }: Override, reading: PrefixReading | undefined, negligible: number): boolean {
  if (reading === undefined || reading.installed !== to) return false;
  const total = totalVolume(reading);
  return total <= negligible || volumeAt(reading, to) >= MOVED_SHARE * total;
}
