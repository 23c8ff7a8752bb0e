/** The fewest changes that the rules allow, where the search for one egress set is long. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { countChanges } from '../../../src/optimizer/change-limit/change-price.ts';
import { closeToCurrent, fewestChanges } from '../../../src/optimizer/change-limit/fewest-changes.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { checkAssignments } from '../../../src/plan/check.ts';
import { buildProblem, type Problem } from '../../../src/problem/problem.ts';
import { solve } from '../../../src/solve.ts';
import { type ModelPayload, payloadOf } from '../../oracle/random-model.ts';

const POINTS = 18;
const NEIGHBORS = 14;
const EGRESSES = 14;

/** Current choices drawn at random: no egress set lets all of them stay, and many nearly do. */
function scattered(seed: number, prefixCount: number): ModelPayload {
  const generator = xoroshiro128plus(seed);
  const below = (count: number) => uniformInt(generator, 0, count - 1);
  const ids = Array.from({ length: POINTS }, (_, at) => `b${String(at).padStart(2, '0')}`);
  const place = ids.map(() => [below(1000), below(1000)]);
  const some = (count: number) => {
    const left = [...ids];
    return Array.from({ length: count }, () => left.splice(below(left.length), 1)[0]).sort();
  };
  const neighbors = Array.from({ length: NEIGHBORS }, (_, at) => ({
    id: `A${String(at).padStart(2, '0')}`,
    ingress: some(2),
  }));
  const prefixes = Array.from({ length: prefixCount }, (_, at) => ({
    id: `P${at}`,
    prefix: `10.0.${at}.0/24`,
    egress: some(EGRESSES),
  }));
  const pairs = prefixes.flatMap((prefix) => neighbors.map((neighbor) => ({ prefix, neighbor })));
  return payloadOf({
    routers: ids.map((id) => ({ id })),
    distances: ids.flatMap((from, a) =>
      ids.slice(a + 1).map((to, at) => {
        const [p, q] = [place[a], place[a + 1 + at]];
        return { from, to, distance: Math.hypot(p[0] - q[0], p[1] - q[1]) };
      }),
    ),
    neighbors,
    prefixes,
    traffic: pairs.map(({ prefix, neighbor }) => ({
      neighbor: neighbor.id,
      prefix: prefix.id,
      volume: 1 + below(9),
    })),
    current: pairs.map(({ prefix, neighbor }) => ({
      neighbor: neighbor.id,
      prefix: prefix.id,
      ingress: neighbor.ingress[below(2)],
      egress: prefix.egress[below(EGRESSES)],
    })),
  });
}

const problemOf = (payload: ModelPayload): Problem =>
  buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });

describe('fewestChanges', () => {
  it('finds and proves the fewest where a search that is cut short finds more', () => {
    let cut = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const problem = problemOf(scattered(seed, 6));
      const { choice, count, least } = fewestChanges(problem, 'mes', 0, UNLIMITED);
      expect(count, `seed ${seed}`).toBe(least);
      expect(countChanges(problem, choice)).toBe(count);
      if (countChanges(problem, closeToCurrent(problem, 'mes', UNLIMITED)) > count) cut++;
      // Asked for what there is, it finds it; asked for less, it proves that there is none.
      expect(fewestChanges(problem, 'mes', count, UNLIMITED).count).toBeLessThanOrEqual(count);
      expect(fewestChanges(problem, 'mes', count - 1, UNLIMITED).least).toBeGreaterThan(count - 1);
    }
    expect(cut).toBeGreaterThan(2);
  });

  it('claims nothing that it had no time to prove', () => {
    const problem = problemOf(scattered(1, 6));
    const { count, least } = fewestChanges(problem, 'mes', 0, { ...UNLIMITED, cancelled: () => true });
    expect(least).toBeLessThanOrEqual(fewestChanges(problem, 'mes', 0, UNLIMITED).least);
    expect(count).toBeGreaterThanOrEqual(fewestChanges(problem, 'mes', 0, UNLIMITED).count);
  });
});

describe('maxChanges', () => {
  it('takes the least limit that some plan keeps, and refuses one less', async () => {
    let seen = 0;
    for (let seed = 1; seed <= 60 && seen < 1; seed++) {
      const payload = scattered(seed, 6);
      const problem = problemOf(payload);
      const { count } = fewestChanges(problem, 'mes', 0, UNLIMITED);
      if (countChanges(problem, closeToCurrent(problem, 'mes', UNLIMITED)) === count) continue;
      seen++;
      const options = { variant: 'mes', method: 'joint', gapTarget: 1, maxChanges: count } as const;
      const plan = await solve(payload, options);
      const terms = { ...options, threshold: 1, changeCost: 0 };
      expect(checkAssignments(buildModel(payload), plan.assignments, terms).violations).toEqual([]);
      await expect(solve(payload, { ...options, maxChanges: count - 1 })).rejects.toMatchObject({
        code: 'OPTIONS_INVALID',
        errors: [{ message: expect.stringContaining(`must be ${count} or more: so many pairs cannot`) }],
      });
    }
    expect(seen).toBe(1);
  });
});
