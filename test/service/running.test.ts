/** A long solve in a real worker thread: what it tells while it runs, and how soon it ends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/model/build-model.ts';
import { parseOptions } from '../../src/model/options.ts';
import { checkAssignments } from '../../src/plan/check.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { SolverPool } from '../../src/service/pool.ts';
import type { Run, RunListener } from '../../src/service/run.ts';
import type { Answer, RunProgress } from '../../src/service/task.ts';
import { longInstance } from '../cli/long-instance.ts';
import { sharedBytes } from './shared-bytes.ts';

/** Promised are 300 ms; machines that test may be busy. */
const CANCEL_MS = 3000;
/** Promised is half a second. */
const SILENCE_MS = 5000;
const model = longInstance();

let pool: SolverPool;
beforeAll(async () => {
  pool = new SolverPool({ threads: 1, queueLimit: 1 });
  await pool.whenReady();
});
afterAll(() => pool.close());

function solve(variant: 'ses' | 'mes', timeLimitMs: number, signal: AbortSignal, listener: RunListener = {}): Run {
  const body = sharedBytes(JSON.stringify({ model, options: { variant, timeLimitMs, gapTarget: 0 } }));
  const request = { operation: 'solve', body, bodyType: 'application/json', answerType: 'application/json' } as const;
  return pool.run(request, { ...listener, signal, keepsBest: true });
}

function planIn(answer: Answer | null): Plan {
  if (!answer?.ok) throw new Error(`no plan: ${answer?.message}`);
  return JSON.parse(new TextDecoder().decode(answer.body));
}

describe.each(['ses', 'mes'] as const)('a solve, %s', (variant) => {
  it('tells how far it is at least twice a second, and ends near its time limit', async () => {
    const told: { at: number; progress: RunProgress }[] = [];
    const started = performance.now();
    const progress = (progress: RunProgress) => told.push({ at: performance.now(), progress });
    const plan = planIn(await solve(variant, 4000, new AbortController().signal, { progress }).answer);
    expect(performance.now() - started).toBeLessThan(4000 + CANCEL_MS);
    const silences = told.slice(1).map(({ at }, i) => at - told[i].at);
    expect(Math.max(...silences)).toBeLessThan(SILENCE_MS);
    const last = told.at(-1)?.progress as RunProgress;
    expect(plan.objective).toBeLessThanOrEqual((last.incumbent as number) * (1 + 1e-9));
    expect(plan.lowerBound).toBeGreaterThanOrEqual((last.bound as number) * (1 - 1e-5));
    expect(last.gap).toBeCloseTo(((last.incumbent as number) - (last.bound as number)) / (last.incumbent as number));
  });

  it('gives its best plan so far, which respects every rule, and goes on', async () => {
    const client = new AbortController();
    const { promise: found, resolve } = Promise.withResolvers<void>();
    const progress = ({ incumbent }: RunProgress) => incumbent !== null && resolve();
    const run = solve(variant, 50_000, client.signal, { progress });
    await found;
    const partial = planIn(await run.bestPlan());
    client.abort();
    const final = planIn(await run.answer);
    const options = parseOptions({ variant });
    for (const { assignments, status } of [partial, final]) {
      expect(status).toBe('feasible');
      expect(checkAssignments(buildModel(model), assignments, options).violations).toEqual([]);
    }
    expect(final.stopped).toBe('cancelled');
    expect(final.objective).toBeLessThanOrEqual(partial.objective);
  });

  it('ends soon after a cancel at any moment', async () => {
    const times: number[] = [];
    for (const moment of [0, 20, 90, 300, 700, 1500]) {
      const client = new AbortController();
      const run = solve(variant, 50_000, client.signal);
      await new Promise((resolve) => setTimeout(resolve, moment));
      const asked = performance.now();
      client.abort();
      const answer = await run.answer;
      times.push(performance.now() - asked);
      if (answer.ok) expect(planIn(answer).stopped).toBe('cancelled');
      else expect(answer.code).toBe('INTERRUPTED');
    }
    expect(Math.max(...times)).toBeLessThan(CANCEL_MS);
    if (process.env.EGRESSO_FIGURES)
      process.stderr.write(`cancel ${variant}: ${times.map(Math.round).join(', ')} ms\n`);
  });
});
