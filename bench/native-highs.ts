/** Integer programs by native HiGHS, through an interpreter that has highspy. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IntegerProgram } from '../src/optimizer/milp/integer.ts';
import { mpsOf } from './mps.ts';

export interface NativeOptions {
  /** A feasible point. */
  readonly start: Float64Array | null;
  readonly seconds: number;
  /** Of HiGHS, by name. */
  readonly options?: Record<string, number>;
}

export interface NativeAnswer {
  readonly status: string;
  readonly objective: number;
  readonly bound: number;
  readonly nodes: number;
}

export function solveNatively(
  python: string,
  program: IntegerProgram,
  { start, seconds, options = {} }: NativeOptions,
): NativeAnswer {
  const folder = mkdtempSync(join(tmpdir(), 'egresso-mip-'));
  try {
    const [programFile, startFile] = ['program.mps', 'start.json'].map((name) => join(folder, name));
    writeFileSync(programFile, mpsOf(program));
    writeFileSync(startFile, JSON.stringify(start === null ? null : [...start]));
    const script = fileURLToPath(new URL('./native-highs.py', import.meta.url));
    const asked = [script, programFile, startFile, String(seconds), JSON.stringify(options)];
    return JSON.parse(execFileSync(python, asked, { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
