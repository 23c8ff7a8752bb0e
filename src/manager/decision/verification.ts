/**
 * Did the network follow? Routes are read back, and traffic has to leave at the new point; else the override is rolled back.
 *
 * Traffic is seen by the bytes of the last interval of flow records, not by averages, which lag. An interval that shows it at the
 * new point proves it; one that shows it elsewhere proves the contrary only if all of it was sent after the move. Until either is
 * there, the counters may show that the moves of that tick were followed, all together.
 *
 * Releases are looked at in the same way. What stays is told, and no more: there is nothing left to take back.
 */
import type { ChangeReason, StuckRelease } from './decision.ts';
import { withoutFailures } from './holds.ts';
import { type Observation, type PointReading, type PrefixReading, totalVolume } from './observation.ts';
import { type Changed, withdraw } from './overrides.ts';
import { isToQuarantined } from './quarantine.ts';
import type { DecisionSettings, PointLimits } from './settings.ts';
import { isCounted } from './shift.ts';
import { type ManagerState, type Override, type Release, withReleased } from './state.ts';

/** Of the bytes of a prefix: some flows were recorded before the move. */
const MOVED_SHARE = 0.5;

/** Share of the smallest capacity below which the volume of a prefix proves nothing. */
const NEGLIGIBLE_SHARE = 1e-4;

/** `state`: before this tick. */
export function verify(
  state: ManagerState,
  observation: Observation,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
): Changed {
  const readings = new Map(observation.prefixes.map((reading) => [reading.prefix, reading]));
  const points = new Map(observation.points.map((reading) => [reading.point, reading]));
  const negligible = negligibleVolume(limits);
  const done: string[] = [];
  const late = new Map<string, ChangeReason>();
  // Those that were verified before are looked at too: a network that stops to follow is one that did not.
  const { shift, history } = state;
  const isShown = shift !== null && isCounted(shift, observation, state.quarantine, settings);
  const countedAtMs = isShown ? shift.atMs : null;
  const overrides = state.overrides.map((override): Override => {
    // What is not believed proves nothing.
    if (isToQuarantined(override, state.quarantine)) return override;
    const reading = readings.get(override.prefix);
    const proves = (point: string): boolean =>
      state.quarantine[point] === undefined && isAllAfter(override.sinceMs, points.get(point), state.atMs, settings);
    const isMeasured = (points.get(override.to)?.flowsSinceMs ?? null) !== null;
    const where = whereabouts(override, reading, isMeasured ? negligible : null, proves);
    // It is waited for no longer, but what spoke against it still does.
    if (where === 'nowhere') return { ...override, phase: 'verified' };
    if (where === 'unknown') {
      const isCountedIn = override.sinceMs === countedAtMs && override.pendingTicks === 0;
      return isCountedIn ? { ...override, phase: 'verified' } : override;
    }
    if (where === 'there') {
      if ((history[override.prefix]?.failureCount ?? 0) > 0) done.push(override.prefix);
      return { ...override, phase: 'verified', pendingTicks: 0 };
    }
    const pendingTicks = override.pendingTicks + 1;
    if (pendingTicks >= settings.verifyTicks) late.set(override.prefix, 'not-verified');
    return { ...override, phase: 'pending', pendingTicks };
  });
  const verified = { ...state, overrides, history: withoutFailures(history, done) };
  return withdraw(verified, observation, late, settings);
}

export interface ReleasesChecked {
  readonly state: ManagerState;
  readonly stuck: readonly StuckRelease[];
}

/** Released prefixes: each is looked at until its traffic has gone, or has stayed for `verifyTicks` intervals. `state`: before this tick. */
export function verifyReleases(
  state: ManagerState,
  observation: Observation,
  limits: readonly PointLimits[],
  settings: DecisionSettings,
): ReleasesChecked {
  const { released = [], quarantine, atMs: lastTickMs } = state;
  if (released.length === 0) return { state, stuck: [] };
  const readings = new Map(observation.prefixes.map((reading) => [reading.prefix, reading]));
  const points = new Map(observation.points.map((reading) => [reading.point, reading]));
  const negligible = negligibleVolume(limits);
  const stuck: StuckRelease[] = [];
  const waiting = released.flatMap((release): Release[] => {
    const { prefix, from, to, sinceMs } = release;
    if (quarantine[from] !== undefined || quarantine[to] !== undefined) return [release];
    const reading = readings.get(prefix);
    // Without a route, or without traffic, there is nothing that could leave anywhere.
    if (reading === undefined) return [];
    const volume = totalVolume(reading);
    const isMeasured = (points.get(from)?.flowsSinceMs ?? null) !== null;
    if (volume <= negligible) return isMeasured ? [] : [release];
    const sum = reading.volumes.reduce((total, { latest }) => total + latest, 0);
    const stayed = reading.volumes.find(({ point }) => point === from)?.latest ?? 0;
    if (sum > 0 && stayed <= (1 - MOVED_SHARE) * sum) return [];
    const isProof = stayed > 0 && isAllAfter(sinceMs, points.get(from), lastTickMs, settings);
    const lateTicks = release.lateTicks + Number(isProof);
    if (lateTicks < settings.verifyTicks) return [{ ...release, lateTicks }];
    stuck.push({ prefix, from, to, volume });
    return [];
  });
  return { state: withReleased(state, waiting), stuck };
}

function negligibleVolume(limits: readonly PointLimits[]): number {
  return NEGLIGIBLE_SHARE * Math.min(...limits.map(({ capacity }) => capacity));
}

/**
 * `negligible`: volume that proves nothing either way, null where none was measured yet; `proves`: whether a point's records are
 * believed, new, and of after the move. What sends no more is nowhere, however long its average takes to fall.
 */
function whereabouts(
  { to }: Override,
  reading: PrefixReading | undefined,
  negligible: number | null,
  proves: (point: string) => boolean,
): 'there' | 'elsewhere' | 'nowhere' | 'unknown' {
  if (reading === undefined || reading.installed !== to) return 'elsewhere';
  if (negligible !== null && totalVolume(reading) <= negligible) return 'there';
  const sum = reading.volumes.reduce((total, { latest }) => total + latest, 0);
  const there = reading.volumes.find(({ point }) => point === to)?.latest ?? 0;
  if (sum > 0 && there >= MOVED_SHARE * sum) return 'there';
  const isSilent = sum === 0 && [to, ...reading.volumes.map(({ point }) => point)].every(proves);
  if (isSilent) return 'nowhere';
  const isElsewhere = reading.volumes.some(({ point, latest }) => point !== to && latest > 0 && proves(point));
  return isElsewhere ? 'elsewhere' : 'unknown';
}

function isAllAfter(
  sinceMs: number,
  point: PointReading | undefined,
  lastTickMs: number,
  { settleMs, flowLagMs }: DecisionSettings,
): boolean {
  if (point === undefined || point.flowsSinceMs === null || point.flowsAtMs === null) return false;
  return point.flowsAtMs > lastTickMs && point.flowsSinceMs >= sinceMs + settleMs + flowLagMs;
}
