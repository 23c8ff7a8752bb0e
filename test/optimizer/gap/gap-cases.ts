/** Generalized assignment instances for the tests of the relaxation, and their relaxation as one linear program. */
import fc from 'fast-check';
import { type LinearSolution, solveLinear } from '../../../src/optimizer/milp/linear.ts';
import { ProgramBuilder } from '../../../src/optimizer/milp/program-builder.ts';
import { UNLIMITED } from '../../../src/optimizer/run/run-control.ts';
import { denseGap, type GapInstance } from '../../../src/problem/gap-instance.ts';
import { lcg } from './gap-arbitrary.ts';

/** Rows are machines. `X` in the costs forbids the pair; `weights` may be one row for all machines. */
export function gapOf(costs: (number | 'X')[][], weights: number[][], capacities: number[]): GapInstance {
  const [machineCount, jobCount] = [costs.length, costs[0].length];
  return denseGap({
    machineCount,
    jobCount,
    costs: Float64Array.from(costs.flat(), (cost) => (cost === 'X' ? 0 : cost)),
    weights: Float64Array.from(costs.flatMap((_, s) => weights[s] ?? weights[0])),
    capacities: Float64Array.from(capacities),
    forbidden: Uint8Array.from(costs.flat(), (cost) => Number(cost === 'X')),
  });
}

/** Every job has a machine; capacities from far too small to unlimited; a third with negative costs. */
export function smallGap(most: { jobs: number; machines: number }, scale = 1): fc.Arbitrary<GapInstance> {
  const shape = {
    jobCount: fc.integer({ min: 1, max: most.jobs }),
    machineCount: fc.integer({ min: 1, max: most.machines }),
    kind: fc.constantFrom('uniform', 'general', 'integer'),
    tightness: fc.constantFrom(0.4, 0.8, 1, 1.3, 3),
    lowest: fc.constantFrom(0, 0, -40),
    seed: fc.integer(),
  };
  return fc.record(shape).map(({ jobCount, machineCount, kind, tightness, lowest, seed }) => {
    const random = lcg(seed);
    const value = (range: number) => (kind === 'integer' ? Math.floor(random() * range) : random() * range);
    const pairs = machineCount * jobCount;
    const own = Array.from({ length: jobCount }, () => (random() < 0.1 ? 0 : 1 + value(9)));
    const weights = Array.from({ length: pairs }, (_, pair) =>
      kind === 'uniform' ? own[pair % jobCount] : random() < 0.1 ? 0 : 1 + value(9),
    );
    const forbidden = Uint8Array.from({ length: pairs }, () => Number(random() < 0.2));
    for (let job = 0; job < jobCount; job++) forbidden[Math.floor(random() * machineCount) * jobCount + job] = 0;
    const mean = (weights.reduce((sum, weight) => sum + weight, 0) / pairs) * (jobCount / machineCount);
    const capacities = Array.from({ length: machineCount }, () => {
      const draw = random();
      if (draw < 0.08) return 0;
      if (draw < 0.16) return Number.POSITIVE_INFINITY;
      return kind === 'integer' ? Math.round(mean * tightness) : mean * tightness * (0.5 + random());
    });
    return denseGap({
      machineCount,
      jobCount,
      costs: Float64Array.from({ length: pairs }, () => lowest + value(60)),
      weights: Float64Array.from(weights, (weight) => weight * scale),
      capacities: Float64Array.from(capacities, (capacity) => capacity * scale),
      forbidden,
    });
  });
}

/** The relaxation as it is written; `elastic`: least total overflow at no cost. Volumes are scaled to a mean of 1. */
export function directProgram(instance: GapInstance, elastic: boolean): LinearSolution & { overload: number } {
  const { jobCount, machineCount, start, machine, cost, weight, capacity } = instance;
  const program = new ProgramBuilder();
  const scale = weight.reduce((sum, one) => sum + one, 0) / weight.length || 1;
  const jobRow = Array.from({ length: jobCount }, () => program.addRow(1, 1));
  const machineRow = Array.from({ length: machineCount }, (_, s) =>
    program.addRow(Number.NEGATIVE_INFINITY, capacity[s] / scale),
  );
  for (let job = 0; job < jobCount; job++) {
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      const rows = [jobRow[job], machineRow[machine[arc]]];
      program.addColumn({ cost: elastic ? 0 : cost[arc], rows, values: [1, weight[arc] / scale] });
    }
  }
  if (elastic) for (const row of machineRow) program.addColumn({ cost: 1, rows: [row], values: [-1] });
  const solution = solveLinear(program.build(), UNLIMITED);
  return { ...solution, overload: elastic ? solution.objective * scale : 0 };
}
