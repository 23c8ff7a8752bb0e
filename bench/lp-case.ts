/**
 * The relaxation of one seeded instance in a process of its own, so that memory is that of one run and what is cold
 * is measured cold. `bench/lp.ts` asks for a case; the child answers with figures, judged by the certificate of the
 * tests.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { relaxGap } from '../src/optimizer/gap/relaxation/gap-relaxation.ts';
import { pricingFrame } from '../src/optimizer/kernels/pricing-frame.ts';
import { loadSolver, solverMemoryBytes } from '../src/optimizer/milp/highs.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';
import type { GapInstance } from '../src/problem/gap-instance.ts';
import { certificateOf } from '../test/oracle/certificate.ts';
import { type GapSize, type ZipfOptions, zipfGap } from './instances.ts';

export interface LpCase extends GapSize, ZipfOptions {
  readonly seed: number;
  readonly repetitions: number;
  /** Share of the jobs whose volume changes by up to ±20 % before a second, warm run; 0: no second run. */
  readonly changed: number;
}

export interface LpFigures {
  /** Each repetition, the first one cold; sorted copies are the reader's business. */
  readonly timesMs: readonly number[];
  readonly warmMs: readonly number[];
  readonly value: number;
  /** (primal − dual) / primal by the certificate, which takes the capacities as they are. */
  readonly gap: number;
  readonly warmGap: number;
  readonly excess: number;
  readonly splitJobs: number;
  readonly rounds: number;
  readonly leastOverload: number | null;
  /** Kernel memory of the instance, and HiGHS. */
  readonly wasmBytes: number;
  readonly peakRssBytes: number;
}

const CHILD = '--lp-case';

if (process.argv[2] === CHILD) {
  process.once('message', async (asked: LpCase) => {
    const figures = await run(asked);
    process.send?.(figures, () => process.disconnect());
  });
}

export async function measureCase(asked: LpCase): Promise<LpFigures> {
  const child = fork(new URL(import.meta.url), [CHILD], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(asked);
  const [figures] = (await once(child, 'message')) as [LpFigures];
  return figures;
}

async function run(asked: LpCase): Promise<LpFigures> {
  await loadSolver();
  const instance = zipfGap(asked.seed, asked, asked);
  const timesMs: number[] = [];
  const warmMs: number[] = [];
  let relaxation = timed(timesMs, () => relaxGap(instance, UNLIMITED));
  for (let i = 1; i < asked.repetitions; i++) relaxation = timed(timesMs, () => relaxGap(instance, UNLIMITED));
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  const shown = certificateOf(instance, relaxation.x, relaxation.prices);
  let warmGap = 0;
  for (let i = 0; i < asked.repetitions && asked.changed > 0; i++) {
    const other = withChanges(instance, asked.changed, i);
    const warm = timed(warmMs, () => relaxGap(other, UNLIMITED, relaxation.prices));
    const { primal, dual } = certificateOf(other, warm.x, warm.prices);
    warmGap = Math.max(warmGap, Math.abs(primal - dual) / primal);
  }
  return {
    timesMs,
    warmMs,
    value: relaxation.value,
    gap: Math.abs(shown.primal - shown.dual) / shown.primal,
    warmGap,
    excess: shown.excess,
    splitJobs: shown.splitJobs,
    rounds: relaxation.rounds,
    leastOverload: relaxation.leastOverload?.amount ?? null,
    wasmBytes: 65536 * pricingFrame(instance).frame.pageCount + solverMemoryBytes(),
    peakRssBytes,
  };
}

function timed<T>(timesMs: number[], task: () => T): T {
  const begin = performance.now();
  const result = task();
  timesMs.push(performance.now() - begin);
  return result;
}

/** Volumes of a share of the jobs, costs with them, times 0.8 to 1.2. */
function withChanges(instance: GapInstance, share: number, offset: number): GapInstance {
  const weight = instance.weight.slice();
  const cost = instance.cost.slice();
  const stride = Math.round(1 / share);
  for (let job = offset; job < instance.jobCount; job += stride) {
    const factor = 0.8 + 0.4 * ((job * 0.6180339887498949) % 1);
    for (let arc = instance.start[job]; arc < instance.start[job + 1]; arc++) {
      weight[arc] *= factor;
      cost[arc] *= factor;
    }
  }
  return { ...instance, weight, cost };
}
