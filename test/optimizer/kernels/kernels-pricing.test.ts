import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pricing } from '../../../src/optimizer/kernels/pricing.ts';
import type { GapInstance } from '../../../src/problem/gap-instance.ts';
import { literalLeads, literalPrice } from '../../oracle/pricing.ts';
import { gapCase, lcg } from '../gap/gap-arbitrary.ts';

function expectSame(instance: GapInstance, lambda: Float64Array, pricing = new Pricing(instance)): void {
  const expectedArc = new Int32Array(instance.jobCount);
  const expectedLoad = new Float64Array(instance.machineCount);
  const expectedLead = new Float64Array(instance.jobCount);
  const pass = pricing.runLeads(lambda);
  expect(pass.total).toBe(literalPrice(instance, lambda, expectedArc, expectedLoad, expectedLead));
  expect(pass.bestArc).toEqual(expectedArc);
  expect(pass.load).toEqual(expectedLoad);
  literalLeads(instance, lambda).forEach((lead, job) => {
    if (expectedArc[job] < 0) return;
    expect(pass.lead[job]).toBe(lead);
    expect(expectedLead[job]).toBe(lead);
  });
}

describe('Pricing', () => {
  for (const scale of [1, 1e-9, 1e9]) {
    it(`returns what the plain loop returns, pass after pass, at scale ${scale}`, () => {
      fc.assert(
        fc.property(gapCase(scale), fc.integer(), ({ instance }, seed) => {
          const random = lcg(seed);
          const pricing = new Pricing(instance);
          for (const spread of [0, 1, 3]) {
            const lambda = Float64Array.from({ length: instance.machineCount }, () =>
              spread === 1 ? Math.floor(random() * 3) : spread * random() - 1,
            );
            expectSame(instance, lambda, pricing);
          }
          pricing.dispose();
        }),
        { numRuns: 1000, seed: 2 },
      );
    });
  }

  it('takes more machines than 16 bits can number', () => {
    const machineCount = 70_000;
    const instance: GapInstance = {
      jobCount: 3,
      machineCount,
      start: Int32Array.of(0, 2, 2, 4),
      machine: Int32Array.of(3, 69_999, 5, 69_998),
      cost: Float64Array.of(2, 1, 2, 1),
      weight: Float64Array.of(1, 2, 3, 4),
      capacity: new Float64Array(machineCount),
    };
    const lambda = new Float64Array(machineCount);
    expectSame(instance, lambda);
    lambda[69_999] = 1;
    expectSame(instance, lambda);
  });

  it('takes other costs, and the old ones again', () => {
    fc.assert(
      fc.property(gapCase(1), fc.integer(), ({ instance }, seed) => {
        const random = lcg(seed);
        const pricing = new Pricing(instance);
        const lambda = Float64Array.from({ length: instance.machineCount }, random);
        const cost = instance.cost.map(() => random());
        pricing.setCosts(cost);
        expectSame({ ...instance, cost }, lambda, pricing);
        pricing.setCosts(instance.cost);
        expectSame(instance, lambda, pricing);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('refuses a pass after it was disposed of', () => {
    const none = { jobCount: 0, machineCount: 0, start: new Int32Array(1), machine: new Int32Array(0) };
    const empty = { ...none, cost: new Float64Array(0), weight: new Float64Array(0), capacity: new Float64Array(0) };
    const pricing = new Pricing(empty);
    expect(pricing.runLeads(empty.cost).total).toBe(0);
    pricing.dispose();
    expect(() => pricing.runLeads(empty.cost)).toThrow(/disposed/);
  });
});
