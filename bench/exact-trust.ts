/**
 * Does HiGHS contradict itself? The integer programs of some small networks in different units and tolerances, several
 * random seeds each, by native HiGHS: a run that ends above a plan which another one found is wrong.
 *
 *     node bench/exact-trust.ts --native python3 [--seeds 14,15,20,36] [--runs 3] [--seconds 20]
 */
import { parseArgs } from 'node:util';
import { buildModel } from '../src/model/build-model.ts';
import { exactProgram } from '../src/optimizer/exact/exact-program.ts';
import type { IntegerProgram } from '../src/optimizer/milp/integer.ts';
import { buildProblem, type Problem } from '../src/problem/problem.ts';
import { solveNatively } from './native-highs.ts';
import { smallNetwork } from './small-networks.ts';

const { values } = parseArgs({
  options: {
    native: { type: 'string', default: 'python3' },
    seeds: { type: 'string', default: '14,15,20,36' },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
  },
});

const WAYS = [
  { name: 'fractional rows, 1e-6', isWhole: false, tolerance: 1e-6 },
  { name: 'fractional rows, 1e-9', isWhole: false, tolerance: 1e-9 },
  { name: 'whole rows, 1e-6', isWhole: true, tolerance: 1e-6 },
  { name: 'whole rows, 1e-9', isWhole: true, tolerance: 1e-9 },
];
/** Objectives are whole numbers. */
const SAME = 1e-2;

const tally = new Map(WAYS.map(({ name }) => [name, { runs: 0, ended: 0, wrong: 0 }]));
for (const seed of values.seeds.split(',').map(Number)) {
  const problem = buildProblem(buildModel(smallNetwork(seed)), { threshold: 1, changeCost: 0 });
  const { program } = exactProgram(problem, { variant: seed % 2 === 1 ? 'ses' : 'mes' });
  const mean = problem.totalVolume / problem.pairCount;
  const answers = WAYS.flatMap(({ name, isWhole, tolerance }) =>
    Array.from({ length: Number(values.runs) }, (_, run) => {
      const options = { random_seed: run + 1, mip_feasibility_tolerance: tolerance };
      const asked = { start: null, seconds: Number(values.seconds), options };
      const answer = solveNatively(values.native, isWhole ? program : divided(program, problem, mean), asked);
      const unit = isWhole ? 1 : mean;
      return { name, ended: answer.status === 'optimal', value: answer.objective * unit, bound: answer.bound * unit };
    }),
  );
  const best = Math.min(...answers.map(({ value }) => value));
  for (const { name, ended, value, bound } of answers) {
    const sums = tally.get(name) as { runs: number; ended: number; wrong: number };
    sums.runs++;
    sums.ended += Number(ended);
    if (bound <= best + SAME) continue;
    sums.wrong++;
    process.stdout.write(`seed ${seed}, ${name}: ${value} with bound ${bound}, but there is a plan of ${best}\n`);
  }
}
for (const [name, { runs, ended, wrong }] of tally) {
  process.stdout.write(`${name}: ${runs} runs, ${ended} ended as optimal, ${wrong} wrong\n`);
}

/** Capacity rows, the first ones, in thousandths of the mean volume; costs in mean volumes. */
function divided(program: IntegerProgram, { ingressCapacity, egressCapacity }: Problem, mean: number): IntegerProgram {
  const sides = [...ingressCapacity, ...egressCapacity].filter(Number.isFinite).length;
  const scale = 1000 / mean;
  return {
    ...program,
    cost: program.cost.map((cost) => cost / mean),
    rowUpper: program.rowUpper.map((upper, row) => (row < sides ? upper * scale : upper)),
    values: program.values.map((value, at) => (program.rows[at] < sides ? value * scale : value)),
  };
}
