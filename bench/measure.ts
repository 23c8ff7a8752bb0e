/** Timing and reporting of the benches. */
import { cpus } from 'node:os';

export interface Contender {
  readonly name: string;
  /** Times in ms of `repetitions` runs, after at least one warm-up where that matters. */
  run(repetitions: number): { timesMs: readonly number[]; checksum: number };
}

export interface Line {
  readonly name: string;
  readonly runs: number;
  readonly minMs: number;
  readonly medianMs: number;
}

export interface Comparison {
  readonly question: string;
  readonly workload: string;
  readonly lines: readonly Line[];
}

/** Times a function in this process; the checksum keeps its result alive. */
export function inProcess(name: string, prepare: () => void, run: () => number): Contender {
  return {
    name,
    run(repetitions) {
      const timesMs: number[] = [];
      let checksum = 0;
      for (let i = 0; i < repetitions; i++) {
        prepare();
        const begin = performance.now();
        checksum = run();
        timesMs.push(performance.now() - begin);
      }
      return { timesMs, checksum };
    },
  };
}

/** Runs the contenders in turns; refuses to compare where their results differ. */
export function compare(
  question: string,
  workload: string,
  contenders: readonly Contender[],
  rounds: number,
  repetitions: number,
): Comparison {
  const times = contenders.map((): number[] => []);
  // The first round warms up and counts for nothing.
  for (let round = 0; round <= rounds; round++) {
    const checksums = contenders.map((contender, c) => {
      const { timesMs, checksum } = contender.run(round === 0 ? 2 : repetitions);
      if (round > 0) times[c].push(...timesMs);
      return checksum;
    });
    for (const [c, checksum] of checksums.entries()) {
      if (!Object.is(checksum, checksums[0])) {
        throw new Error(
          `${question}: ${contenders[c].name} gives ${checksum}, ${contenders[0].name} gives ${checksums[0]}.`,
        );
      }
    }
  }
  const lines = contenders.map(({ name }, c) => {
    const sorted = times[c].toSorted((a, b) => a - b);
    return { name, runs: sorted.length, minMs: sorted[0], medianMs: sorted[sorted.length >> 1] };
  });
  return { question, workload, lines };
}

/** Machine and versions, without which figures mean nothing. */
export function environment(): Record<string, string> {
  return { cpu: `${cpus()[0].model.trim()} × ${cpus().length}`, node: process.version, platform: process.platform };
}

export function print(comparisons: readonly Comparison[], asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ environment: environment(), comparisons }, null, 2)}\n`);
    return;
  }
  process.stdout.write(`${Object.values(environment()).join(', ')}\n`);
  for (const { question, workload, lines } of comparisons) {
    process.stdout.write(`\n${question} (${workload})\n`);
    const base = lines[0].minMs;
    for (const { name, runs, minMs, medianMs } of lines) {
      const times = `min ${minMs.toFixed(2)} ms, median ${medianMs.toFixed(2)} ms of ${runs}`;
      process.stdout.write(`  ${name.padEnd(24)} ${times}, ${(base / minMs).toFixed(2)} × ${lines[0].name}\n`);
    }
  }
}
