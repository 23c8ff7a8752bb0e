/** Linear programs cut off in the middle of the solver: no answer then, and the next program is solved as ever. */
import { beforeAll, expect, it } from 'vitest';
import { loadSolver } from '../../../src/optimizer/milp/highs.ts';
import { type Basis, type LinearSolution, solveLinear, withLinearSession } from '../../../src/optimizer/milp/linear.ts';
import { ProgramBuilder } from '../../../src/optimizer/milp/program-builder.ts';
import { uniform } from '../../../src/optimizer/run/random.ts';
import { type RunControl, UNLIMITED } from '../../../src/optimizer/run/run-control.ts';

beforeAll(loadSolver);

/** A transportation program: every job on some of its machines, which have room for a little more than all of them. */
function transportation(jobs: number, machines: number) {
  const random = uniform(5);
  const program = new ProgramBuilder();
  const room = Array.from({ length: machines }, () =>
    program.addRow(Number.NEGATIVE_INFINITY, (1.05 * jobs) / machines),
  );
  for (let job = 0; job < jobs; job++) {
    const row = program.addRow(1, 1);
    for (const machine of room)
      program.addColumn({ cost: random(), rows: [row, machine], values: [1, 1 + random() / 50] });
  }
  return program.build();
}

/** Says stop from the n-th question on. */
function cutAt(polls: number): { readonly control: RunControl; readonly asked: () => number } {
  let asked = 0;
  return { control: { ...UNLIMITED, cancelled: () => ++asked >= polls }, asked: () => asked };
}

const JOBS = 400;
const MACHINES = 20;
const program = transportation(JOBS, MACHINES);

/** Every job on its cheapest machine, whatever room there is. */
function cheapest(): Basis {
  const columns = Int32Array.from({ length: JOBS }, (_, job) => {
    const costs = program.cost.subarray(MACHINES * job, MACHINES * (job + 1));
    return MACHINES * job + costs.indexOf(Math.min(...costs));
  });
  return { columns, rows: Int32Array.from({ length: MACHINES }, (_, machine) => machine) };
}

const WAYS: Record<string, (control: RunControl) => LinearSolution> = {
  simplex: (control) => solveLinear(program, control),
  'simplex from a basis': (control) => solveLinear(program, control, { basis: cheapest() }),
  'interior point': (control) => solveLinear(program, control, { method: 'interior' }),
  session: (control) => withLinearSession(program, control, (session) => session.solve()),
};

it.each(Object.entries(WAYS))('%s: no answer where it is cut off, and the whole one after', (_, solve) => {
  const whole = cutAt(Number.POSITIVE_INFINITY);
  const expected = solve(whole.control);
  expect(expected.status).toBe('optimal');
  expect(whole.asked()).toBeGreaterThan(5);
  for (const share of [0, 0.2, 0.5, 0.8]) {
    const cut = cutAt(1 + Math.floor(share * whole.asked()));
    expect(solve(cut.control)).toMatchObject({ status: 'limit', objective: Number.NaN, x: new Float64Array(0) });
    expect(cut.asked()).toBeGreaterThan(0);
    expect(solve(UNLIMITED).objective).toBe(expected.objective);
  }
});

const STARTS: Record<string, Basis> = {
  'is not feasible': cheapest(),
  'is none': { ...cheapest(), columns: new Int32Array(JOBS) },
};

it.each(Object.entries(STARTS))('ends at the same optimum from a basis that %s', (_, basis) => {
  const { objective, rowDual } = solveLinear(program, UNLIMITED, { basis });
  const expected = solveLinear(program, UNLIMITED);
  expect(objective).toBeCloseTo(expected.objective, 9);
  rowDual.forEach((dual, row) => {
    expect(dual).toBeCloseTo(expected.rowDual[row], 9);
  });
});
