import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { type Evaluation, evaluate, isBetter } from '../../src/problem/choice.ts';
import { buildProblem } from '../../src/problem/problem.ts';
import { BruteForce } from '../oracle/brute-force.ts';
import { payloadOf, randomPayload } from '../oracle/random-model.ts';

describe('evaluate', () => {
  it('sums cost, change cost, loads and overload of both sides', () => {
    const payload = payloadOf({
      routers: [{ id: 'i', ingressCapacity: 4 }, { id: 'j', egressCapacity: 3, price: 1 }, { id: 'l' }],
      distances: [
        { from: 'i', to: 'j', distance: 10 },
        { from: 'i', to: 'l', distance: 20 },
      ],
      neighbors: [{ id: 'A', ingress: ['i'] }],
      prefixes: [
        { id: 'P', prefix: '10.0.0.0/8', egress: [{ at: 'j', penalty: 2 }, 'l'] },
        { id: 'Q', prefix: '11.0.0.0/8', egress: ['j'] },
      ],
      traffic: [
        { neighbor: 'A', prefix: 'P', volume: 5 },
        { neighbor: 'A', prefix: 'Q', volume: 1 },
      ],
      current: [{ neighbor: 'A', prefix: 'P', ingress: 'i', egress: 'l' }],
    });
    const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 100 });
    const evaluation = evaluate(problem, { ingress: Int32Array.of(0, 0), slot: Int32Array.of(0, 2) });
    expect(evaluation.objective).toBe(5 * 13 + 1 * 11 + 5 * 100);
    expect([...evaluation.ingressLoad]).toEqual([6, 0, 0]);
    expect([...evaluation.egressLoad]).toEqual([0, 6, 0]);
    expect(evaluation.overload).toBe(2 + 3);
  });

  it('agrees with the rules on every choice of tiny models', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const payload = randomPayload(seed, { points: 3, neighbors: 2, prefixes: 2, pairs: 2 }, { plain: true });
      const model = buildModel(payload);
      const terms = { variant: 'ses', threshold: 0.9, changeCost: 3 } as const;
      const problem = buildProblem(model, terms);
      const rules = new BruteForce(payload, terms);
      const pairOf = payload.traffic.map(({ neighbor, prefix }) => {
        const k = model.prefixes.ids.indexOf(prefix);
        const h = model.neighbors.findIndex(({ id }) => id === neighbor);
        return problem.pairStart[k] + problem.pairNeighbor.subarray(problem.pairStart[k]).indexOf(h);
      });
      const point = (id: string) => model.points.findIndex((one) => one.id === id);
      for (const placements of rules.everything()) {
        const verdict = rules.judge(placements);
        if (verdict.broken.has('egress-set')) continue;
        const choice = { ingress: new Int32Array(problem.pairCount), slot: new Int32Array(problem.pairCount) };
        placements.forEach(({ ingress, egress }, row) => {
          const k = problem.pairPrefix[pairOf[row]];
          const slots = problem.egressPoint.subarray(problem.egressStart[k], problem.egressStart[k + 1]);
          choice.ingress[pairOf[row]] = point(ingress);
          choice.slot[pairOf[row]] = problem.egressStart[k] + slots.indexOf(point(egress));
        });
        const { objective, overload } = evaluate(problem, choice);
        expect(objective).toBeCloseTo(verdict.cost + verdict.changeCost, 9);
        expect(overload).toBeCloseTo(verdict.overload, 9);
      }
    }
  });
});

describe('isBetter', () => {
  const none = new Float64Array(0);
  const of = (objective: number, overload: number): Evaluation => ({
    objective,
    overload,
    ingressLoad: none,
    egressLoad: none,
  });

  it('prefers less overload, then a lower objective, then the incumbent', () => {
    expect(isBetter(of(9, 1), of(1, 2))).toBe(true);
    expect(isBetter(of(1, 2), of(9, 1))).toBe(false);
    expect(isBetter(of(1, 1), of(2, 1))).toBe(true);
    expect(isBetter(of(1, 1), of(1, 1))).toBe(false);
  });

  it('lets no rounding of an overload decide, and no overload pass for none', () => {
    const loaded = (objective: number, overload: number): Evaluation => ({
      ...of(objective, overload),
      ingressLoad: Float64Array.of(1000, 3),
      egressLoad: Float64Array.of(1003),
    });
    // The same load summed in another order.
    expect(isBetter(loaded(9, 2), loaded(1, 2 + 1e-13))).toBe(false);
    expect(isBetter(loaded(1, 2 + 1e-13), loaded(9, 2))).toBe(true);
    expect(isBetter(loaded(9, 2), loaded(1, 2 + 1e-8))).toBe(true);
    expect(isBetter(loaded(9, 0), loaded(1, 1e-13))).toBe(true);
    expect(isBetter(loaded(1, 1e-13), loaded(9, 0))).toBe(false);
  });
});
