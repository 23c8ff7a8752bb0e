/** A solver that fails in the middle of a run: the plan and the bound known by then are the answer. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { checkAssignments } from '../../src/plan/check.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { solve } from '../../src/solve.ts';
import { BruteForce } from '../oracle/brute-force.ts';
import { calm, solver } from '../oracle/failing-solver.ts';
import { randomPayload } from '../oracle/random-model.ts';

vi.mock('highs', async (original) => {
  const { failing } = await import('../oracle/failing-solver.ts');
  return failing(await original<Parameters<typeof failing>[0]>());
});

const SIZE = { points: 4, neighbors: 2, prefixes: 4, pairs: 7 };
const WAYS = [
  { forever: false, traps: false },
  { forever: true, traps: false },
  { forever: false, traps: true },
];
const SEEDS = 6;
/** Runs of the solver that are made to fail, of each model. */
const PLACES = 4;

beforeEach(calm);

async function planOf(payload: object, options: object): Promise<Plan | null> {
  try {
    return await solve(payload, options);
  } catch (error) {
    if (error instanceof EgressoError && ['NO_ENFORCEABLE_EGRESS', 'OPTIONS_INVALID'].includes(error.code)) return null;
    throw error;
  }
}

const METHODS = [{ method: 'auto' }, { method: 'joint' }, { method: 'alternating' }, { method: 'exact' }];
const LIMITED = [
  { method: 'auto', maxChanges: 2 },
  { method: 'exact', maxChanges: 2 },
];

describe.each(['ses', 'mes'] as const)('%s', (variant) => {
  it.each([...METHODS, ...LIMITED])(
    '$method, $maxChanges: a plan and true claims, whichever run fails',
    async (own) => {
      const terms = { variant, threshold: 1, changeCost: 0 };
      const options = { ...terms, ...own };
      const { maxChanges } = options as { maxChanges?: number };
      let failed = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const payload = randomPayload(seed, SIZE);
        calm();
        if ((await planOf(payload, options)) === null) continue;
        const { runs } = solver;
        const optimum = new BruteForce(payload, terms).optimum(maxChanges);
        for (let place = 0; place < Math.min(PLACES, runs); place++) {
          const failsAt = 1 + Math.floor((place * runs) / Math.min(PLACES, runs));
          Object.assign(solver, { runs: 0, failsAt, ...WAYS[(seed + place) % WAYS.length] });
          const what = `seed ${seed}, run ${failsAt} of ${runs}`;
          const plan = (await planOf(payload, options)) as Plan;
          const { violations, changes } = checkAssignments(buildModel(payload), plan.assignments, terms);
          const rules = new Set(violations.map(({ rule }) => rule));
          expect(
            [...rules].filter((rule) => !rule.endsWith('capacity')),
            what,
          ).toEqual([]);
          if (maxChanges !== undefined) expect(changes, what).toBeLessThanOrEqual(maxChanges);
          const hasFailed = plan.phases.at(-1)?.phase === 'solver failed';
          const lines = plan.phases.filter(({ phase }) => phase === 'solver failed');
          expect(lines, what).toHaveLength(Number(hasFailed));
          if (hasFailed) failed++;
          if (plan.lowerBound === null) expect(optimum.objective, what).toBeNull();
          else if (optimum.objective !== null) {
            expect(plan.lowerBound, what).toBeLessThanOrEqual(optimum.objective * (1 + 1e-9) + 1e-9);
          }
          expect(plan.overload.leastPossible ?? 0, what).toBeLessThanOrEqual(optimum.overload * (1 + 1e-9));
          if (plan.stopped === 'failed') expect(hasFailed, what).toBe(true);
        }
      }
      expect(failed).toBeGreaterThan(0);
    },
  );
});

it('a module that trapped is replaced for the next run', async () => {
  const payload = randomPayload(3, SIZE);
  const expected = JSON.stringify(await planOf(payload, { method: 'auto' }));
  Object.assign(solver, { runs: 0, failsAt: 1, traps: true });
  await planOf(payload, { method: 'auto' });
  calm();
  expect(JSON.stringify(await planOf(payload, { method: 'auto' }))).toBe(expected);
});
