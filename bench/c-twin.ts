/** Compiles and runs the C twins of the kernels: the same scalar loops, `gcc -O3 -march=native -ffp-contract=off`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GapInstance } from '../src/problem/gap-instance.ts';

export const C_FLAGS = ['-std=c11', '-O3', '-march=native', '-ffp-contract=off'];

export interface CRun {
  readonly timesNs: readonly number[];
  readonly checksum: number;
}

export class CTwin {
  readonly #folder = mkdtempSync(join(tmpdir(), 'egresso-bench-'));
  readonly #program = join(this.#folder, 'kernels');

  /** Null where there is no gcc. */
  static compile(): CTwin | null {
    const twin = new CTwin();
    const sources = fileURLToPath(new URL('c', import.meta.url));
    const files = readdirSync(sources).filter((name) => name.endsWith('.c'));
    try {
      execFileSync('gcc', [...C_FLAGS, ...files.map((name) => join(sources, name)), '-o', twin.#program, '-lm']);
      return twin;
    } catch (error) {
      twin.dispose();
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  /** Writes an instance where the program finds it; `limit` holds the prices for `price`. */
  write(name: string, instance: GapInstance, limit: Float64Array, assignment: Int32Array): void {
    const counts = Int32Array.of(instance.jobCount, instance.machineCount, instance.machine.length, 0);
    const arrays = [counts, instance.cost, instance.weight, limit, instance.start, instance.machine, assignment];
    writeFileSync(
      join(this.#folder, name),
      Buffer.concat(arrays.map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength))),
    );
  }

  run(mode: 'scan' | 'greedy' | 'price', name: string, repetitions: number): CRun {
    const line = execFileSync(this.#program, [mode, join(this.#folder, name), String(repetitions)], {
      encoding: 'utf8',
    });
    const { times, checksum } = JSON.parse(line) as { times: number[]; checksum: number };
    return { timesNs: times, checksum };
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
