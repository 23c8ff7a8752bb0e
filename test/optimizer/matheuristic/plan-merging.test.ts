/** Annealing and merging: never worse, at the optimum of small models, stopped when asked. */
import { beforeAll, describe, expect, it } from 'vitest';
import { smallNetwork } from '../../../bench/small-networks.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { parseOptions } from '../../../src/model/options.ts';
import { cheapestChoice, prefixesWithoutSingleEgress } from '../../../src/optimizer/alternation/start.ts';
import { searchByMerging } from '../../../src/optimizer/matheuristic/plan-merging.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { Incumbent } from '../../../src/optimizer/run/incumbent.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { evaluate } from '../../../src/problem/choice.ts';
import { buildProblem, type Problem } from '../../../src/problem/problem.ts';
import { solveModel } from '../../../src/solve.ts';
import { BruteForce } from '../../oracle/brute-force.ts';
import { randomPayload } from '../../oracle/random-model.ts';

beforeAll(loadSolver);

const search = (problem: Problem, variant: 'ses' | 'mes', control = UNLIMITED) => {
  const incumbent = Incumbent.of(problem, cheapestChoice(problem, 'ses'));
  const prices = new Float64Array(2 * problem.pointCount);
  const rounds = searchByMerging(problem, incumbent, { variant, seed: 1, prices, target: -1, control });
  return { rounds, ...incumbent.candidate };
};

describe('searchByMerging', () => {
  it.each(['ses', 'mes'] as const)('%s: never ends worse, nearly always at the optimum of tiny models', (variant) => {
    let solved = 0;
    let optimal = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const payload = randomPayload(seed, { points: 5, neighbors: 3, prefixes: 3, pairs: 7 });
      const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
      if (problem.totalVolume === 0 || prefixesWithoutSingleEgress(problem).length > 0) continue;
      const before = evaluate(problem, cheapestChoice(problem, 'ses'));
      const { evaluation } = search(problem, variant);
      expect(evaluation.overload).toBeLessThanOrEqual(before.overload);
      if (evaluation.overload === before.overload) {
        expect(evaluation.objective).toBeLessThanOrEqual(before.objective);
      }
      const best = new BruteForce(payload, { variant, threshold: 1, changeCost: 0 }).optimum();
      if (best.objective === null) continue;
      solved++;
      if (evaluation.overload === 0 && evaluation.objective <= best.objective * (1 + 1e-9)) optimal++;
    }
    expect(solved).toBeGreaterThan(10);
    expect(optimal).toBeGreaterThanOrEqual(0.9 * solved);
  });

  it('gets on where hardly any run ends within capacity', async () => {
    // The random plan that its capacities are the loads of fits to the last unit; runs come within some units of that.
    const model = buildModel(smallNetwork(206));
    const problem = buildProblem(model, { threshold: 1, changeCost: 0 });
    let start = cheapestChoice(problem, 'ses');
    await solveModel(model, parseOptions({ variant: 'mes', method: 'joint' }), {
      ...UNLIMITED,
      improved(choice) {
        start = choice;
      },
    });
    const before = evaluate(problem, start);
    const incumbent = Incumbent.of(problem, start);
    const prices = new Float64Array(2 * problem.pointCount);
    let asked = 0;
    const control = { ...UNLIMITED, cancelled: () => ++asked > 200 };
    searchByMerging(problem, incumbent, { variant: 'mes', seed: 1, prices, target: -1, control });
    const { overload, objective } = incumbent.candidate.evaluation;
    expect([before.overload, overload]).toEqual([0, 0]);
    expect(objective).toBeLessThan(0.99 * before.objective);
  });

  it('is the same for the same seed where no clock ends it', () => {
    const payload = randomPayload(8, { points: 6, neighbors: 4, prefixes: 6, pairs: 14 });
    const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
    expect(search(problem, 'ses')).toEqual(search(problem, 'ses'));
  });

  it('is stopped before its first round', () => {
    const problem = buildProblem(buildModel(smallNetwork(27)), { threshold: 1, changeCost: 0 });
    expect(search(problem, 'ses', { ...UNLIMITED, cancelled: () => true }).rounds).toBe(0);
  });

  it('is stopped in the middle of a run', () => {
    const problem = buildProblem(buildModel(smallNetwork(27)), { threshold: 1, changeCost: 0 });
    let asked = 0;
    search(problem, 'ses', { ...UNLIMITED, cancelled: () => ++asked > 5 });
    expect(asked).toBeLessThan(40);
  });
});
