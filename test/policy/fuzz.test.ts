/** Garbage gives faults of the catalog, never anything else. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import { explainPlan } from '../../src/explain.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { diffPlans } from '../../src/plan/diff.ts';
import { parsePlan } from '../../src/plan/parse-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { ROUTER_FORMATS, rendererFor } from '../../src/policy/render/renderers.ts';
import { solve } from '../../src/solve.ts';
import { context, fullPolicy } from './render/documents.ts';

const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));
const model = buildModel(example);
let plan: Plan;

beforeAll(async () => {
  plan = await solve(example);
});

const garbage = fc.oneof(fc.anything(), fc.constantFrom(null, undefined, Number.NaN, '', [], {}, -1, '10.0.0.0/8'));

/** The same document with something else in one place, or with one thing more. */
const damaged = (document: object): fc.Arbitrary<unknown> =>
  fc.tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), garbage).map(([way, value]) => {
    const copy = structuredClone(document) as Record<string, unknown>;
    let at: Record<string, unknown> = copy;
    for (const [step, turn] of way.entries()) {
      const keys = Object.keys(at);
      if (keys.length === 0) break;
      const key = keys[turn % keys.length];
      const next = at[key];
      if (step === way.length - 1 || typeof next !== 'object' || next === null) {
        at[key] = value;
        break;
      }
      at = next as Record<string, unknown>;
    }
    return copy;
  });

function faultless(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(EgressoError);
    expect((error as EgressoError).kind.status).toBe(400);
  }
}

describe('garbage', () => {
  const options = () => ({
    ingress: 'med',
    allow: ['10.0.0.0/8'],
    maxPrefixes: 9,
    community: '64500:1',
    sessionNames: {},
    basePolicies: [{ router: 'b3', session: 'upstream', import: 'FROM_UPSTREAM', export: null }],
    bgp: { clusters: [{ reflectors: ['b1'], clients: ['b2', 'b3', 'b4'] }], addPath: true },
    existing: [
      {
        router: 'b3',
        sessions: [
          {
            session: 'upstream',
            import: [{ prefixes: ['10.20.30.0/24'], action: 'accept', set: { localPref: 7, med: 1 }, isOwn: false }],
            export: [],
          },
        ],
      },
    ],
    existingTexts: [{ router: 'b4', format: 'frr', text: '' }],
    steps: true,
    stepTexts: true,
    paths: false,
  });

  it('in options', () => {
    expect(() => policyFor(model, plan, options())).not.toThrow();
    fc.assert(
      fc.property(fc.oneof(garbage, damaged(options())), (given) => faultless(() => policyFor(model, plan, given))),
      { numRuns: 600 },
    );
  });

  it('in plans', () => {
    fc.assert(
      fc.property(fc.oneof(garbage, damaged(JSON.parse(JSON.stringify(plan)))), (given) => {
        faultless(() => policyFor(model, parsePlan(given)));
        faultless(() => diffPlans(plan, parsePlan(given)));
      }),
      { numRuns: 600 },
    );
  });

  it('in what is to be explained', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(garbage, damaged({ prefix: 'P1', neighbor: 'A1', solve: false })), async (given) => {
        const whole =
          typeof given === 'object' && given !== null && !Array.isArray(given) ? { ...given, solve: false } : given;
        await explainPlan(model, plan, whole).catch((error) => expect(error).toBeInstanceOf(EgressoError));
      }),
      { numRuns: 200 },
    );
  });

  it.each(ROUTER_FORMATS)('in texts for %s', (format) => {
    const renderer = rendererFor(format);
    const text = renderer.render(fullPolicy(format !== 'gobgp'), context);
    const cut = fc
      .tuple(fc.nat({ max: text.length }), fc.nat({ max: 30 }), fc.string())
      .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(fc.string(), cut), (given) => faultless(() => renderer.read(given, 'b3', context))),
      { numRuns: 400 },
    );
  });
});
