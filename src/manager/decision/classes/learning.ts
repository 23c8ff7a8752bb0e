/**
 * Traffic classes: intervals of a week whose traffic is alike, so that one plan does for all of them ("solving the problem multiple
 * times, once for each equivalence class of traffic pattern").
 */
import type { DecisionSettings } from '../settings.ts';
import { groupProfiles, nearestProfile } from './grouping.ts';
import { combined, NO_TRAFFIC, scaled, trimmed } from './profile.ts';
import type { ClassPlan, TrafficClass, TrafficMemory, TrafficProfile } from './traffic-memory.ts';

type Settings = Pick<
  DecisionSettings,
  'classPeriodMs' | 'classIntervalMs' | 'classDistance' | 'classPrefixCount' | 'classPlanMs'
>;

/** After one more tick: what it saw joins its interval; an interval that has ended groups the period anew. */
export function remembered(
  memory: TrafficMemory,
  profile: TrafficProfile,
  atMs: number,
  settings: Settings,
): TrafficMemory {
  const interval = Math.floor((atMs % settings.classPeriodMs) / settings.classIntervalMs);
  const { running } = memory;
  const isNext = running !== null && running.interval !== interval;
  const learned = isNext ? withInterval(memory, running, atMs, settings) : memory;
  const before = running !== null && !isNext ? running : { tickCount: 0, sum: NO_TRAFFIC };
  const sum = combined(before.sum, profile, (one, other) => one + other);
  const nearest = nearestProfile(
    profile,
    learned.classes.map(({ mean }) => mean),
    settings.classDistance,
  );
  const tickCount = learned.seen?.class === nearest ? learned.seen.tickCount + 1 : 1;
  return {
    ...learned,
    running: { interval, tickCount: before.tickCount + 1, sum },
    seen: nearest === null ? null : { class: nearest, tickCount },
  };
}

/** `before`: the memory that this one came from; `seen`: point by prefix, of what is measured now. */
export function withHomes(
  memory: TrafficMemory,
  before: TrafficMemory,
  seen: Readonly<Record<string, string>>,
): TrafficMemory {
  const all = { ...before.homes, ...seen };
  if (memory.intervals === before.intervals) return { ...memory, homes: all };
  // What no interval has any more is forgotten.
  const known = new Set(Object.values(memory.intervals).flatMap(({ volumes }) => Object.keys(volumes)));
  const kept = Object.entries(all).filter(([prefix]) => known.has(prefix) || prefix in seen);
  return { ...memory, homes: Object.fromEntries(kept) };
}

/** Number of the class that was seen in so many ticks in a row. */
export function settledClass({ seen }: TrafficMemory, tickCount: number): number | null {
  return seen !== null && seen.tickCount >= tickCount ? seen.class : null;
}

export function withPlan(memory: TrafficMemory, at: number, plan: ClassPlan): TrafficMemory {
  return { ...memory, classes: memory.classes.map((one, k) => (k === at ? { ...one, plan } : one)) };
}

/** No plan was made after `atMs`, so that each is made anew in time. */
export function plannedUntil(memory: TrafficMemory, atMs: number): TrafficMemory {
  const classes = memory.classes.map((one) =>
    one.plan === null ? one : { ...one, plan: { ...one.plan, atMs: Math.min(one.plan.atMs, atMs) } },
  );
  return { ...memory, classes };
}

function withInterval(
  memory: TrafficMemory,
  { interval, tickCount, sum }: NonNullable<TrafficMemory['running']>,
  atMs: number,
  settings: Settings,
): TrafficMemory {
  const mean = scaled(sum, 1 / tickCount);
  const before = memory.intervals[interval];
  const average =
    before === undefined
      ? mean
      : scaled(
          combined(before, mean, (one, other) => one + other),
          0.5,
        );
  const intervals = { ...memory.intervals, [interval]: trimmed(average, settings.classPrefixCount) };
  // Classes are numbered anew.
  return { ...memory, intervals, classes: grouped(intervals, memory.classes, atMs, settings), seen: null };
}

function grouped(
  intervals: TrafficMemory['intervals'],
  before: readonly TrafficClass[],
  atMs: number,
  { classDistance, classPlanMs }: Settings,
): TrafficClass[] {
  const entries = Object.entries(intervals).sort(([a], [b]) => Number(a) - Number(b));
  const profiles = entries.map(([, profile]) => profile);
  const plans = before.flatMap(({ plan }) => (plan !== null && atMs - plan.atMs < classPlanMs ? [plan] : []));
  return groupProfiles(profiles, classDistance).map((group) => {
    const members = group.map((k) => profiles[k]);
    const sum = members.reduce((all, one) => combined(all, one, (a, b) => a + b), NO_TRAFFIC);
    const peak = members.reduce((most, one) => combined(most, one, Math.max), NO_TRAFFIC);
    // A plan stays with what it was made for, as long as that has hardly changed.
    const nearest = nearestProfile(
      peak,
      plans.map((plan) => plan.peak),
      classDistance / 2,
    );
    return {
      intervals: group.map((k) => Number(entries[k][0])),
      mean: scaled(sum, 1 / members.length),
      peak,
      plan: nearest === null ? null : plans[nearest],
    };
  });
}
