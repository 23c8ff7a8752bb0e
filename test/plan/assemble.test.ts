import { readFileSync } from 'node:fs';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { parseOptions } from '../../src/model/options.ts';
import type { Optimum } from '../../src/optimizer/portfolio/outcome.ts';
import { assemblePlan } from '../../src/plan/assemble.ts';
import { PlanSchema } from '../../src/plan/plan.ts';
import { evaluate } from '../../src/problem/choice.ts';
import { buildProblem } from '../../src/problem/problem.ts';

const fixture = JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));

/** Pairs in order: A1 P1, A2 P1, A1 P2, A2 P2; points b1..b4 are 0..3, slots are b3, b4 of P1, then of P2. */
function planOf(
  ingress: number[],
  slot: number[],
  found: Partial<Omit<Optimum, 'candidate'>> = {},
  options: Record<string, unknown> = {},
) {
  const current = [
    { neighbor: 'A2', prefix: 'P2', ingress: 'b2', egress: 'b4' },
    { neighbor: 'A1', prefix: 'P1', ingress: 'b2', egress: 'b3' },
  ];
  const model = buildModel({ ...fixture, current });
  const complete = parseOptions(options);
  const problem = buildProblem(model, complete);
  const choice = { ingress: Int32Array.from(ingress), slot: Int32Array.from(slot) };
  const optimum: Optimum = {
    candidate: { choice, evaluation: evaluate(problem, choice) },
    lowerBound: 1850,
    leastOverload: 0,
    provenOverloaded: false,
    prices: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    phases: [{ phase: 'test', iterations: 1, objective: 1850, overload: 0 }],
    stopped: 'done',
    ...found,
  };
  return { model, plan: assemblePlan(model, problem, optimum, complete) };
}
const BEST = [
  [0, 1, 0, 1],
  [0, 0, 3, 3],
] as const;

describe('assemblePlan', () => {
  it('names the choice, prefix by prefix, and matches its schema', () => {
    const { plan, model } = planOf([...BEST[0]], [...BEST[1]]);
    expect(Value.Check(PlanSchema, plan)).toBe(true);
    expect(plan.assignments.map((one) => Object.values(one).join(' '))).toEqual([
      'A1 P1 b1 b3',
      'A2 P1 b2 b3',
      'A1 P2 b1 b4',
      'A2 P2 b2 b4',
    ]);
    expect(plan).toMatchObject({ status: 'optimal', gap: 0, cost: 1850, objective: 1850, unit: 'Mbit/s', seed: 1 });
    expect(plan.modelHash).toBe(model.hash);
  });

  it('reports loads, capacities, utilization and shadow prices of both sides', () => {
    const { plan } = planOf([...BEST[0]], [...BEST[1]], {}, { threshold: 0.95 });
    expect(plan.points[0]).toEqual({
      id: 'b1',
      ingress: { load: 45, capacity: 50, utilization: 0.9, shadowPrice: 1 },
      egress: { load: 0, capacity: 0, utilization: null, shadowPrice: 5 },
    });
    expect(plan.points[2].egress).toEqual({ load: 55, capacity: 75, utilization: 55 / 75, shadowPrice: 7 });
  });

  it('lists the pairs that leave their current choice, and charges them', () => {
    const { plan } = planOf([...BEST[0]], [...BEST[1]], {}, { changeCost: 2 });
    expect(plan.changes).toEqual([
      { neighbor: 'A1', prefix: 'P1', from: { ingress: 'b2', egress: 'b3' }, to: { ingress: 'b1', egress: 'b3' } },
    ]);
    expect(plan).toMatchObject({ cost: 1850, objective: 1850 + 2 * 30, status: 'feasible' });
    expect(plan.gap).toBeCloseTo(60 / 1910, 12);
  });

  it('calls a plan with overload overloaded, says where, and claims no gap', () => {
    const { plan } = planOf([1, 1, 1, 1], [1, 1, 3, 3]);
    expect(plan.status).toBe('overloaded');
    expect(plan.gap).toBeNull();
    expect(plan.overload).toEqual({
      total: 40 + 50,
      leastPossible: null,
      points: [
        { point: 'b2', side: 'ingress', amount: 40, moreCapacity: 40 },
        { point: 'b4', side: 'egress', amount: 50, moreCapacity: 50 },
      ],
    });
  });

  it('carries a proof of overload', () => {
    const proven = { lowerBound: null, leastOverload: 7, provenOverloaded: true };
    const { plan } = planOf([1, 1, 1, 1], [1, 1, 3, 3], proven);
    expect(plan).toMatchObject({ lowerBound: null, overload: { leastPossible: 7 } });
  });

  it('lets no choice out that breaks a rule', () => {
    const broken = () => planOf([0, 1, 0, 1], [0, 1, 3, 3]);
    expect(broken).toThrow(expect.objectContaining({ code: 'CHECK_FAILED' }));
  });

  it('is optimal up to a gap of 1e-9 and feasible above', () => {
    expect(planOf([...BEST[0]], [...BEST[1]], { lowerBound: 1850 * (1 - 0.9e-9) }).plan.status).toBe('optimal');
    expect(planOf([...BEST[0]], [...BEST[1]], { lowerBound: 1850 * (1 - 1.1e-9) }).plan.status).toBe('feasible');
  });
});
