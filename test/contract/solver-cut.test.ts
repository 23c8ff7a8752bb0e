/** A run that is cut off inside the solver, in a linear or an integer program: a plan, and claims that are true. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { UNLIMITED } from '../../src/optimizer/run/run-control.ts';
import { checkAssignments } from '../../src/plan/check.ts';
import { solve } from '../../src/solve.ts';
import { calm, solver } from '../oracle/failing-solver.ts';
import { randomPayload } from '../oracle/random-model.ts';

vi.mock('highs', async (original) => {
  const { failing } = await import('../oracle/failing-solver.ts');
  return failing(await original<Parameters<typeof failing>[0]>());
});

beforeEach(calm);

const SIZE = { points: 8, neighbors: 5, prefixes: 14, pairs: 45 };
const SEEDS = [1, 2, 3, 4, 5, 6];
/** Places at which each is cut off, spread over the questions that the solver asks. */
const CUTS = 6;

/** Says stop at the n-th question from inside the solver. */
function cutInside(polls: number) {
  let asked = 0;
  const cancelled = () => solver.isRunning && ++asked >= polls;
  return { control: { ...UNLIMITED, cancelled: () => asked >= polls || cancelled() }, asked: () => asked };
}

describe.each(['ses', 'mes'] as const)('%s', (variant) => {
  it.each(['auto', 'joint', 'alternating', 'exact'])('%s: a plan and true claims, wherever it is', async (method) => {
    let cut = 0;
    for (const seed of SEEDS) {
      const payload = randomPayload(seed, SIZE, { plain: true });
      const optimum = await solve(payload, { variant, method: 'exact' });
      const whole = cutInside(Number.POSITIVE_INFINITY);
      await solve(payload, { variant, method }, whole.control);
      for (let place = 0; place < CUTS; place++) {
        const { control } = cutInside(1 + Math.floor((place * whole.asked()) / CUTS));
        const plan = await solve(payload, { variant, method }, control);
        const what = `seed ${seed}, cut ${place} of ${CUTS}`;
        const { violations } = checkAssignments(buildModel(payload), plan.assignments, {
          variant,
          threshold: 1,
          changeCost: 0,
        });
        const rules = violations.map(({ rule }) => rule).filter((rule) => !rule.endsWith('capacity'));
        expect(rules, what).toEqual([]);
        if (plan.stopped === 'cancelled') cut++;
        if (plan.lowerBound === null) expect(optimum.lowerBound, what).toBeNull();
        else if (optimum.overload.total === 0) {
          expect(plan.lowerBound, what).toBeLessThanOrEqual(optimum.objective * (1 + 1e-9));
          if (plan.overload.total === 0)
            expect(plan.objective, what).toBeGreaterThanOrEqual(optimum.objective * (1 - 1e-9));
        }
        expect(plan.overload.leastPossible ?? 0, what).toBeLessThanOrEqual(optimum.overload.total * (1 + 1e-9));
      }
    }
    expect(cut).toBeGreaterThanOrEqual(CUTS);
  });
});
