import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupProfiles, nearestProfile } from '../../../../src/manager/decision/classes/grouping.ts';
import type { TrafficProfile } from '../../../../src/manager/decision/classes/traffic-memory.ts';
import { streamOf } from '../../simulation.ts';

const profileOf = (volumes: Readonly<Record<string, number>>, rest: Readonly<Record<string, number>> = {}) => ({
  volumes,
  rest,
});

/** 1 − Σ min / Σ max, as written down. */
function distance(a: TrafficProfile, b: TrafficProfile): number {
  let [common, all] = [0, 0];
  for (const part of ['volumes', 'rest'] as const) {
    for (const key of new Set([...Object.keys(a[part]), ...Object.keys(b[part])])) {
      common += Math.min(a[part][key] ?? 0, b[part][key] ?? 0);
      all += Math.max(a[part][key] ?? 0, b[part][key] ?? 0);
    }
  }
  return all === 0 ? 0 : 1 - common / all;
}

const values = (keys: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...keys), fc.integer({ min: 0, max: 20 }), { maxKeys: 4 });
const profiles = fc.array(fc.record({ volumes: values(['p', 'q', 'r', 's']), rest: values(['a', 'b']) }), {
  maxLength: 12,
});

it('no two of a group are further apart than told, and no two groups could be one', () => {
  fc.assert(
    fc.property(profiles, fc.double({ min: 0, max: 1, noNaN: true }), (all, maxDistance) => {
      const groups = groupProfiles(all, maxDistance);
      expect(groups.flat().sort((a, b) => a - b)).toEqual(all.map((_, k) => k));
      const spread = (numbers: readonly number[]): number =>
        Math.max(0, ...numbers.flatMap((a) => numbers.map((b) => distance(all[a], all[b]))));
      for (const group of groups) expect(spread(group)).toBeLessThanOrEqual(maxDistance + 1e-12);
      groups.forEach((one, k) => {
        for (const other of groups.slice(k + 1))
          expect(spread([...one, ...other])).toBeGreaterThan(maxDistance - 1e-12);
      });
      expect(groupProfiles(all, maxDistance)).toEqual(groups);
    }),
  );
});

it('days and nights come apart, weekends too', () => {
  const random = streamOf(5);
  const noisy = (mean: number): number => mean * (0.95 + 0.1 * random());
  const kind = (hour: number): string => (hour >= 120 ? 'weekend' : hour % 24 >= 8 && hour % 24 < 20 ? 'day' : 'night');
  const means = { day: [50, 30, 5], night: [10, 5, 5], weekend: [10, 60, 30] };
  const week = Array.from({ length: 168 }, (_, hour) => {
    const [p, q, r] = means[kind(hour) as keyof typeof means].map(noisy);
    return profileOf({ p, q, r });
  });
  const groups = groupProfiles(week, 0.3);
  expect(groups.map((group) => [...new Set(group.map(kind))])).toEqual([['night'], ['day'], ['weekend']]);
});

it('the nearest is the first of those that tie, and none is near what is unknown', () => {
  const known = [profileOf({ p: 10 }), profileOf({ p: 10 }), profileOf({ q: 10 }), profileOf({}, { a: 10 })];
  expect(nearestProfile(profileOf({ p: 9 }), known, 0.3)).toBe(0);
  expect(nearestProfile(profileOf({}, { a: 8 }), known, 0.3)).toBe(3);
  expect(nearestProfile(profileOf({ p: 5, q: 5 }), known, 0.3)).toBeNull();
  expect(nearestProfile(profileOf({ p: 9 }), [], 1)).toBeNull();
});
