import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { yagiuraGap } from '../../../bench/gap-instances.ts';
import { assign } from '../../../src/gap.ts';
import { judge, solveGap } from '../../../src/optimizer/gap/gap.ts';
import { coreArcs } from '../../../src/optimizer/gap/gap-core.ts';
import { gapProgram, solveGapExactly } from '../../../src/optimizer/gap/gap-exact.ts';
import { improveGap } from '../../../src/optimizer/gap/gap-improvement.ts';
import { GapSearch } from '../../../src/optimizer/gap/gap-search.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { denseGap, type GapInstance } from '../../../src/problem/gap-instance.ts';
import { smallGap } from './gap-cases.ts';

beforeAll(loadSolver);

function search(instance: GapInstance, control = UNLIMITED): Int32Array | null {
  const { assignment, prices, lowerBound } = solveGap(instance, UNLIMITED);
  return new GapSearch(instance, prices, control).run({ start: assignment, target: lowerBound, seed: 1, control });
}

describe('the ejection search', () => {
  it.each(['C', 'D', 'E'] as const)('fits and comes near the bound on type %s, the same each time', (type) => {
    const instance = yagiuraGap(type, 10, 100, 7);
    const { lowerBound } = solveGap(instance, UNLIMITED);
    const assignment = search(instance) as Int32Array;
    const { cost, overload } = judge(instance, assignment);
    expect(overload).toBe(0);
    expect(cost).toBeGreaterThanOrEqual(lowerBound * (1 - 1e-9));
    expect(cost).toBeLessThan(lowerBound * 1.02);
    expect(search(instance)).toEqual(assignment);
  });

  it('gives what it has when it is cancelled, within 300 ms', () => {
    const instance = yagiuraGap('D', 20, 400, 3);
    let cancelledAt = 0;
    const begin = performance.now();
    const cancelled = (): boolean => {
      if (performance.now() - begin < 700) return false;
      cancelledAt ||= performance.now();
      return true;
    };
    const { assignment, prices } = solveGap(instance, UNLIMITED);
    let lastAsked = performance.now();
    let longest = 0;
    const control = {
      ...UNLIMITED,
      remainingMs: () => 1e6,
      cancelled: () => {
        longest = Math.max(longest, performance.now() - lastAsked);
        lastAsked = performance.now();
        return cancelled();
      },
    };
    new GapSearch(instance, prices, control).run({ start: assignment, target: 0, seed: 1, control });
    expect(cancelledAt).toBeGreaterThan(0);
    expect(performance.now() - cancelledAt).toBeLessThan(300);
    expect(longest).toBeLessThan(300);
  });
});

describe('the integer program', () => {
  const tables = { machineCount: 2, jobCount: 2, capacities: Float64Array.of(10.75, 7.5) };
  const whole = Float64Array.of(3, 5, 4, 2);
  const parts = Float64Array.of(3.5, 5, 4, 2);

  it('leaves whole weights and whole costs alone, each by itself', () => {
    const both = gapProgram(denseGap({ ...tables, costs: whole, weights: whole }));
    expect(both.scale).toBe(1);
    expect(both.program.rowUpper.slice(0, 2)).toEqual(Float64Array.of(10, 7));
    expect(both.program.values.every(Number.isInteger)).toBe(true);
    expect(both.program.cost.every(Number.isInteger)).toBe(true);
    const costly = gapProgram(denseGap({ ...tables, costs: parts, weights: whole }));
    expect(costly.program.values.every(Number.isInteger)).toBe(true);
    expect(costly.scale).toBeCloseTo(14.5 / 4, 12);
  });

  it('scales weights in parts to a mean of 1, and floors no limit then, whatever their mean', () => {
    for (const weights of [parts, Float64Array.of(0.5, 1.5, 0.5, 1.5)]) {
      const { program } = gapProgram(denseGap({ ...tables, costs: whole, weights }));
      const unit = weights.reduce((sum, weight) => sum + weight, 0) / 4;
      expect(program.rowUpper[0]).toBeCloseTo(10.75 / unit, 7);
    }
  });

  it('bounds what passes for fitting too', () => {
    // The bound has to allow for the whole tolerance, of which a plan aims at half.
    const instance = denseGap({
      machineCount: 2,
      jobCount: 1,
      costs: Float64Array.of(1, 9),
      weights: Float64Array.of(1 + 0.9e-9, 1),
      capacities: Float64Array.of(1, 1),
    });
    const { assignment, lowerBound } = solveGapExactly(instance, { start: Int32Array.of(1), control: UNLIMITED });
    expect(lowerBound).toBeLessThanOrEqual(1);
    expect(assignment).toEqual(Int32Array.of(0));
  });
});

describe('improvement', () => {
  it('reaches the optimum of small instances, with a bound that is none too high', () => {
    let compared = 0;
    fc.assert(
      fc.property(smallGap({ jobs: 8, machines: 4 }), (instance) => {
        const first = solveGap(instance, UNLIMITED);
        if (first.proof !== null) return;
        const { assignment, lowerBound } = improveGap(instance, first, UNLIMITED);
        const exact = solveGapExactly(instance, { start: first.assignment, control: UNLIMITED });
        const { cost, overload } = judge(instance, assignment);
        if (exact.assignment === null) {
          expect(overload).toBeGreaterThan(0);
          return;
        }
        const optimum = judge(instance, exact.assignment).cost;
        const tolerance = 1e-6 * Math.max(1, Math.abs(optimum));
        expect(overload).toBe(0);
        expect(Math.abs(cost - optimum)).toBeLessThanOrEqual(tolerance);
        expect(lowerBound).not.toBeNull();
        expect(lowerBound as number).toBeLessThanOrEqual(optimum + tolerance);
        compared++;
      }),
      { numRuns: 150, seed: 3 },
    );
    expect(compared).toBeGreaterThan(30);
  }, 60_000);

  it('leaves out no arc of an optimum', async () => {
    const instance = yagiuraGap('C', 5, 30, 2);
    const first = solveGap(instance, UNLIMITED);
    const found = search(instance) as Int32Array;
    const { cost } = judge(instance, found);
    const optimum = solveGapExactly(instance, { start: found, control: UNLIMITED });
    const core = new Set(coreArcs(instance, { assignment: found, cost }, first));
    if (judge(instance, optimum.assignment as Int32Array).cost < cost) {
      for (const arc of optimum.assignment as Int32Array) expect(core).toContain(arc);
    }
    for (const arc of found) expect(core).toContain(arc);
    expect(core.size).toBeLessThan(instance.machine.length);
    expect((await assign(instance)).cost).toBe(judge(instance, optimum.assignment as Int32Array).cost);
  });
});
