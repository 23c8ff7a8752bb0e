/**
 * Equivalence classes of traffic patterns. Two patterns are as far apart as the share of their traffic that they do not have in
 * common (weighted Jaccard distance): d(a, b) = 1 − Σ min(aᵢ, bᵢ) / Σ max(aᵢ, bᵢ), a metric between 0 and 1.
 *
 * Groups are merged by complete linkage, the closest first: no two patterns of a group are further apart than `maxDistance`. The
 * nearest of each group is kept, so that n patterns take about n² steps; the lowest numbers where distances tie.
 */
import type { TrafficProfile } from './traffic-memory.ts';

/** Numbers of the profiles in each group, ascending; groups by their first. */
export function groupProfiles(profiles: readonly TrafficProfile[], maxDistance: number): number[][] {
  const rows = denseRows(profiles);
  const groups: (number[] | null)[] = rows.map((_, k) => [k]);
  /** Float64 [group][group]: the largest distance between two of their patterns. */
  const between = rows.map((a) => Float64Array.from(rows, (b) => distanceOf(a, b)));
  const later = rows.map((_, k) => nearestLater(k, groups, between));
  for (;;) {
    const kept = closest(later, between);
    const gone = later[kept] ?? -1;
    const members = groups[gone];
    if (members === undefined || members === null || between[kept][gone] > maxDistance) break;
    groups[kept]?.push(...members);
    groups[gone] = null;
    later[gone] = -1;
    for (let k = 0; k < groups.length; k++) {
      between[kept][k] = Math.max(between[kept][k], between[gone][k]);
      between[k][kept] = between[kept][k];
    }
    // Distances only grow: what was nearest stays so, but where it was one of the two.
    for (let k = 0; k < groups.length; k++) {
      if (k === kept || later[k] === kept || later[k] === gone) later[k] = nearestLater(k, groups, between);
    }
  }
  return groups.flatMap((group) => (group === null ? [] : [group.sort((a, b) => a - b)]));
}

/** Of the groups with a higher number; -1 for none, and for a group that is gone. */
function nearestLater(k: number, groups: readonly (number[] | null)[], between: readonly Float64Array[]): number {
  let nearest = -1;
  if (groups[k] === null) return nearest;
  for (let other = k + 1; other < groups.length; other++) {
    if (groups[other] === null) continue;
    if (nearest < 0 || between[k][other] < between[k][nearest]) nearest = other;
  }
  return nearest;
}

/** The first group whose nearest is nearest; -1 for none. */
function closest(later: readonly number[], between: readonly Float64Array[]): number {
  let best = -1;
  later.forEach((other, k) => {
    if (other >= 0 && (best < 0 || between[k][other] < between[best][later[best]])) best = k;
  });
  return best;
}

/** Number of the profile next to `seen`, the first where two are; null where all are further than `maxDistance`. */
export function nearestProfile(
  seen: TrafficProfile,
  profiles: readonly TrafficProfile[],
  maxDistance: number,
): number | null {
  const [row, ...rows] = denseRows([seen, ...profiles]);
  let nearest: number | null = null;
  let least = maxDistance;
  rows.forEach((other, k) => {
    const distance = distanceOf(row, other);
    if (distance < least || (distance === least && nearest === null)) [nearest, least] = [k, distance];
  });
  return nearest;
}

/** Float64 [profile][prefix or point], in one order for all. */
function denseRows(profiles: readonly TrafficProfile[]): Float64Array[] {
  const places = new Map<string, number>();
  const entries = profiles.map(({ volumes, rest }) => [
    ...Object.entries(volumes),
    // No prefix is called so.
    ...Object.entries(rest).map(([point, load]) => [`rest of ${point}`, load] as const),
  ]);
  for (const [key] of entries.flat()) if (!places.has(key)) places.set(key, places.size);
  return entries.map((own) => {
    const row = new Float64Array(places.size);
    for (const [key, value] of own) row[places.get(key) ?? 0] = value;
    return row;
  });
}

function distanceOf(a: Float64Array, b: Float64Array): number {
  let [common, all] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    common += Math.min(a[k], b[k]);
    all += Math.max(a[k], b[k]);
  }
  return all > 0 ? 1 - common / all : 0;
}
