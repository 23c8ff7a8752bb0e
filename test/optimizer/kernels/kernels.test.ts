import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { greedyFrame } from '../../../src/optimizer/kernels/greedy-frame.ts';
import { greedy, Kernels } from '../../../src/optimizer/kernels/kernels.ts';
import { STATUS_NAMES } from '../../../src/optimizer/kernels/status.ts';
import type { GapInstance } from '../../../src/problem/gap-instance.ts';
import { literalGreedy } from '../../oracle/greedy.ts';
import { lcg } from '../gap/gap-arbitrary.ts';

/** All jobs on machine 0, which has room for half of them. */
function crowded(jobCount: number): { instance: GapInstance; assignment: Int32Array } {
  const random = lcg(jobCount);
  const machine = Int32Array.from({ length: 2 * jobCount }, (_, arc) => arc % 2);
  const instance: GapInstance = {
    jobCount,
    machineCount: 2,
    start: Int32Array.from({ length: jobCount + 1 }, (_, r) => 2 * r),
    machine,
    cost: Float64Array.from(machine, random),
    weight: Float64Array.from(machine, random),
    capacity: Float64Array.of(jobCount / 4, jobCount),
  };
  return { instance, assignment: Int32Array.from({ length: jobCount }, (_, r) => 2 * r) };
}

describe('kernels', () => {
  it('give the same answer before and after their memory has grown', () => {
    for (const jobCount of [20, 20_000, 20]) {
      const { instance, assignment } = crowded(jobCount);
      const expected = assignment.slice();
      const result = greedy(instance, instance.capacity, assignment);
      expect(result.moves).toBeGreaterThan(jobCount / 10);
      if (jobCount > 20) continue;
      expect(result.movedJobs).toEqual(literalGreedy(instance, instance.capacity, expected));
      expect(assignment).toEqual(expected);
    }
  });

  it('report scratch that is too small and do not cut anything off', () => {
    const { instance, assignment } = crowded(100);
    const { frame } = greedyFrame(instance, instance.capacity, assignment);
    const kernels = new Kernels();
    const buffer = kernels.load(frame);
    new Int32Array(buffer, frame.address, 3)[2] = 0; // slotCapacity
    expect(() => kernels.call('greedy', frame)).toThrow(
      expect.objectContaining({ code: 'INTERNAL', message: expect.stringContaining('scratch overflow') }),
    );
  });

  it('number their status alike on both sides', () => {
    const source = readFileSync(new URL('../../../assembly/status.ts', import.meta.url), 'utf8');
    const numbers = Array.from(source.matchAll(/export const (\w+): i32 = (\d+);/g), ([, name, number]) => [
      Number(number),
      name.toLowerCase().replaceAll('_', ' '),
    ]);
    expect(numbers).toEqual(Array.from(STATUS_NAMES.entries()));
  });
});
