/** Heavy prefixes placed against a model of the light ones: what the model says, and what comes of it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { planeNetwork } from '../../../bench/networks.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { annealHeavy } from '../../../src/optimizer/joint/heavy-annealing.ts';
import { placeHeavy } from '../../../src/optimizer/joint/heavy-placement.ts';
import { improveJointly } from '../../../src/optimizer/joint/joint.ts';
import { expectedLoad, loadResponse } from '../../../src/optimizer/joint/load-response.ts';
import { type HeavyModel, loadOf } from '../../../src/optimizer/joint/modeled-plan.ts';
import { roundShares } from '../../../src/optimizer/joint/share-rounding.ts';
import { type Bound, lowerBound } from '../../../src/optimizer/lagrangian/bound.ts';
import { PrefixPlanner } from '../../../src/optimizer/lagrangian/prefix-plan.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import type { Candidate } from '../../../src/optimizer/run/incumbent.ts';
import { Interruption, UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { type Choice, evaluate } from '../../../src/problem/choice.ts';
import { buildProblem, isAllowed, type Problem, unitCost } from '../../../src/problem/problem.ts';
import { sideLimit } from '../../../src/problem/sides.ts';

const SIZE = { points: 14, neighbors: 6, prefixes: 1_000, slots: 4, pairsPerPrefix: 2, zipf: 0.9, slack: 0.1 };
const HEAVY = 40;
const TEMPERATURE = 40;
const CONTROL = { seed: 1, control: UNLIMITED };

let problem: Problem;
let planner: PrefixPlanner;
let bound: Bound;
beforeAll(async () => {
  await loadSolver();
  problem = buildProblem(buildModel(planeNetwork(3, SIZE)), { threshold: 1, changeCost: 0 });
  planner = new PrefixPlanner(problem, 'ses', UNLIMITED);
  bound = lowerBound(problem, planner, { tolerance: 1e-5, maxRounds: 60, control: UNLIMITED });
});

const heavyOf = () => planner.byVolume.slice(0, HEAVY);
const lightOf = () => planner.byVolume.subarray(HEAVY);
const copyOf = ({ ingress, slot }: Choice): Choice => ({ ingress: ingress.slice(), slot: slot.slice() });

function modelOf(): HeavyModel {
  const response = loadResponse(problem, bound.prices, lightOf(), { temperature: TEMPERATURE, control: UNLIMITED });
  const target = expectedLoad(problem, bound.prices, heavyOf(), TEMPERATURE);
  return { prices: bound.prices, response, target, limit: sideLimit(problem), dear: planner.dear };
}

/** The model's value, read off its formula. */
function literalValue({ prices, response, target, limit, dear }: HeavyModel, choice: Choice, list = heavyOf()): number {
  const { placeOf, priced, curvature } = response;
  const load = loadOf(problem, list, choice);
  let value = 0;
  for (const k of list) {
    for (let pair = problem.pairStart[k]; pair < problem.pairStart[k + 1]; pair++) {
      const [point, slot] = [choice.ingress[pair], choice.slot[pair]];
      const priced = prices[point] + prices[problem.pointCount + problem.egressPoint[slot]];
      value += problem.pairVolume[pair] * (unitCost(problem, pair, point, slot) + priced);
    }
  }
  for (const a of priced) {
    for (const b of priced) {
      const entry = curvature.values[placeOf[a] * priced.length + placeOf[b]];
      value += 0.5 * (load[a] - target[a]) * entry * (load[b] - target[b]);
    }
  }
  load.forEach((amount, side) => {
    const most = placeOf[side] < 0 ? Math.min(limit[side], target[side]) : limit[side];
    value += dear * Math.max(0, amount - most);
  });
  return value;
}

/** One egress a prefix, and every pair by a way that it may take. */
function expectWhole(list: Int32Array, { ingress, slot }: Choice): void {
  for (const k of list) {
    const slots = slot.subarray(problem.pairStart[k], problem.pairStart[k + 1]);
    expect(new Set(slots).size).toBe(1);
    for (let pair = problem.pairStart[k]; pair < problem.pairStart[k + 1]; pair++) {
      expect(isAllowed(problem, pair, ingress[pair], slot[pair])).toBe(true);
      const h = problem.pairNeighbor[pair];
      const points = problem.ingressPoint.subarray(problem.ingressStart[h], problem.ingressStart[h + 1]);
      expect(points).toContain(ingress[pair]);
    }
  }
}

describe('the response of light prefixes', () => {
  /** The first pair of every other prefix has no traffic. */
  const withIdlePairs = (): Problem => ({
    ...problem,
    pairVolume: problem.pairVolume.map((volume, pair) => (pair % 4 === 0 ? 0 : volume)),
  });

  it.each([
    ['with traffic of every pair', () => problem],
    ['with pairs that have none', withIdlePairs],
  ])('is how their expected loads change with the prices, %s', (_, network) => {
    const { placeOf, priced, curvature } = loadResponse(network(), bound.prices, lightOf(), {
      temperature: TEMPERATURE,
      control: UNLIMITED,
    });
    const side = priced[0];
    const other = bound.prices.slice();
    other[side] += 0.01;
    const before = expectedLoad(network(), bound.prices, lightOf(), TEMPERATURE);
    const after = expectedLoad(network(), other, lightOf(), TEMPERATURE);
    // H⁻¹ of the change of loads is the change of prices, but for a rise of all of them, which nothing answers.
    const risen = Array.from(priced, (_, row) =>
      priced.reduce(
        (sum, s, column) => sum - curvature.values[row * priced.length + column] * (after[s] - before[s]),
        0,
      ),
    );
    expect(Math.abs(risen[placeOf[side]] - 0.01)).toBeLessThan(0.0015);
    risen.forEach((rise, place) => {
      if (place !== placeOf[side]) expect(Math.abs(rise)).toBeLessThan(0.0015);
    });
    expect(after[side]).toBeLessThan(before[side]);
  });

  it('can be left in the middle', () => {
    const many = new Int32Array(5_000).fill(planner.byVolume[100]);
    const control = { ...UNLIMITED, cancelled: () => true };
    expect(() => loadResponse(problem, bound.prices, many, { temperature: TEMPERATURE, control })).toThrow(
      Interruption,
    );
  });
});

describe('annealing', () => {
  it('lowers the value of its model by what it says, and keeps the rules', () => {
    const model = modelOf();
    const choice = copyOf(bound.incumbent.candidate.choice);
    const before = literalValue(model, choice);
    const gain = annealHeavy(problem, heavyOf(), choice, model, CONTROL);
    expect(gain).toBeGreaterThan(0);
    expect(before - literalValue(model, choice)).toBeCloseTo(gain, -Math.log10(1e-7 * before));
    expectWhole(heavyOf(), choice);
    const again = copyOf(bound.incumbent.candidate.choice);
    annealHeavy(problem, heavyOf(), again, model, CONTROL);
    expect(again).toEqual(choice);
  });

  it('ends near a choice that no single egress improves', () => {
    const model = modelOf();
    const choice = copyOf(bound.incumbent.candidate.choice);
    annealHeavy(problem, heavyOf(), choice, model, CONTROL);
    const value = literalValue(model, choice);
    for (const k of heavyOf().subarray(0, 10)) {
      for (let slot = problem.egressStart[k]; slot < problem.egressStart[k + 1]; slot++) {
        const other = copyOf(choice);
        other.slot.fill(slot, problem.pairStart[k], problem.pairStart[k + 1]);
        expect(literalValue(model, other)).toBeGreaterThanOrEqual(value * (1 - 1e-7));
      }
    }
  });

  it('leaves the choice where it is stopped before it has begun to gain', () => {
    // From a choice that was annealed the heat of the start leads to worse ones, where there are many small moves.
    const [many, model] = [planner.byVolume.slice(0, 10 * HEAVY), { ...modelOf(), dear: 0 }];
    const start = copyOf(bound.incumbent.candidate.choice);
    annealHeavy(problem, many, start, model, CONTROL);
    const choice = copyOf(start);
    const seen: number[] = [];
    const cancelled = () => {
      seen.push(literalValue(model, choice, many));
      return true;
    };
    expect(annealHeavy(problem, many, choice, model, { seed: 1, control: { ...UNLIMITED, cancelled } })).toBe(0);
    expect(seen).toEqual([expect.any(Number)]);
    expect(seen[0]).toBeGreaterThan(literalValue(model, start, many));
    expect(choice).toEqual(start);
  });

  it('of no prefix leaves the choice', () => {
    const choice = copyOf(bound.incumbent.candidate.choice);
    expect(annealHeavy(problem, new Int32Array(0), choice, modelOf(), CONTROL)).toBe(0);
    expect(choice).toEqual(bound.incumbent.candidate.choice);
  });
});

describe('placing', () => {
  // Of 20,400 prefixes rounding is near already at 8 points, and far off at 14.
  it.each([
    [8, 'fills by turns where they gave nothing better', 4],
    [14, 'leaves out fillings where they gave a better plan that fits', 0],
  ])('beside %i points %s', (points, _, fillings) => {
    const size = { ...SIZE, points, prefixes: 20_400, pairsPerPrefix: 1 };
    const many = buildProblem(buildModel(planeNetwork(5, size)), { threshold: 1, changeCost: 0 });
    const ways = new PrefixPlanner(many, 'ses', UNLIMITED);
    const { incumbent, ...found } = lowerBound(many, ways, { tolerance: 1e-4, maxRounds: 60, control: UNLIMITED });
    const stages = new Map<string, { iterations: number; objective: number }>();
    const note = (phase: string, iterations: number, { evaluation }: Candidate) =>
      stages.set(phase, { iterations, objective: evaluation.objective });
    const control = { ...UNLIMITED, cancelled: () => stages.has('filling') };
    improveJointly(many, ways, { ...found, incumbent }, incumbent, { seed: 1, gapTarget: 1e-9, control, note });
    const objectives = ['rounding', 'heavy prefixes'].map((phase) => stages.get(phase)?.objective ?? Number.NaN);
    expect(objectives[1] < objectives[0]).toBe(fillings === 0);
    expect(incumbent.candidate.evaluation.overload).toBe(0);
    expect(stages.get('filling')?.iterations).toBe(fillings);
  });

  it('places the heavy ones, with a relaxation of the others from which a plan near it is rounded', () => {
    const placed = placeHeavy(problem, planner, bound, bound.incumbent.candidate.choice, CONTROL);
    if (placed === null) throw new Error('nothing was placed');
    const isPlaced = (k: number) => placed.choice.slot[problem.pairStart[k]] >= 0;
    const heavy = planner.byVolume.filter(isPlaced);
    expect(heavy).toEqual(planner.byVolume.subarray(0, heavy.length));
    expectWhole(heavy, placed.choice);
    const least = bound.lowerBound as number;
    expect(placed.value).toBeGreaterThanOrEqual(least * (1 - 1e-6));
    const choice = copyOf(placed.choice);
    roundShares(problem, placed.oracle, placed, planner.byVolume, choice, UNLIMITED);
    expectWhole(planner.byVolume, choice);
    expect(evaluate(problem, choice).objective).toBeLessThan(placed.value * 1.01);
    // Better than what it started from, which fits.
    expect(bound.incumbent.candidate.evaluation.overload).toBe(0);
    expect(placed.value).toBeLessThan(bound.incumbent.candidate.evaluation.objective);
  });

  it('is nothing where no turn could end', () => {
    const control = { ...UNLIMITED, cancelled: () => true };
    const start = bound.incumbent.candidate.choice;
    expect(placeHeavy(problem, planner, bound, start, { seed: 1, control })).toBeNull();
  });
});
