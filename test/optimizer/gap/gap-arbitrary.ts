import fc from 'fast-check';
import type { GapInstance } from '../../../src/problem/gap-instance.ts';

export interface GapCase {
  readonly instance: GapInstance;
  readonly limit: Float64Array;
  readonly assignment: Int32Array;
}

/**
 * Small instances full of traps: ties from small integer ranges, sums that round, zero weights, costs and capacities,
 * Infinity, forbidden pairs, jobs without arcs, dense ones. All numbers are multiplied by `scale`.
 */
export function gapCase(scale: number, maxJobs = 40): fc.Arbitrary<GapCase> {
  return fc
    .record({
      jobCount: fc.integer({ min: 0, max: maxJobs }),
      machineCount: fc.integer({ min: 1, max: 9 }),
      integers: fc.boolean(),
      uniform: fc.boolean(),
      dense: fc.boolean(),
      crowded: fc.boolean(),
      near: fc.boolean(),
      range: fc.constantFrom(2, 5, 100),
      seed: fc.integer(),
    })
    .map(({ jobCount, machineCount, integers, uniform, dense, crowded, near, range, seed }) => {
      const random = lcg(seed);
      const value = () => (integers ? Math.floor(random() * range) : random() * range) * scale;
      const start = new Int32Array(jobCount + 1);
      const machine: number[] = [];
      const cost: number[] = [];
      const weight: number[] = [];
      const assignment = new Int32Array(jobCount);
      for (let r = 0; r < jobCount; r++) {
        const own = value();
        for (let s = 0; s < machineCount; s++) {
          if (!dense && random() < 0.3) continue;
          machine.push(s);
          // Neighboring numbers: costs that differ though their ratios round to the same one.
          const close = random() < 0.3 ? 0 : (1.9 + Math.floor(random() * 4) * 2 ** -52) * scale;
          cost.push(near ? close : value());
          weight.push(uniform ? own : value());
        }
        start[r + 1] = machine.length;
        const arcs = start[r + 1] - start[r];
        const at = crowded ? Math.floor(random() * Math.min(2, arcs)) : Math.floor(random() * arcs);
        assignment[r] = arcs === 0 || random() < 0.02 ? -1 : start[r] + at;
      }
      const limit = Float64Array.from({ length: machineCount }, () => {
        const kind = random();
        if (kind < 0.1) return 0;
        if (kind < 0.2) return Number.POSITIVE_INFINITY;
        return Math.floor(random() * 4 * jobCount * (range / 4 / machineCount)) * scale;
      });
      const instance = {
        jobCount,
        machineCount,
        start,
        machine: Int32Array.from(machine),
        cost: Float64Array.from(cost),
        weight: Float64Array.from(weight),
        capacity: limit,
      };
      return { instance, limit, assignment };
    });
}

/** A small generator, so that one seed makes one instance; 0 ≤ value < 1. */
export function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
