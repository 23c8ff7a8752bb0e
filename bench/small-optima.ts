/**
 * Proves the optima that `bench/quality.ts` judges by, and keeps them in small-optima.json.
 *
 *     node bench/small-optima.ts [--count 200] [--minutes 1.5] [--from 1] [--native python3]
 *
 * Takes seeds one after the other, by turns SES and MES, each until its plan is proven or the minutes are over; a seed
 * that is not proven is replaced by the next and listed. What the file holds already is not proven again. With `--native`,
 * an interpreter that has highspy: a plan of some seconds, then the proof by native HiGHS over the same integer program,
 * which is about twice as fast. A proof that a plan in hand refutes is none.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildModel } from '../src/model/build-model.ts';
import { parseOptions } from '../src/model/options.ts';
import { exactProgram } from '../src/optimizer/exact/exact-program.ts';
import { optimize } from '../src/optimizer/optimize.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';
import { buildProblem } from '../src/problem/problem.ts';
import { solveNatively } from './native-highs.ts';
import { smallNetwork } from './small-networks.ts';

export interface SmallOptimum {
  readonly seed: number;
  readonly variant: 'ses' | 'mes';
  /** Null where it is proven that no plan fits. */
  readonly optimum: number | null;
}

export interface SmallOptima {
  readonly proven: SmallOptimum[];
  /** Seeds whose optimum was not proven within `minutes`. */
  readonly replaced: { readonly seed: number; readonly variant: 'ses' | 'mes'; readonly minutes: number }[];
}

const FILE = new URL('./small-optima.json', import.meta.url);
/** Of the plan from which native HiGHS starts. */
const START_SECONDS = 6;
/** Objectives are whole numbers. */
const SAME = 1e-3;

export function readSmallOptima(): SmallOptima {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { proven: [], replaced: [] };
}

/** The optimum, null where it is proven that no plan fits, undefined where nothing is proven. */
async function proveOptimum(
  seed: number,
  variant: 'ses' | 'mes',
  seconds: number,
  python: string | undefined,
): Promise<number | null | undefined> {
  const timeLimitMs = 1000 * (python === undefined ? seconds : START_SECONDS);
  const options = parseOptions({ variant, method: 'auto', timeLimitMs });
  const problem = buildProblem(buildModel(smallNetwork(seed)), options);
  const end = performance.now() + timeLimitMs;
  const control = { ...UNLIMITED, remainingMs: () => end - performance.now() };
  const { candidate, lowerBound, provenOverloaded } = await optimize(problem, options, control);
  const { objective, overload } = candidate.evaluation;
  if (provenOverloaded) return null;
  const isProven = overload === 0 && lowerBound !== null && objective - lowerBound < SAME;
  if (python === undefined) return isProven ? objective : undefined;
  const model = exactProgram(problem, { variant });
  const start = overload === 0 ? model.encode(candidate.choice) : null;
  const native = solveNatively(python, model.program, { start, seconds: seconds - START_SECONDS });
  const found = native.objective * model.objectiveScale;
  const isRefuted = (overload === 0 && objective < found - SAME) || (isProven && found < objective - SAME);
  if (isRefuted) process.stdout.write(`${seed}: HiGHS ${found}, auto ${objective} with bound ${lowerBound}\n`);
  return native.status === 'optimal' && !isRefuted ? Math.round(found) : undefined;
}

function write({ proven, replaced }: SmallOptima): void {
  const lines = (rows: readonly unknown[]) =>
    rows.map((row) => `    ${JSON.stringify(row, null, 1).replace(/\n */g, ' ')}`).join(',\n');
  writeFileSync(FILE, `{\n  "proven": [\n${lines(proven)}\n  ],\n  "replaced": [\n${lines(replaced)}\n  ]\n}\n`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '200' },
      minutes: { type: 'string', default: '1.5' },
      from: { type: 'string', default: '1' },
      native: { type: 'string' },
    },
  });
  const optima = readSmallOptima();
  const known = new Set([...optima.proven, ...optima.replaced].map(({ seed }) => seed));
  for (let seed = Number(values.from); optima.proven.length < Number(values.count); seed++) {
    if (known.has(seed)) continue;
    const variant = seed % 2 === 1 ? 'ses' : 'mes';
    const minutes = Number(values.minutes);
    const optimum = await proveOptimum(seed, variant, 60 * minutes, values.native);
    if (optimum === undefined) optima.replaced.push({ seed, variant, minutes });
    else optima.proven.push({ seed, variant, optimum });
    write(optima);
    process.stdout.write(`${seed} ${variant} ${optimum === undefined ? 'not proven' : optimum}\n`);
  }
}
