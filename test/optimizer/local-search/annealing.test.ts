/** Plans that anneal: sums that stay true, rules that always hold, the same plan for the same seed. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { cheapestChoice, prefixesWithoutSingleEgress } from '../../../src/optimizer/alternation/start.ts';
import { anneal } from '../../../src/optimizer/local-search/annealing.ts';
import { AnnealingMoves } from '../../../src/optimizer/local-search/annealing-moves.ts';
import { PenalizedPlan } from '../../../src/optimizer/local-search/penalized-plan.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { uniform } from '../../../src/optimizer/run/random.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { type Choice, evaluate, isBetter } from '../../../src/problem/choice.ts';
import { buildProblem, isAllowed, type Problem } from '../../../src/problem/problem.ts';
import { randomPayload } from '../../oracle/random-model.ts';

beforeAll(loadSolver);

const VARIANTS = ['ses', 'mes'] as const;
type Variant = (typeof VARIANTS)[number];
const SIZE = { points: 6, neighbors: 4, prefixes: 5, pairs: 12 };
const LARGER = { points: 8, neighbors: 6, prefixes: 12, pairs: 40 };

function drawn(seed: number, changeCost = 0, size = SIZE): Problem | null {
  const problem = buildProblem(buildModel(randomPayload(seed, size)), { threshold: 1, changeCost });
  return problem.pairCount === 0 || prefixesWithoutSingleEgress(problem).length > 0 ? null : problem;
}

/** Every way is allowed; SES: one egress a prefix; MES: the nearest of those in use, at most one of a router. */
function expectValid(problem: Problem, { ingress, slot }: Choice, variant: Variant): void {
  const { pairCount, pairPrefix, rank, pointCount, egressPoint, routerOf } = problem;
  const used = Map.groupBy(new Set(slot), (one) => pairPrefix[slot.indexOf(one)]);
  for (let pair = 0; pair < pairCount; pair++) {
    expect(isAllowed(problem, pair, ingress[pair], slot[pair])).toBe(true);
    const rankOf = (one: number) => rank[ingress[pair] * pointCount + egressPoint[one]];
    const rivals = used.get(pairPrefix[pair]) as number[];
    expect(Math.min(...rivals.map(rankOf))).toBe(rankOf(slot[pair]));
    if (variant === 'ses') expect(rivals).toHaveLength(1);
    expect(new Set(rivals.map((one) => routerOf[egressPoint[one]])).size).toBe(rivals.length);
  }
}

/** Random moves, each taken with the chance given. */
function disturb(plan: PenalizedPlan, variant: Variant, seed: number, chance: number): void {
  const random = uniform(seed);
  const moves = new AnnealingMoves(plan, variant, random, () => random() < chance);
  for (let move = 0; move < 200; move++) {
    const kind = Math.floor(4 * random());
    if (kind === 0) moves.shift();
    else if (kind === 1) moves.swap();
    else if (kind === 2) moves.reopen();
    else moves.exchange();
  }
}

describe.each(VARIANTS)('%s: moves of a penalized plan', (variant) => {
  const seeds = fc.integer({ min: 0, max: 1e6 });

  it('keep the rules and the sums', () => {
    let seen = 0;
    fc.assert(
      fc.property(seeds, fc.constantFrom(0, 3), (seed, changeCost) => {
        const problem = drawn(seed, changeCost);
        if (problem === null) return;
        seen++;
        const plan = new PenalizedPlan(problem);
        plan.price.forEach((_, side) => {
          plan.price[side] = side % 3;
        });
        plan.weight.fill(5);
        plan.set(cheapestChoice(problem, 'ses'));
        disturb(plan, variant, seed, 0.5);
        const choice = plan.choice();
        expectValid(problem, choice, variant);
        const { objective, ingressLoad, egressLoad, overload } = evaluate(problem, choice);
        expect(plan.cost).toBeCloseTo(objective, 6);
        expect(plan.overload).toBeCloseTo(overload, 5);
        [...ingressLoad, ...egressLoad].forEach((load, side) => {
          expect(plan.load[side]).toBeCloseTo(load, 6);
        });
        const { energy } = plan;
        plan.reprice();
        expect(plan.energy).toBeCloseTo(energy, 5);
      }),
      { seed: 31, numRuns: 150 },
    );
    expect(seen).toBeGreaterThan(50);
  });

  it('leave no trace where they are not taken', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const problem = drawn(seed);
        if (problem === null) return;
        const plan = new PenalizedPlan(problem);
        const before = cheapestChoice(problem, 'ses');
        plan.weight.fill(5);
        plan.set(before);
        const { energy } = plan;
        disturb(plan, variant, seed, 0);
        expect(plan.choice()).toEqual(before);
        expect(plan.energy).toBeCloseTo(energy, 6);
      }),
      { seed: 32, numRuns: 100 },
    );
  });

  it('anneal to plans that keep the rules and mostly fit, the same for the same seed', () => {
    let found = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const problem = drawn(seed);
      if (problem === null) continue;
      const prices = new Float64Array(2 * problem.pointCount);
      const heats = { moves: 5_000, hot: 0.3, cold: 0.01, weight: 0.5 };
      const run = () =>
        anneal(problem, cheapestChoice(problem, 'ses'), { ...heats, variant, seed, prices, control: UNLIMITED });
      const choice = run();
      expect(run()).toEqual(choice);
      expectValid(problem, choice, variant);
      if (evaluate(problem, choice).overload === 0) found++;
    }
    expect(found).toBeGreaterThan(10);
  });

  it('that stay hot answer with what they met on their way, not with the better plan that they left', () => {
    let left = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const problem = drawn(seed, 0, LARGER);
      if (problem === null) continue;
      const common = {
        variant,
        seed,
        prices: new Float64Array(2 * problem.pointCount),
        weight: 0.5,
        control: UNLIMITED,
      };
      const start = anneal(problem, cheapestChoice(problem, 'ses'), { ...common, moves: 20_000, hot: 0.3, cold: 0.01 });
      const choice = anneal(problem, start, { ...common, moves: 1_000, hot: 30, cold: 30 });
      expectValid(problem, choice, variant);
      if (isBetter(evaluate(problem, start), evaluate(problem, choice))) left++;
    }
    expect(left).toBeGreaterThan(10);
  });
});
