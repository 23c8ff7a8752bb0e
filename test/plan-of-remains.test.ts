/** What is left of a run that did not end says no more than is known. */
import Value from 'typebox/value';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../src/model/build-model.ts';
import { parseOptions } from '../src/model/options.ts';
import { solveExact } from '../src/optimizer/exact/exact.ts';
import { loadSolver } from '../src/optimizer/milp/highs.ts';
import { type RunControl, UNLIMITED } from '../src/optimizer/run/run-control.ts';
import { PlanSchema } from '../src/plan/plan.ts';
import type { Choice } from '../src/problem/choice.ts';
import { buildProblem } from '../src/problem/problem.ts';
import { planOfRemains, solve } from '../src/solve.ts';
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

  it.each(['ses', 'mes'] as const)('%s: claims what holds wherever a run was left', async (variant) => {
    let seen = 0;
    for (const seed of SEEDS) {
      const payload = randomPayload(seed, { points: 4, neighbors: 3, prefixes: 3, pairs: 6 });
      const options = parseOptions({ variant });
      const terms = { variant, threshold: 1, changeCost: 0 };
      const best = new BruteForce(payload, terms).optimum();
      if (best.overload === Infinity) continue;
      let kept: Choice | null = null;
      let bound: number | null = null;
      let asked = 0;
      const control: RunControl = {
        remainingMs: () => Infinity,
        cancelled: () => ++asked > (5 * seed) % 60,
        report: (progress) => {
          if (asked <= (5 * seed) % 60) bound = progress.bound;
        },
        improved: ({ ingress, slot }) => {
          if (!slot.includes(-1)) kept = { ingress: ingress.slice(), slot: slot.slice() };
        },
      };
      await solve(payload, options, control);
      if (kept === null) continue;
      seen++;
      const remains = { choice: kept, lowerBound: bound, stopped: 'cancelled' } as const;
      const plan = planOfRemains(buildModel(payload), options, remains);
      expect(Value.Check(PlanSchema, plan)).toBe(true);
      expect(plan.lowerBound === null).toBe(plan.overload.leastPossible !== null);
      if (best.objective === null) expect(plan.status).toBe('overloaded');
      else expect(plan.lowerBound).toBeLessThanOrEqual(best.objective * (1 + 1e-9));
      if (plan.status === 'optimal') expect(plan.objective).toBeCloseTo(best.objective as number, 6);
    }
    expect(seen).toBeGreaterThan(15);
  });
});
