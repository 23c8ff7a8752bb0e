/** Every verdict against the independent check, every difference against its costs. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { Alternatives } from '../../src/plan/alternatives.ts';
import { checkAssignments } from '../../src/plan/check.ts';
import { plannedWays } from '../../src/plan/planned-ways.ts';
import { solve } from '../../src/solve.ts';
import { randomPayload } from '../oracle/random-model.ts';

const SIZE = { points: 4, neighbors: 3, prefixes: 3, pairs: 6 };

/** Rules of the check that say the same as a verdict. */
const RULES: Record<string, readonly string[]> = {
  'not-eligible': ['eligibility'],
  unreachable: ['reachability'],
  'one-point-per-router': ['one-point-per-router', 'proximity'],
  proximity: ['proximity'],
  'ingress-capacity': ['ingress-capacity'],
  'egress-capacity': ['egress-capacity'],
};

describe.each(['ses', 'mes'] as const)('alternatives, %s', (variant) => {
  it('are judged as the check judges a plan with them', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 120; seed++) {
      const payload = randomPayload(seed, SIZE);
      const plan = await solve(payload, { variant, method: 'biggest-first' }).catch(() => null);
      if (plan === null || plan.status === 'overloaded') continue;
      const model = buildModel(payload);
      const alternatives = new Alternatives(model, plan, plannedWays(model, plan));
      const options = { variant, threshold: plan.threshold, changeCost: 0 };
      for (let k = 0; k < model.prefixes.count; k++) {
        for (let pair = model.traffic.start[k]; pair < model.traffic.start[k + 1]; pair++) {
          for (const { ingress, egress, verdict, difference } of alternatives.of(k, pair)) {
            const assignments = plan.assignments.map((one, at) => {
              const isMoved =
                at === pair || (variant === 'ses' && at >= model.traffic.start[k] && at < model.traffic.start[k + 1]);
              if (!isMoved) return one;
              return {
                ...one,
                egress: model.points[egress].id,
                ...(at === pair && { ingress: model.points[ingress].id }),
              };
            });
            const { violations, cost } = checkAssignments(model, assignments, options);
            const rules = violations.map(({ rule }) => rule);
            seen.add(verdict);
            if (verdict in RULES) expect(RULES[verdict].some((rule) => rules.includes(rule as never))).toBe(true);
            else expect({ seed, k, pair, rules }).toEqual({ seed, k, pair, rules: [] });
            if (difference !== null && Number.isFinite(cost)) expect(difference).toBeCloseTo(cost - plan.cost, 6);
            if (verdict === 'costs-less') expect(difference).toBeLessThan(0);
          }
        }
      }
    }
    const expected = ['chosen', 'ingress-capacity', 'egress-capacity', 'costs-more', 'not-eligible', 'unreachable'];
    expect([...seen]).toEqual(expect.arrayContaining(expected));
    if (variant === 'mes') expect([...seen]).toEqual(expect.arrayContaining(['proximity', 'one-point-per-router']));
  });
});
