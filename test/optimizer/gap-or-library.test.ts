/** All 84 instances of the OR-Library in test/fixtures/gap (see its README for where they come from). */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseGap } from '../../src/formats/gap-orlib.ts';
import { assign, type GapResult } from '../../src/gap.ts';
import { denseGap, type GapInstance } from '../../src/optimizer/gap-instance.ts';
import { relaxGap } from '../../src/optimizer/gap-relaxation.ts';
import { loadSolver } from '../../src/optimizer/highs.ts';
import { roundFractional } from '../../src/optimizer/rounding.ts';
import { UNLIMITED } from '../../src/optimizer/run-control.ts';
import { lagrangian, loadsOf } from '../oracle/brute-force-gap.ts';

beforeAll(loadSolver);

const read = (path: string) => readFileSync(new URL(`../fixtures/gap/${path}`, import.meta.url), 'utf8');
const rows = (path: string) =>
  read(path)
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));
const bestKnown = new Map(
  rows('best-known.csv').map(([path, , , , , bound, , value]) => [path, { bound: +bound, value: +value }]),
);
const instances = rows('lp-relaxation.csv').map(([path, , , value]) => ({ path, relaxed: +value }));
/** What relaxation, rounding and GREEDY are held to: how many end overloaded, and the mean gap of the others. */
const OVERLOADED_CEILING = 63;
const MEAN_GAP_CEILING = 0.015;
const results = new Map<string, GapResult>();

function instanceOf(path: string): GapInstance {
  return denseGap(parseGap(read(path)));
}

describe('the OR-Library', () => {
  it('is here whole', () => {
    expect(instances).toHaveLength(84);
    expect(instances.filter(({ path }) => bestKnown.has(path))).toHaveLength(84);
  });

  it.each(instances)('$path: relaxation, rounding and bound', ({ path, relaxed }) => {
    const instance = instanceOf(path);
    const { machine, weight, capacity, cost } = instance;
    const { x, value, bound, prices } = relaxGap(instance, UNLIMITED);
    expect(Math.abs(value - relaxed)).toBeLessThanOrEqual(1e-6 * relaxed);
    expect(Math.abs(bound - relaxed)).toBeLessThanOrEqual(1e-6 * relaxed);
    expect(Math.abs(lagrangian(instance, prices, 1) - relaxed)).toBeLessThanOrEqual(1e-6 * relaxed);

    const assignment = roundFractional(instance, x);
    const spent = assignment.reduce((sum, arc) => sum + cost[arc], 0);
    expect(spent).toBeLessThanOrEqual(relaxed * (1 + 1e-9));
    const whole = new Float64Array(x.length);
    for (const arc of assignment) whole[arc] = 1;
    loadsOf(instance, whole).forEach((load, s) => {
      const used = weight.filter((_, arc) => machine[arc] === s && x[arc] > 0);
      expect(load).toBeLessThanOrEqual(capacity[s] * (1 + 1e-9) + Math.max(0, ...used));
    });
  });

  it.each(instances)('$path: the assignment', async ({ path }) => {
    const instance = instanceOf(path);
    const known = bestKnown.get(path)!;
    const result = await assign(instance);
    results.set(path, result);
    expect(result.lowerBound).toBeLessThanOrEqual(known.value + 1e-6);
    const arcs = result.assignment.map((s, job) => instance.start[job] + s);
    const cost = arcs.reduce((sum, arc) => sum + instance.cost[arc], 0);
    expect(result.cost).toBeCloseTo(cost, 9);
    const whole = new Float64Array(instance.cost.length);
    for (const arc of arcs) whole[arc] = 1;
    const overload = loadsOf(instance, whole).reduce(
      (sum, load, s) => sum + Math.max(0, load - instance.capacity[s]),
      0,
    );
    expect(result.overload.total).toBeCloseTo(overload, 9);
    expect(result.status === 'overloaded').toBe(overload > 0);
    // An assignment that fits costs what is known to be necessary, and no instance is proven to have none.
    if (overload === 0) expect(result.cost).toBeGreaterThanOrEqual(known.bound - 1e-6);
    expect(result.overload.leastPossible).toBeNull();
  });

  it('ends overloaded on few and near the optimum on the others', () => {
    const overloaded = instances.filter(({ path }) => results.get(path)?.status === 'overloaded');
    const gaps = instances
      .map(({ path }) => ({ result: results.get(path)!, known: bestKnown.get(path)! }))
      .filter(({ result }) => result.status !== 'overloaded')
      .map(({ result, known }) => (result.cost - known.value) / known.value);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(results.size).toBe(84);
    expect(overloaded.length).toBeLessThanOrEqual(OVERLOADED_CEILING);
    expect(mean).toBeLessThanOrEqual(MEAN_GAP_CEILING);
  });
});
