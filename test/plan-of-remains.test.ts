/** What is left of a run that did not end says no more than is known. */
import Value from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../src/model/build-model.ts';
import { parseOptions } from '../src/model/options.ts';
import { solveExact } from '../src/optimizer/exact/exact.ts';
import { loadSolver } from '../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';
import { PlanSchema } from '../src/plan/plan.ts';
import { buildProblem } from '../src/problem/problem.ts';
import { planOfRemains } from '../src/solve.ts';
import { BruteForce } from './oracle/brute-force.ts';
import { randomPayload } from './oracle/random-model.ts';

beforeAll(loadSolver);

const SEEDS = Array.from({ length: 40 }, (_, at) => at + 1);

/** The best choice of a model and its objective; null where nothing fits. */
function bestOf(seed: number) {
  const payload = randomPayload(seed, { points: 4, neighbors: 3, prefixes: 3, pairs: 6 });
  const model = buildModel(payload);
  const terms = { variant: 'mes', threshold: 1, changeCost: 0 } as const;
  const optimum = new BruteForce(payload, terms).optimum().objective;
  if (optimum === null) return null;
  const { candidate } = solveExact(buildProblem(model, terms), {
    variant: 'mes',
    seed: 1,
    start: null,
    control: UNLIMITED,
  });
  return candidate === null ? null : { model, choice: candidate.choice, optimum };
}

describe('planOfRemains', () => {
  it.each([
    ['nothing was reported', null],
    ['half of the optimum was reported', 0.5],
    ['the optimum was reported, too high as a solver may', 1 + 4e-9],
  ])('claims what holds where %s', (_, share) => {
    let seen = 0;
    for (const seed of SEEDS) {
      const best = bestOf(seed);
      if (best === null) continue;
      seen++;
      const { model, choice, optimum } = best;
      const reported = share === null ? null : share * optimum;
      const plan = planOfRemains(model, parseOptions({ variant: 'mes' }), {
        choice,
        lowerBound: reported,
        stopped: 'time',
      });
      expect(Value.Check(PlanSchema, plan)).toBe(true);
      // Null would say that no plan fits, and here is one.
      expect(plan.lowerBound).not.toBeNull();
      expect(plan.lowerBound).toBeLessThanOrEqual(optimum);
      expect(plan.lowerBound).toBeGreaterThanOrEqual((reported ?? 0) * (1 - 1e-5));
      expect(plan.overload).toMatchObject({ total: 0, leastPossible: null });
      expect(plan.gap).toBeGreaterThanOrEqual(0);
      if (share === null && optimum > 0) expect(plan).toMatchObject({ status: 'feasible', lowerBound: 0, gap: 1 });
    }
    expect(seen).toBeGreaterThan(15);
  });
});
