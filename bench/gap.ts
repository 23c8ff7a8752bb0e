/**
 * Quality of the assignment solver against best known values (OR-Library) and bounds of the relaxation (Yagiura's types).
 *
 *     npm run bench -- gap                         everything, some hours
 *     node bench/gap.ts --json --only D20x1600     those whose names contain a word
 *     node bench/gap.ts --limit 10                 seconds for each, instead of 30 and 60
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseGap } from '../src/formats/gap-orlib.ts';
import { assign } from '../src/gap.ts';
import { relaxGap } from '../src/optimizer/gap/relaxation/gap-relaxation.ts';
import { loadSolver } from '../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';
import { fits } from '../src/problem/capacity.ts';
import { denseGap, type GapInstance } from '../src/problem/gap-instance.ts';
import { type GapType, YAGIURA_SIZES, yagiuraGap } from './gap-instances.ts';
import { environment } from './measure.ts';

interface Case {
  readonly set: string;
  readonly name: string;
  readonly seconds: number;
  /** Mean excess over the reference that is asked for; 0: the optimum. */
  readonly target: number;
  instance(): GapInstance;
  reference(instance: GapInstance): number;
}

interface Row {
  readonly set: string;
  readonly name: string;
  readonly cost: number;
  readonly reference: number;
  readonly lowerBound: number | null;
  readonly overload: number;
  /** cost / reference − 1. */
  readonly excess: number;
  readonly seconds: number;
}

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string' }, limit: { type: 'string' } },
});
await loadSolver();
const cases = [...orLibrary(), ...yagiura()].filter(
  ({ name }) => values.only === undefined || name.includes(values.only),
);
const rows: Row[] = [];
for (const one of cases) {
  const row = await measure(one);
  rows.push(row);
  process.stderr.write(
    `${row.name.padEnd(24)} ${String(row.cost).padStart(8)}  ${(100 * row.excess).toFixed(3)} %  ${row.seconds.toFixed(1)} s\n`,
  );
}
const sets = [...new Set(cases.map(({ set }) => set))].map((set) => {
  const own = rows.filter((row) => row.set === set);
  const fitting = own.filter((row) => row.overload === 0);
  const mean = fitting.reduce((sum, { excess }) => sum + excess, 0) / fitting.length;
  const { target } = cases.find((one) => one.set === set) as Case;
  const worst = Math.max(...fitting.map(({ excess }) => excess));
  return { set, instances: own.length, fitting: fitting.length, mean, worst, target };
});
if (values.json) process.stdout.write(`${JSON.stringify({ environment: environment(), sets, rows }, null, 2)}\n`);
else {
  for (const { set, instances, fitting, mean, worst, target } of sets) {
    const percent = (ratio: number): string => `${(100 * ratio).toFixed(3)} %`;
    process.stdout.write(
      `${set.padEnd(20)} ${fitting} of ${instances} fit, mean ${percent(mean)}, worst ${percent(worst)}, target ${percent(target)}\n`,
    );
  }
}

async function measure({ set, name, seconds, instance: make, reference: refer }: Case): Promise<Row> {
  const instance = make();
  const reference = refer(instance);
  const begin = performance.now();
  const end = begin + 1000 * seconds;
  const control = { ...UNLIMITED, remainingMs: () => end - performance.now() };
  const { assignment, lowerBound } = await assign(instance, control);
  const elapsed = (performance.now() - begin) / 1000;
  return { set, name, reference, lowerBound, seconds: elapsed, ...judged(instance, assignment, reference) };
}

/** Cost and overload from the machines alone. */
function judged(instance: GapInstance, assignment: readonly number[], reference: number) {
  const load = new Float64Array(instance.machineCount);
  let cost = 0;
  assignment.forEach((s, job) => {
    const arcs = instance.machine.subarray(instance.start[job], instance.start[job + 1]);
    const arc = instance.start[job] + arcs.indexOf(s);
    cost += instance.cost[arc];
    load[s] += instance.weight[arc];
  });
  const overload = load.reduce((sum, one, s) => {
    const { capacity } = instance;
    return fits(one, capacity[s]) ? sum : sum + one - capacity[s];
  }, 0);
  return { cost, overload, excess: cost / reference - 1 };
}

function orLibrary(): Case[] {
  const read = (path: string): string => readFileSync(new URL(`../test/fixtures/gap/${path}`, import.meta.url), 'utf8');
  return read('best-known.csv')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line): Case => {
      const [path, , , , , , , value] = line.split(',');
      const [folder, name] = path.split('/');
      const set = folder === 'cattrysse1994' ? 'gap1-12' : `OR-Library ${name[0]}`;
      const target = name.startsWith('c') || name.startsWith('d') ? 0.001 : 0;
      return {
        set,
        name: path,
        seconds: Number(values.limit ?? 30),
        target,
        instance: () => denseGap(parseGap(read(path))),
        reference: () => Number(value),
      };
    });
}

function yagiura(): Case[] {
  const types: readonly GapType[] = ['C', 'D', 'E'];
  return types.flatMap((type) =>
    YAGIURA_SIZES.map(
      ([machines, jobs]): Case => ({
        set: `Yagiura ${type}`,
        name: `${type}${machines}x${jobs}`,
        seconds: Number(values.limit ?? 60),
        target: 0.0025,
        instance: () => yagiuraGap(type, machines, jobs, 1000 * machines + jobs),
        reference: (instance) => relaxGap(instance, UNLIMITED).bound,
      }),
    ),
  );
}
