/** What a plan says of itself is asked wherever one comes back. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { explainPlan } from '../../src/explain.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { diffPlans } from '../../src/plan/diff.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { isSameCost } from '../../src/plan/plan-statements.ts';
import { policyFor } from '../../src/policy/policy.ts';
import { solve } from '../../src/solve.ts';

const example = JSON.parse(readFileSync('examples/patent-example-1.json', 'utf8'));
const model = buildModel(example);

let ses: Plan;
let mes: Plan;
beforeAll(async () => {
  [ses, mes] = [await solve(example, { variant: 'ses' }), await solve(example, { variant: 'mes' })];
});

const invalid = (pointer: string, message: string) =>
  expect.objectContaining({
    code: 'PLAN_INVALID',
    errors: [{ pointer, message: expect.stringContaining(message) }],
  });

describe.each([
  ['policy', async (plan: Plan, of = model) => policyFor(of, plan)],
  ['explain', (plan: Plan, of = model) => explainPlan(of, plan, { prefix: 'P1', solve: false })],
] as const)('%s', (_, read) => {
  it.each([
    ['/variant', { variant: 'x' }, 'must be ses or mes, not "x"'],
    ['/cost', { cost: 1 }, 'is 1, but the assignments cost 1850'],
    ['/cost', { cost: Number.NaN }, 'is null, but the assignments cost 1850'],
    ['/cost', { cost: Number.POSITIVE_INFINITY }, 'is null, but'],
    ['/cost', { cost: '1850' }, 'is "1850", but'],
    ['/cost', { cost: null }, 'is null, but'],
  ])('refuses a plan with a wrong %s: %j', async (pointer, more, message) => {
    await expect(read({ ...ses, ...more } as Plan)).rejects.toThrow(invalid(pointer, message));
  });

  it('refuses a plan that is called SES and has two egress points of a prefix', async () => {
    await expect(read({ ...mes, variant: 'ses' })).rejects.toThrow(invalid('/variant', 'leaves at two points'));
  });

  it('refuses any cost of a way between points without a path, and nothing for a cost of next to nothing', async () => {
    const cut = { ...example, distances: example.distances.slice(1) };
    const plan = await solve(cut, { variant: 'mes' });
    const assignments = plan.assignments.with(0, { ...plan.assignments[0], ingress: 'b1', egress: 'b3' });
    const edited = { ...plan, assignments };
    await expect(read(edited, buildModel(cut))).rejects.toThrow(
      invalid('/cost', 'some pair has no path between its points'),
    );
    const free = { ...example, distances: example.distances.map((one: object) => ({ ...one, distance: 0 })) };
    const nothing = { ...(await solve(free, { variant: 'mes' })), cost: null };
    await expect(read(nothing as never, buildModel(free))).rejects.toThrow(invalid('/cost', 'is null'));
  });

  it('takes what is true, but for rounding, and a plan that does not say its cost', async () => {
    const { cost: _, ...silent } = ses;
    for (const plan of [ses, mes, { ...ses, cost: 1850 * (1 + 1e-9) }, silent as Plan]) await read(plan);
  });
});

describe('diff', () => {
  it('refuses two costs of the same ways', () => {
    expect(() => diffPlans(ses, { ...ses, cost: 1849 })).toThrow(invalid('/cost', 'is 1849, but the other plan'));
    expect(() => diffPlans(ses, { ...ses, variant: 'mes' })).not.toThrow();
    expect(() => diffPlans(ses, mes)).not.toThrow();
  });

  it('refuses plans of other pairs', () => {
    const [first, ...others] = ses.assignments;
    const without = { ...ses, assignments: others };
    for (const [from, to] of [
      [ses, without],
      [without, ses],
    ]) {
      expect(() => diffPlans(from, to)).toThrow(invalid('/assignments', 'are not of the pairs'));
    }
    const twice = { ...ses, assignments: [first, first, ...others.slice(1)] };
    expect(() => diffPlans(ses, twice)).toThrow(invalid('/assignments/1', 'is the second for its pair'));
    const renamed = { ...ses, assignments: [{ ...first, neighbor: 'A9' }, ...others] };
    expect(() => diffPlans(ses, renamed)).toThrow(invalid('/assignments/0', 'names no pair'));
  });
});

it.each([
  [1, 1, true],
  [1 + 5e-7, 1, true],
  [1e9 + 500, 1e9, true],
  [1e9 + 5000, 1e9, false],
  [0, 5e-7, true],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, false],
  [5, Number.NaN, false],
  ['1', 1, false],
  [null, 0, false],
])('a cost of %j is that of %j: %s', (stated, found, isSame) => {
  expect(isSameCost(stated, found)).toBe(isSame);
});
