/** The least overload of assignments under a clock: it gets time, and where there is none its shifts all the same. */
import { beforeAll, describe, expect, it } from 'vitest';
import { assign } from '../../../src/gap.ts';
import { judge, solveGap } from '../../../src/optimizer/gap/gap.ts';
import { GAP_EXACT_ARCS } from '../../../src/optimizer/gap/gap-exact.ts';
import { descendOverload } from '../../../src/optimizer/gap/overload-descent.ts';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { denseGap, type GapInstance } from '../../../src/problem/gap-instance.ts';

beforeAll(loadSolver);

const MACHINES = 10;

/**
 * Jobs of weight 10, `each` for every machine; the first may carry 9 more and the second 9 less, at half the cost. The
 * relaxation fits; of assignments one has 1 too much on the first machine at best, and GREEDY leaves 9 on the second.
 */
function uneven(each: number): GapInstance {
  const jobCount = MACHINES * each;
  const perPair = (of: (machine: number) => number) =>
    Float64Array.from({ length: MACHINES * jobCount }, (_, pair) => of(Math.floor(pair / jobCount)));
  return denseGap({
    machineCount: MACHINES,
    jobCount,
    costs: perPair((machine) => (machine === 0 ? 2 : 1)),
    weights: perPair(() => 10),
    capacities: Float64Array.from({ length: MACHINES }, (_, s) => 10 * each + ([9, -9][s] ?? 0)),
  });
}

describe('the least overload', () => {
  it('gets time where nothing fits, though the search before it would take all', async () => {
    const instance = uneven(210);
    expect(instance.machine.length).toBeGreaterThan(GAP_EXACT_ARCS);
    expect(solveGap(instance, UNLIMITED)).toMatchObject({ overload: 9, proof: null });
    // A clock that ticks whenever it is read, from the search on.
    let left = 300;
    let isTicking = false;
    const leftIn = new Map<string, number>();
    const control = {
      ...UNLIMITED,
      remainingMs: () => (isTicking ? left-- : left),
      report: ({ phase }: { phase: string }) => {
        isTicking ||= phase === 'search';
        if (!leftIn.has(phase)) leftIn.set(phase, left);
      },
    };
    const { overload } = await assign(instance, control);
    expect(leftIn.get('search')).toBe(300);
    expect(leftIn.get('least overload')).toBeGreaterThan(20);
    expect(overload.total).toBe(1);
  });

  it('is sought by shifts whatever the time, and not after a cancel', () => {
    const instance = uneven(5);
    const { assignment } = solveGap(instance, UNLIMITED);
    expect(judge(instance, assignment).overload).toBe(9);
    const late = descendOverload(instance, assignment, { ...UNLIMITED, remainingMs: () => 0 });
    expect(judge(instance, late).overload).toBe(1);
    const cancelled = descendOverload(instance, assignment, { ...UNLIMITED, cancelled: () => true });
    expect(cancelled).toEqual(assignment);
  });

  it('is that of swaps too', () => {
    // 7 and 4 on a machine of 10, 6 and 4 on one of 11: only 7 for 6 helps, as long as no job may go to the third.
    const tables = {
      machineCount: 3,
      jobCount: 4,
      costs: new Float64Array(12),
      weights: Float64Array.from([7, 4, 6, 4, 7, 4, 6, 4, 7, 4, 6, 4]),
      capacities: Float64Array.of(10, 11, 0),
      forbidden: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0]),
    };
    const instance = denseGap(tables);
    const start = Int32Array.from([0, 0, 1, 1], (machine, job) => instance.start[job] + machine);
    expect(judge(instance, start).overload).toBe(1);
    const { machine } = instance;
    const found = descendOverload(instance, start, UNLIMITED);
    expect(judge(instance, found).overload).toBe(0);
    expect(Array.from(found, (arc) => machine[arc])).toEqual([1, 0, 0, 1]);
  });
});
