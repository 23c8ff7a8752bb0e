import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ejection, type EjectionState } from '../../../src/optimizer/kernels/ejection.ts';
import { literalEjection } from '../../oracle/ejection.ts';
import { lcg } from '../gap/gap-arbitrary.ts';
import { smallGap } from '../gap/gap-cases.ts';

describe('ejection', () => {
  for (const scale of [1, 1e-9, 1e9]) {
    it(`does what its twin does, bit for bit, over several calls, at scale ${scale}`, () => {
      let improvements = 0;
      fc.assert(
        fc.property(smallGap({ jobs: 30, machines: 6 }, scale), fc.integer({ min: 1 }), (instance, seed) => {
          const random = lcg(seed);
          const { jobCount, machineCount, start } = instance;
          const width = 4;
          const candidates = Int32Array.from({ length: jobCount * width }, (_, at) => {
            const arc = start[Math.floor(at / width)] + (at % width);
            return arc < start[Math.floor(at / width) + 1] ? arc : -1;
          });
          const tables = { instance, limit: instance.capacity, candidates, width };
          const assignment = start.slice(0, jobCount);
          const state = (): EjectionState => ({
            assignment: assignment.slice(),
            best: assignment.slice(),
            bestCost: Number.POSITIVE_INFINITY,
            random: seed,
          });
          const [actual, expected] = [state(), state()];
          const kernel = new Ejection(tables);
          for (let call = 0; call < 3; call++) {
            const overloadPrice = Float64Array.from({ length: machineCount }, () => (random() * 20) / scale);
            const run = { overloadPrice, threshold: random() * 10, proposals: 200 };
            const isBetter = literalEjection(tables, expected, run);
            expect(kernel.run(actual, run)).toBe(isBetter);
            expect(actual).toEqual(expected);
            improvements += Number(isBetter);
          }
        }),
        { numRuns: 200, seed: 1 },
      );
      expect(improvements).toBeGreaterThan(50);
    });
  }
});
