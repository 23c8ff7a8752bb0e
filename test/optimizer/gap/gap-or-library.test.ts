/** All 84 instances of the OR-Library in test/fixtures/gap (see its README for where they come from). */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseGap } from '../../../src/formats/gap-orlib.ts';
import { assign } from '../../../src/gap.ts';
import { solveGap } from '../../../src/optimizer/gap/gap.ts';
import { relaxGap } from '../../../src/optimizer/gap/relaxation/gap-relaxation.ts';
import { roundFractional } from '../../../src/optimizer/gap/rounding.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { denseGap, type GapInstance } from '../../../src/problem/gap-instance.ts';
import { lagrangian, loadsOf } from '../../oracle/brute-force-gap.ts';

beforeAll(loadSolver);

const read = (path: string) => readFileSync(new URL(`../../fixtures/gap/${path}`, import.meta.url), 'utf8');
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
/** Those that branch and bound closes in a moment; the others are for the bench. */
const quick = instances.filter(({ path }) => path.startsWith('cattrysse1994') || path.startsWith('chu1997/a'));

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

  it.each(instances)('$path: relaxation, rounding and GREEDY', ({ path }) => {
    const instance = instanceOf(path);
    const known = bestKnown.get(path)!;
    const { assignment, cost, overload, lowerBound, proof } = solveGap(instance, UNLIMITED);
    expect(lowerBound).toBeLessThanOrEqual(known.value + 1e-6);
    expect(cost).toBeCloseTo(
      assignment.reduce((sum, arc) => sum + instance.cost[arc], 0),
      9,
    );
    const whole = new Float64Array(instance.cost.length);
    for (const arc of assignment) whole[arc] = 1;
    const excess = loadsOf(instance, whole).map((load, s) => Math.max(0, load - instance.capacity[s]));
    expect(overload).toBeCloseTo(
      excess.reduce((sum, one) => sum + one, 0),
      9,
    );
    // An assignment that fits costs what is known to be necessary, and no instance is proven to have none.
    if (overload === 0) expect(cost).toBeGreaterThanOrEqual(known.bound - 1e-6);
    expect(proof).toBeNull();
  });

  it.each(quick)('$path: the optimum', async ({ path }) => {
    const instance = instanceOf(path);
    const { value } = bestKnown.get(path)!;
    const result = await assign(instance);
    expect(result).toMatchObject({ status: 'optimal', cost: value, overload: { total: 0, leastPossible: null } });
    expect(result.lowerBound).toBeLessThanOrEqual(value);
    const load = new Float64Array(instance.machineCount);
    result.assignment.forEach((s, job) => {
      load[s] += instance.weight[instance.start[job] + s];
    });
    load.forEach((one, s) => {
      expect(one).toBeLessThanOrEqual(instance.capacity[s]);
    });
  });
});
