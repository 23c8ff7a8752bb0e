/**
 * The same relaxation by other solvers: HiGHS (wasm) on the whole program, and native ones from Debian on an LP file.
 */
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import highsModule from 'highs';
import type { GapInstance } from '../src/problem/gap-instance.ts';

export interface PeerResult {
  readonly name: string;
  /**
   * Of the solver alone, without reading the program; null where the time limit came first or there is no such
   * program.
   */
  readonly timeMs: number | null;
  readonly value: number | null;
  readonly note: string;
}

const loadHighs = highsModule as unknown as typeof highsModule.default;

/** HiGHS on the whole program, CSC arrays in, mean weight and mean cost 1; `ipm` without crossover, or `simplex`. */
export async function directHighs(instance: GapInstance, solver: 'ipm' | 'simplex'): Promise<PeerResult> {
  const highs = await loadHighs({ print: () => {}, printErr: () => {} });
  const { jobCount, machineCount, start, machine, cost, weight, capacity } = instance;
  const arcCount = machine.length;
  const unitWeight = mean(weight);
  const unitCost = mean(cost);
  const indices = new Int32Array(2 * arcCount);
  const values = new Float64Array(2 * arcCount);
  for (let job = 0; job < jobCount; job++) {
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      indices[2 * arc] = job;
      values[2 * arc] = 1;
      indices[2 * arc + 1] = jobCount + machine[arc];
      values[2 * arc + 1] = weight[arc] / unitWeight;
    }
  }
  const rowCount = jobCount + machineCount;
  const rowLower = new Float64Array(rowCount).fill(1).fill(Number.NEGATIVE_INFINITY, jobCount);
  const rowUpper = new Float64Array(rowCount).fill(1);
  capacity.forEach((limit, s) => {
    rowUpper[jobCount + s] = limit / unitWeight;
  });
  const starts = Int32Array.from({ length: arcCount + 1 }, (_, arc) => 2 * arc);
  const program = {
    numCols: arcCount,
    numRows: rowCount,
    colCost: cost.map((one) => one / unitCost),
    colLower: new Float64Array(arcCount),
    colUpper: new Float64Array(arcCount).fill(Number.POSITIVE_INFINITY),
    rowLower,
    rowUpper,
    matrix: { format: 'csc' as const, numRows: rowCount, numCols: arcCount, starts, indices, values },
  };
  return highs.withModel(program, (model) => {
    model.options.set({ output_flag: false, solver, run_crossover: 'off' });
    const begin = performance.now();
    const { modelStatus } = model.run();
    const timeMs = performance.now() - begin;
    const note = modelStatus === highs.constants.modelStatus.optimal ? '' : `status ${modelStatus}`;
    const name = `HiGHS (wasm) ${solver}, whole program`;
    return { name, timeMs, value: model.getObjectiveValue() * unitCost, note };
  });
}

interface NativePeer {
  readonly name: string;
  readonly command: string;
  readonly args: (file: string, solution: string, seconds: number) => string[];
  /** Seconds of the solver alone, and the value. */
  readonly time: RegExp;
  readonly value: RegExp;
  readonly valueFrom: 'output' | 'solution';
}

const CLP_TIME = /iterations time ([\d.]+)/;
const CLP_VALUE = /Optimal objective ([-\d.e+]+)/;
const NATIVE: readonly NativePeer[] = [
  {
    name: 'glpsol, simplex',
    command: 'glpsol',
    args: (file, solution, seconds) => ['--lp', file, '--tmlim', String(seconds), '-w', solution],
    time: /Time used:\s+([\d.]+) secs/,
    value: /^s bas \d+ \d+ f f ([-\d.e+]+)/m,
    valueFrom: 'solution',
  },
  {
    name: 'glpsol, interior point',
    command: 'glpsol',
    args: (file, solution, seconds) => ['--lp', file, '--interior', '--tmlim', String(seconds), '-w', solution],
    time: /Time used:\s+([\d.]+) secs/,
    value: /^s ipt \d+ \d+ o ([-\d.e+]+)/m,
    valueFrom: 'solution',
  },
  {
    name: 'clp, dual simplex',
    command: 'clp',
    args: (file, _, seconds) => [file, '-seconds', String(seconds), '-dualsimplex'],
    time: CLP_TIME,
    value: CLP_VALUE,
    valueFrom: 'output',
  },
  {
    name: 'clp, primal simplex',
    command: 'clp',
    args: (file, _, seconds) => [file, '-seconds', String(seconds), '-primalsimplex'],
    time: CLP_TIME,
    value: CLP_VALUE,
    valueFrom: 'output',
  },
  {
    name: 'clp, barrier',
    command: 'clp',
    args: (file, _, seconds) => [file, '-seconds', String(seconds), '-barrier'],
    time: CLP_TIME,
    value: CLP_VALUE,
    valueFrom: 'output',
  },
  {
    name: 'cbc',
    command: 'cbc',
    args: (file, _, seconds) => [file, '-seconds', String(seconds), '-initialSolve'],
    time: CLP_TIME,
    value: CLP_VALUE,
    valueFrom: 'output',
  },
];

/** Every native solver in turn on one file, each within the time limit. */
export async function nativePeers(instance: GapInstance, seconds: number): Promise<PeerResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'egresso-lp-'));
  try {
    const file = join(folder, 'relaxation.lp');
    await writeLp(instance, file);
    return NATIVE.map((peer) => runNative(peer, file, join(folder, 'solution'), seconds));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runNative(peer: NativePeer, file: string, solution: string, seconds: number): PeerResult {
  const args = peer.args(file, solution, seconds);
  // Not every solver looks at its limit everywhere.
  const { stdout, error } = spawnSync(peer.command, args, {
    encoding: 'utf8',
    timeout: 2000 * seconds,
    maxBuffer: 2 ** 28,
  });
  const none = { name: peer.name, timeMs: null, value: null };
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT') return { ...none, note: 'not installed' };
  const text = peer.valueFrom === 'output' ? stdout : readIfThere(solution);
  const time = peer.time.exec(stdout)?.[1];
  const value = peer.value.exec(text)?.[1];
  rmSync(solution, { force: true });
  if (time === undefined || value === undefined) return { ...none, note: `no optimum in ${seconds} s` };
  return { name: peer.name, timeMs: 1000 * Number(time), value: Number(value), note: '' };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** CPLEX LP format, 17 digits. */
export async function writeLp(instance: GapInstance, file: string): Promise<void> {
  const { jobCount, start, machine, cost, weight, capacity } = instance;
  const onMachine: number[][] = Array.from(capacity, () => []);
  for (let arc = 0; arc < machine.length; arc++) onMachine[machine[arc]].push(arc);
  const out = createWriteStream(file);
  const terms = (arcs: Iterable<number>, factor: (arc: number) => number): void => {
    let line = '';
    for (const arc of arcs) {
      line += ` + ${factor(arc)} x${arc}`;
      if (line.length > 200) {
        out.write(`${line}\n`);
        line = '';
      }
    }
    out.write(`${line}\n`);
  };
  out.write('Minimize\n obj:');
  terms(machine.keys(), (arc) => cost[arc]);
  out.write('Subject To\n');
  for (let job = 0; job < jobCount; job++) {
    const arcs = Array.from({ length: start[job + 1] - start[job] }, (_, at) => `x${start[job] + at}`);
    out.write(` j${job}: ${arcs.join(' + ')} = 1\n`);
  }
  onMachine.forEach((arcs, s) => {
    out.write(` m${s}:`);
    terms(arcs, (arc) => weight[arc]);
    out.write(` <= ${capacity[s]}\n`);
  });
  out.end('End\n');
  await finished(out);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
