/**
 * Are the kernels worth their memory? Each against its plain TypeScript twin and its C twin, on the same seeded data.
 *
 *   node bench/kernels.ts [--json] [--small]
 *
 * The three take turns, so that a noisy minute hits all of them; where results differ there is no comparison. Times are
 * of the computation alone, on arrays that already lie where the contender wants them.
 */

import { greedyFrame } from '../src/optimizer/kernels/greedy-frame.ts';
import { Kernels } from '../src/optimizer/kernels/kernels.ts';
import { Pricing } from '../src/optimizer/kernels/pricing.ts';
import type { GapInstance } from '../src/problem/gap-instance.ts';
import { initialState, literalScan } from '../test/oracle/greedy.ts';
import { literalPrice } from '../test/oracle/pricing.ts';
import { C_FLAGS, CTwin } from './c-twin.ts';
import { greedyTwin } from './greedy-twin.ts';
import { type GapStart, gapStart, limitsOf, uniform } from './instances.ts';
import { type Comparison, type Contender, compare, inProcess, print } from './measure.ts';

const asJson = process.argv.includes('--json');
const shrink = process.argv.includes('--small') ? 20 : 1;
const ROUNDS = 3;

const c = CTwin.compile();
if (!c) process.stderr.write('NO COMPARISON WITH C: there is no gcc on this machine.\n');
try {
  print([denseScan(), wholeGreedy(0.99), wholeGreedy(0.6), pricing(false), pricing(true)], asJson);
} finally {
  c?.dispose();
}

/** One full look at all jobs and all machines: all jobs on machine 0, which is over its limit by a hair. */
function denseScan(): Comparison {
  const start = gapStart(1, { jobs: 100_000 / shrink, machines: 64, arcs: 64 }, false);
  const { instance } = start;
  const assignment = start.assignment.map((_, r) => instance.start[r]);
  const load = assignment.reduce((sum, arc) => sum + instance.weight[arc], 0);
  const limit = new Float64Array(64).fill(2 * load);
  limit[0] = load - 0.001;
  const twin = inProcess(
    'TypeScript',
    () => {},
    () => literalScan(instance, limit, initialState(instance, limit, assignment))[1],
  );
  const { contender } = greedyKernel(instance, limit, assignment, (job, arcs) => arcs[job[0]]);
  const contenders = [twin, contender, ...cContender('scan', instance, limit, assignment)];
  return compare(
    'dense GREEDY scan; the kernel also builds its trees and makes the move',
    `${instance.jobCount} jobs × 64 machines`,
    contenders,
    ROUNDS,
    10,
  );
}

/** The whole of GREEDY, the same incremental algorithm three times. */
function wholeGreedy(share: number): Comparison {
  const start = gapStart(2, { jobs: 1_000_000 / shrink, machines: 104, arcs: 8 }, true);
  const { instance, assignment } = start;
  const limit = limitsOf(start, 40, share);
  const copy = assignment.slice();
  const twin = greedyTwin(instance, limit);
  const inTypeScript = inProcess(
    'TypeScript',
    () => copy.set(assignment),
    () => twin(copy),
  );
  const { contender, moves } = greedyKernel(instance, limit, assignment, (jobs) =>
    jobs.reduce((sum, job) => sum + 1 + job, 0),
  );
  const contenders = [inTypeScript, contender, ...cContender('greedy', instance, limit, assignment)];
  return compare(
    'whole GREEDY, incremental in all three',
    `${instance.jobCount} jobs × 8 arcs, 104 machines, 40 overloaded, ${moves()} moves`,
    contenders,
    ROUNDS,
    5,
  );
}

function greedyKernel(
  instance: GapInstance,
  limit: Float64Array,
  assignment: Int32Array,
  checksum: (movedJobs: Int32Array, assignment: Int32Array) => number,
): { contender: Contender; moves: () => number } {
  const planned = greedyFrame(instance, limit, assignment);
  const kernels = new Kernels();
  const buffer = kernels.load(planned.frame);
  const arcs = new Int32Array(buffer, planned.assignment, assignment.length);
  const moves = () => {
    arcs.set(assignment);
    kernels.call('greedy', planned.frame);
    return planned.frame.read(buffer, planned.moves);
  };
  const contender = inProcess(
    'WebAssembly',
    () => arcs.set(assignment),
    () => {
      kernels.call('greedy', planned.frame);
      const count = planned.frame.read(buffer, planned.moves);
      return checksum(new Int32Array(buffer, planned.movedJobs, count), arcs);
    },
  );
  return { contender, moves };
}

function pricing(sharedWeights: boolean): Comparison {
  const start: GapStart = gapStart(3, { jobs: 1_000_000 / shrink, machines: 104, arcs: 8 }, sharedWeights);
  const { instance, assignment } = start;
  const random = uniform(4);
  const lambda = Float64Array.from({ length: instance.machineCount }, random);
  const bestArc = new Int32Array(instance.jobCount);
  const load = new Float64Array(instance.machineCount);
  const lead = new Float64Array(instance.jobCount);
  const last = instance.jobCount - 1;
  const prepared = new Pricing(instance);
  const contenders = [
    inProcess(
      'TypeScript',
      () => {},
      () => literalPrice(instance, lambda, bestArc, load, lead) + lead[last],
    ),
    inProcess(
      'WebAssembly',
      () => {},
      () => {
        const pass = prepared.runLeads(lambda);
        return pass.total + pass.lead[last];
      },
    ),
    ...cContender('price', instance, lambda, assignment),
  ];
  const weights = sharedWeights ? 'one weight per job' : 'a weight per arc';
  return compare('pricing pass with leads', `${instance.jobCount} jobs × 8 arcs, ${weights}`, contenders, ROUNDS, 10);
}

function cContender(
  mode: 'scan' | 'greedy' | 'price',
  instance: GapInstance,
  limit: Float64Array,
  assignment: Int32Array,
): Contender[] {
  if (!c) return [];
  c.write('instance', instance, limit, assignment);
  return [
    {
      name: `C, gcc ${C_FLAGS[1]}`,
      run(repetitions) {
        const { timesNs, checksum } = c.run(mode, 'instance', repetitions + 1);
        // The first pass touches fresh pages.
        return { timesMs: timesNs.slice(1).map((time) => time / 1e6), checksum };
      },
    },
  ];
}
