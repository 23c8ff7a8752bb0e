/**
 * The best plan found in a given time, against integer solvers on the same program: Cbc and GLPK from Debian on a file, HiGHS
 * (wasm) by itself.
 *
 *     npm run bench -- mip                         30 s each, one core
 *     node bench/mip.ts --seconds 10 --only gap --json
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseGap } from '../src/formats/gap-orlib.ts';
import { assign } from '../src/gap.ts';
import { buildModel } from '../src/model/build-model.ts';
import { exactProgram } from '../src/optimizer/exact/exact-program.ts';
import { gapProgram } from '../src/optimizer/gap/gap-exact.ts';
import { loadSolver } from '../src/optimizer/milp/highs.ts';
import { type IntegerProgram, solveInteger } from '../src/optimizer/milp/integer.ts';
import { type RunControl, UNLIMITED } from '../src/optimizer/run/run-control.ts';
import { denseGap } from '../src/problem/gap-instance.ts';
import { buildProblem } from '../src/problem/problem.ts';
import { solve } from '../src/solve.ts';
import { yagiuraGap } from './gap-instances.ts';
import { environment } from './measure.ts';
import { mpsOf } from './mps.ts';
import { smallNetwork } from './small-networks.ts';

interface Case {
  readonly name: string;
  /** Objective of a plan that fits; null where none was found. */
  readonly own: (control: RunControl) => Promise<number | null>;
  readonly program: () => { readonly program: IntegerProgram; readonly scale: number };
}

interface Row {
  readonly name: string;
  readonly columns: number;
  /** Objective by solver; null where it found nothing that fits. */
  readonly found: Readonly<Record<string, number | null>>;
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    seconds: { type: 'string', default: '30' },
  },
});
const seconds = Number(values.seconds);
await loadSolver();
const cases = [...networks(), ...assignments()].filter(({ name }) => name.includes(values.only ?? ''));
const rows: Row[] = [];
for (const one of cases) {
  const row = await compare(one);
  rows.push(row);
  const shown = Object.entries(row.found).map(([solver, value]) => `${solver} ${value?.toFixed(0) ?? '–'}`);
  process.stderr.write(`${row.name.padEnd(20)} ${String(row.columns).padStart(6)} columns  ${shown.join('  ')}\n`);
}
if (values.json) process.stdout.write(`${JSON.stringify({ environment: environment(), seconds, rows }, null, 2)}\n`);
else {
  const solvers = Object.keys(rows[0]?.found ?? {});
  for (const solver of solvers) {
    const best = rows.filter(({ found }) => isBest(found, solver)).length;
    process.stdout.write(`${solver.padEnd(14)} best, or as good as the best, on ${best} of ${rows.length}\n`);
  }
}

async function compare({ name, own, program: make }: Case): Promise<Row> {
  const { program, scale } = make();
  const end = performance.now() + 1000 * seconds;
  const egresso = await own({ ...UNLIMITED, remainingMs: () => end - performance.now() });
  const folder = mkdtempSync(join(tmpdir(), 'egresso-mip-'));
  try {
    const file = join(folder, 'program.mps');
    writeFileSync(file, mpsOf(program));
    const times = (value: number | null) => (value === null ? null : value * scale);
    const found = {
      egresso,
      'HiGHS (wasm)': times(byHighs(program)),
      cbc: times(byCbc(file)),
      glpsol: times(byGlpk(file, join(folder, 'solution'))),
    };
    return { name, columns: program.cost.length, found };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function byHighs(program: IntegerProgram): number | null {
  const end = performance.now() + 1000 * seconds;
  const control = { ...UNLIMITED, remainingMs: () => end - performance.now() };
  const { x, objective } = solveInteger(program, { presolve: true, seed: 1, control });
  return x === null ? null : objective;
}

function byCbc(file: string): number | null {
  const { stdout } = spawnSync('cbc', [file, '-seconds', String(seconds), '-solve'], {
    encoding: 'utf8',
    timeout: 3000 * seconds,
    maxBuffer: 2 ** 28,
  });
  const value = /^Objective value:\s+([-\d.e+]+)/m.exec(stdout ?? '')?.[1];
  return value === undefined || /No feasible solution/.test(stdout) ? null : Number(value);
}

function byGlpk(file: string, solution: string): number | null {
  spawnSync('glpsol', ['--freemps', file, '--tmlim', String(seconds), '-w', solution], { timeout: 3000 * seconds });
  try {
    const value = /^s mip \d+ \d+ [of] ([-\d.e+]+)/m.exec(readFileSync(solution, 'utf8'))?.[1];
    return value === undefined ? null : Number(value);
  } catch {
    return null;
  }
}

/** Of whole costs: less than half of one apart. */
function isBest(found: Row['found'], solver: string): boolean {
  const best = Math.min(...Object.values(found).map((value) => value ?? Number.POSITIVE_INFINITY));
  return (found[solver] ?? Number.POSITIVE_INFINITY) < best + 0.5;
}

function networks(): Case[] {
  return [1, 2, 3, 4, 5, 6].map((seed) => {
    const variant = seed % 2 === 0 ? 'mes' : 'ses';
    const payload = smallNetwork(seed);
    return {
      name: `network ${seed} ${variant}`,
      async own(control) {
        const plan = await solve(payload, { variant, timeLimitMs: 1000 * seconds }, control);
        return plan.overload.total > 0 ? null : plan.objective;
      },
      program() {
        const problem = buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });
        const { program, objectiveScale } = exactProgram(problem, { variant });
        return { program, scale: objectiveScale };
      },
    };
  });
}

function assignments(): Case[] {
  const read = (name: string) =>
    denseGap(parseGap(readFileSync(new URL(`../test/fixtures/gap/chu1997/${name}`, import.meta.url), 'utf8')));
  const instances = [
    ...['c10200', 'd05200', 'd10200', 'd20100'].map((name) => ({ name, instance: read(name) })),
    { name: 'D 20x400', instance: yagiuraGap('D', 20, 400, 20_400) },
    { name: 'E 40x400', instance: yagiuraGap('E', 40, 400, 40_400) },
  ];
  return instances.map(({ name, instance }) => ({
    name: `gap ${name}`,
    async own(control) {
      const { cost, overload } = await assign(instance, control);
      return overload.total > 0 ? null : cost;
    },
    program: () => gapProgram(instance),
  }));
}
