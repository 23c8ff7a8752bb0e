/** The check against the rules written a second time: every assignment of tiny models, right or wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import type { NetworkModel } from '../../src/model/network-model.ts';
import { checkAssignments } from '../../src/plan/check.ts';
import { BruteForce, type Placement, type Terms } from '../oracle/brute-force.ts';
import { type ModelPayload, randomPayload } from '../oracle/random-model.ts';

const CAPACITY_RULES = new Set(['ingress-capacity', 'egress-capacity']);
const SIZES = [
  { points: 4, neighbors: 2, prefixes: 2, pairs: 3 },
  { points: 4, neighbors: 2, prefixes: 1, pairs: 2 },
  { points: 3, neighbors: 2, prefixes: 2, pairs: 3 },
];
const TERMS: readonly Terms[] = [
  { variant: 'ses', threshold: 1, changeCost: 0 },
  { variant: 'mes', threshold: 1, changeCost: 0 },
  { variant: 'ses', threshold: 0.7, changeCost: 2.5 },
  { variant: 'mes', threshold: 0.7, changeCost: 2.5 },
];

function compare(model: NetworkModel, payload: ModelPayload, terms: Terms, placements: readonly Placement[]): boolean {
  const rules = new BruteForce(payload, terms);
  const verdict = rules.judge(placements);
  const assignments = payload.traffic.map(({ neighbor, prefix }, row) => ({ neighbor, prefix, ...placements[row] }));
  const check = checkAssignments(model, assignments, terms);
  const broken = new Set<string>(check.violations.map(({ rule }) => rule).filter((rule) => !CAPACITY_RULES.has(rule)));
  expect(broken).toEqual(verdict.broken);
  const near = (value: number, expected: number) =>
    expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
  near(check.overload, verdict.overload);
  expect(check.violations.some(({ rule }) => CAPACITY_RULES.has(rule))).toBe(verdict.overload > 0);
  // Without a path there is no cost.
  if (Number.isFinite(verdict.cost)) {
    near(check.cost, verdict.cost);
    near(check.changeCost, verdict.changeCost);
  }
  return broken.size === 0;
}

describe('checkAssignments', () => {
  it('says what the rules say of every assignment of tiny models', () => {
    let valid = 0;
    let invalid = 0;
    for (let seed = 1; seed <= 90; seed++) {
      const payload = randomPayload(seed, SIZES[seed % 3], { full: seed % 3 > 0 });
      const model = buildModel(payload);
      for (const terms of TERMS) {
        for (const placements of new BruteForce(payload, terms).everything()) {
          if (compare(model, payload, terms, placements)) valid++;
          else invalid++;
        }
      }
    }
    // Both kinds were seen, or nothing is shown.
    expect(valid).toBeGreaterThan(500);
    expect(invalid).toBeGreaterThan(10_000);
  });

  it('says what the rules say of random assignments of larger models, and of each mutation of a valid one', () => {
    let valid = 0;
    const choice = fc.tuple(fc.nat(), fc.nat());
    const drawn = fc.record({
      seed: fc.integer({ min: 1000, max: 1e6 }),
      terms: fc.constantFrom(...TERMS),
      choices: fc.array(choice, { minLength: 9, maxLength: 9 }),
      wild: fc.boolean(),
      mutated: fc.tuple(fc.nat(), choice),
    });
    fc.assert(
      fc.property(drawn, ({ seed, terms, choices, wild, mutated: [row, [a, b]] }) => {
        const payload = randomPayload(seed, { points: 4, neighbors: 3, prefixes: 3, pairs: 9 });
        const model = buildModel(payload);
        const rules = new BruteForce(payload, terms);
        const pick = <T>(list: readonly T[], at: number): T => list[at % list.length];
        const placements = payload.traffic.map(({ neighbor, prefix }, at) => ({
          ingress: pick(wild ? rules.points : rules.ingressOf(neighbor), choices[at][0]),
          // Tame draws give a prefix one egress, so that many are valid.
          egress: pick(wild ? rules.points : [...rules.egressOf(prefix).keys()], choices[wild ? at : 0][1]),
        }));
        if (compare(model, payload, terms, placements)) valid++;
        placements[row % placements.length] = { ingress: pick(rules.points, a), egress: pick(rules.points, b) };
        compare(model, payload, terms, placements);
      }),
      { seed: 3, numRuns: 2000 },
    );
    expect(valid).toBeGreaterThan(300);
  });
});
