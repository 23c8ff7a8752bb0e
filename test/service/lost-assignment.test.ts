/** A thread that is ended in the middle of `assign`: its best assignment is the answer. */
import { afterEach, expect, it } from 'vitest';
import { yagiuraGap } from '../../bench/gap-instances.ts';
import type { GapResult } from '../../src/gap.ts';
import type { GapInstance } from '../../src/problem/gap-instance.ts';
import { SolverPool } from '../../src/service/pool.ts';
import { sharedBytes } from './shared-bytes.ts';

const STALLING = new URL('./workers/stalling.ts', import.meta.url);

let pool: SolverPool;
afterEach(() => pool.close());

function bodyOf(instance: GapInstance, timeLimitMs: number): string {
  const { jobCount, machineCount, cost, weight, capacity } = instance;
  const table = (values: Float64Array) =>
    Array.from({ length: machineCount }, (_, s) =>
      Array.from({ length: jobCount }, (_, job) => values[instance.start[job] + s]),
    );
  return JSON.stringify({
    costs: table(cost),
    weights: table(weight),
    capacities: [...capacity],
    options: { timeLimitMs },
  });
}

it('a thread that is lost in the middle of an assignment leaves the best one that it had', async () => {
  const instance = yagiuraGap('D', 10, 100, 5);
  pool = new SolverPool({
    threads: 1,
    queueLimit: 2,
    worker: STALLING,
    watchdog: { silenceMs: 300, silencePerMegabyteMs: 0 },
  });
  await pool.whenReady();
  const body = sharedBytes(bodyOf(instance, 2_000));
  const request = { operation: 'gap', body, bodyType: 'application/json', answerType: 'application/json' } as const;
  const answered = await pool.run(request, { signal: new AbortController().signal }).answer;
  if (!answered.ok) throw new Error(answered.message);
  const result = JSON.parse(new TextDecoder().decode(answered.body)) as GapResult;
  // GREEDY alone ends overloaded here: it is an assignment of the search.
  expect(result.status).toBe('feasible');
  expect(result.overload.total).toBe(0);
  expect(result.lowerBound as number).toBeGreaterThan(0);
  expect(result.lowerBound as number).toBeLessThanOrEqual(result.cost);
  const load = new Float64Array(instance.machineCount);
  let cost = 0;
  result.assignment.forEach((machine, job) => {
    const arc = instance.start[job] + (machine as number);
    load[machine as number] += instance.weight[arc];
    cost += instance.cost[arc];
  });
  expect(cost).toBe(result.cost);
  for (const [s, carried] of load.entries()) expect(carried).toBeLessThanOrEqual(instance.capacity[s]);
});
