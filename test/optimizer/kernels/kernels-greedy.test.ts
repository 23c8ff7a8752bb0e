import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greedy } from '../../../src/optimizer/kernels/kernels.ts';
import type { GapInstance } from '../../../src/problem/gap-instance.ts';
import { literalGreedy } from '../../oracle/greedy.ts';
import { type GapCase, gapCase } from '../gap/gap-arbitrary.ts';

function movesLikeTripleLoop({ instance, limit, assignment }: GapCase): number {
  const expected = assignment.slice();
  const movedJobs = literalGreedy(instance, limit, expected);
  const actual = assignment.slice();
  expect(greedy(instance, limit, actual)).toEqual({ moves: movedJobs.length, movedJobs });
  expect(actual).toEqual(expected);
  return movedJobs.length;
}

describe('greedy', () => {
  for (const scale of [1, 1e-9, 1e9]) {
    it(`returns what the triple loop returns, at scale ${scale}`, () => {
      let moved = 0;
      fc.assert(
        fc.property(gapCase(scale), (gap) => {
          moved += movesLikeTripleLoop(gap);
        }),
        { numRuns: 3000, seed: 1 },
      );
      expect(moved).toBeGreaterThan(3000);
    });
  }

  it('does so where a machine has many blocks of jobs', () => {
    let longest = 0;
    fc.assert(
      fc.property(gapCase(1, 1500), (gap) => {
        longest = Math.max(longest, movesLikeTripleLoop(gap));
      }),
      { numRuns: 60, seed: 8 },
    );
    expect(longest).toBeGreaterThan(300);
  });
});

describe('greedy by hand', () => {
  const twoMachines: GapInstance = {
    jobCount: 2,
    machineCount: 2,
    start: Int32Array.of(0, 2, 4),
    machine: Int32Array.of(0, 1, 0, 1),
    cost: Float64Array.of(1, 2, 1, 3),
    weight: Float64Array.of(2, 2, 2, 2),
    capacity: Float64Array.of(2, 2),
  };

  it('takes an exact fit and the cheaper job', () => {
    const assignment = Int32Array.of(0, 2);
    expect(greedy(twoMachines, twoMachines.capacity, assignment)).toEqual({ moves: 1, movedJobs: Int32Array.of(0) });
    expect(assignment).toEqual(Int32Array.of(1, 2));
  });

  it('takes the lowest job where different increases round to the same ratio', () => {
    const jobCount = 40;
    const limit = Float64Array.of(jobCount - 0.9, jobCount);
    const excess = jobCount - limit[0];
    let low = 1.9;
    while (low / excess !== (low + 2 ** -52) / excess) low += 2 ** -52;
    const cost = new Float64Array(2 * jobCount).map((_, arc) => (arc % 2 === 0 ? 0 : 5));
    // The lower increase lies in a later block of the tree.
    cost[2 * 3 + 1] = low + 2 ** -52;
    cost[2 * 30 + 1] = low;
    const instance: GapInstance = {
      jobCount,
      machineCount: 2,
      start: Int32Array.from({ length: jobCount + 1 }, (_, r) => 2 * r),
      machine: Int32Array.from({ length: 2 * jobCount }, (_, arc) => arc % 2),
      cost,
      weight: new Float64Array(2 * jobCount).fill(1),
      capacity: limit,
    };
    const assignment = Int32Array.from({ length: jobCount }, (_, r) => 2 * r);
    expect(literalGreedy(instance, limit, assignment.slice())).toEqual(Int32Array.of(3));
    expect(greedy(instance, limit, assignment)).toEqual({ moves: 1, movedJobs: Int32Array.of(3) });
  });

  it('leaves overload where nothing fits', () => {
    const assignment = Int32Array.of(0, 2);
    expect(greedy(twoMachines, Float64Array.of(2, 1), assignment)).toEqual({ moves: 0, movedJobs: new Int32Array(0) });
    expect(assignment).toEqual(Int32Array.of(0, 2));
  });

  it('takes an instance without jobs or machines', () => {
    const none = { jobCount: 0, machineCount: 0, start: new Int32Array(1), machine: new Int32Array(0) };
    const empty = { ...none, cost: new Float64Array(0), weight: new Float64Array(0), capacity: new Float64Array(0) };
    expect(greedy(empty, empty.capacity, new Int32Array(0))).toEqual({ moves: 0, movedJobs: new Int32Array(0) });
  });
});
