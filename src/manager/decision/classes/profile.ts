/** Traffic patterns: volumes of the largest prefixes that may be moved, and what else leaves at each point. */
import type { Candidate } from '../candidates.ts';
import { type Observation, totalVolume, volumeAt } from '../observation.ts';
import type { TrafficProfile } from './traffic-memory.ts';

export const NO_TRAFFIC: TrafficProfile = { volumes: {}, rest: {} };

/** `measured`: by volume, descending; the first `prefixCount` are told apart. */
export function profileOf(
  measured: readonly Candidate[],
  { points }: Observation,
  prefixCount: number,
): TrafficProfile {
  const largest = measured.slice(0, prefixCount).map(({ reading }) => reading);
  const rest = points.map(({ point, load }) => {
    const known = largest.reduce((sum, reading) => sum + volumeAt(reading, point), 0);
    return [point, Math.max(0, (load ?? 0) - known)] as const;
  });
  const volumes = largest.map((reading) => [reading.prefix, totalVolume(reading)] as const);
  return { volumes: sorted(volumes), rest: sorted(rest) };
}

/** Value by value; what one of them does not have is 0 there. */
export function combined(
  a: TrafficProfile,
  b: TrafficProfile,
  combine: (one: number, other: number) => number,
): TrafficProfile {
  return { volumes: union(a.volumes, b.volumes, combine), rest: union(a.rest, b.rest, combine) };
}

/** To four digits: a profile is kept for a week, and written with each state. */
export function scaled(profile: TrafficProfile, factor: number): TrafficProfile {
  const each = (values: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number((value * factor).toPrecision(4))]));
  return { volumes: each(profile.volumes), rest: each(profile.rest) };
}

/** The `prefixCount` largest prefixes alone; the others go nowhere, as nothing says where they left. */
export function trimmed(profile: TrafficProfile, prefixCount: number): TrafficProfile {
  const entries = Object.entries(profile.volumes);
  if (entries.length <= prefixCount) return profile;
  const largest = entries.sort(([p, a], [q, b]) => b - a || (p < q ? -1 : 1)).slice(0, prefixCount);
  return { volumes: sorted(largest), rest: profile.rest };
}

function union(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
  combine: (one: number, other: number) => number,
): Record<string, number> {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return sorted([...keys].map((key) => [key, combine(a[key] ?? 0, b[key] ?? 0)] as const));
}

function sorted(entries: readonly (readonly [string, number])[]): Record<string, number> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
