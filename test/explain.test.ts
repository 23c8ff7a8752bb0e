import { readFileSync } from 'node:fs';
import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { explainPlan } from '../src/explain.ts';
import { buildModel } from '../src/model/build-model.ts';
import { ExplanationSchema } from '../src/plan/explanation.ts';
import { solve } from '../src/solve.ts';
import { BruteForce, type Placement } from './oracle/brute-force.ts';
import { type ModelPayload, randomPayload } from './oracle/random-model.ts';

const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));
const model = buildModel(example);

describe('the patent, Example 1', () => {
  it('names what binds, what was refused and why, and what forcing it costs', async () => {
    const explanation = await explainPlan(model, await solve(example), { prefix: 'P1', neighbor: 'A1' });
    expect(Value.Check(ExplanationSchema, explanation)).toBe(true);
    expect(explanation).toMatchObject({ variant: 'ses', egressSet: ['b3'] });
    expect(explanation.binding).toMatchObject([{ point: 'b1', side: 'ingress', load: 45, capacity: 50 }]);
    expect(explanation.pairs).toHaveLength(1);
    expect(explanation.pairs[0]).toMatchObject({ neighbor: 'A1', volume: 30, ingress: 'b1', egress: 'b3', cost: 300 });
    const short = explanation.pairs[0].alternatives.map(
      ({ ingress, egress, difference, verdict, obstacle, forced }) => [
        `${ingress} ${egress}`,
        difference,
        verdict,
        obstacle,
        forced?.status,
        forced?.difference,
      ],
    );
    expect(short).toEqual([
      ['b1 b3', 0, 'chosen', null, undefined, undefined],
      ['b2 b4', -250, 'ingress-capacity', 'b2', 'overloaded', null],
      ['b2 b3', 300, 'ingress-capacity', 'b2', 'optimal', 50],
      ['b1 b4', 950, 'egress-capacity', 'b4', 'overloaded', null],
    ]);
  });

  it('solves as often as it is told to', async () => {
    const plan = await solve(example);
    const count = async (options: object) => {
      const { pairs } = await explainPlan(model, plan, { prefix: 'P2', ...options });
      return pairs.flatMap(({ alternatives }) => alternatives.filter(({ forced }) => forced !== null)).length;
    };
    expect(await count({ solve: false })).toBe(0);
    expect(await count({ maxSolves: 3 })).toBe(3);
    expect(await count({})).toBe(6);
  });

  it.each([
    [{ prefix: 'P9' }, '/options/prefix'],
    [{ prefix: 'P1', neighbor: 'A9' }, '/options/neighbor'],
    [{ prefix: 'P1', speed: 1 }, '/options/speed'],
    [{}, '/options/prefix'],
    [null, '/options'],
  ])('%j is refused at %s', async (options, pointer) => {
    await expect(explainPlan(model, await solve(example), options)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
    });
  });
});

describe('random models', () => {
  it.each(['ses', 'mes'] as const)('%s: what forcing costs is what a brute force says', async (variant) => {
    let compared = 0;
    for (let seed = 0; seed < 30; seed++) {
      const payload = randomPayload(seed, { points: 4, neighbors: 2, prefixes: 3, pairs: 4 });
      const plan = await solve(payload, { variant }).catch(() => null);
      if (plan === null || plan.status !== 'optimal') continue;
      const [prefix] = plan.assignments.map((one) => one.prefix);
      const { pairs } = await explainPlan(buildModel(payload), plan, { prefix, timeLimitMs: 300 });
      for (const { neighbor, volume, alternatives } of pairs) {
        for (const { ingress, egress, forced } of alternatives) {
          if (volume === 0 || forced?.status !== 'optimal') continue;
          const held = { neighbor, prefix, ingress, egress };
          const cost = leastCost(payload, variant, held);
          expect({ seed, ...held, cost: forced.objective }).toEqual({ seed, ...held, cost: expect.closeTo(cost, 6) });
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(8);
  });
});

/** Of all plans that hold the pair there. */
function leastCost(
  payload: ModelPayload,
  variant: 'ses' | 'mes',
  held: { neighbor: string; prefix: string } & Placement,
): number {
  const brute = new BruteForce(payload, { variant, threshold: 1, changeCost: 0 });
  const choices = payload.traffic.map(({ neighbor, prefix }) => {
    if (neighbor === held.neighbor && prefix === held.prefix) return [held];
    const egresses = [...brute.egressOf(prefix).keys()];
    return brute.ingressOf(neighbor).flatMap((ingress) => egresses.map((egress): Placement => ({ ingress, egress })));
  });
  let least = Number.POSITIVE_INFINITY;
  const place = (row: number, placements: readonly Placement[]): void => {
    if (row < choices.length) {
      for (const choice of choices[row]) place(row + 1, [...placements, choice]);
      return;
    }
    const { broken, cost, overload } = brute.judge(placements);
    if (broken.size === 0 && overload <= 1e-9) least = Math.min(least, cost);
  };
  place(0, []);
  return least;
}
