/** Threads that run out of memory, trap, loop without end and exit: one request fails, nothing else. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { SolverPool } from '../../src/service/pool.ts';
import type { Run } from '../../src/service/run.ts';
import { WATCHDOG_LIMITS } from '../../src/service/watchdog.ts';
import { sharedBytes } from '../service/shared-bytes.ts';
import { figure, PATIENCE, percentile, scaled } from './scale.ts';
import { type Failing, LOOP_LIMIT_MS } from './workers/failing.ts';

const FAILING = new URL('./workers/failing.ts', import.meta.url);
const example = readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8');
const SOLVE = `{"model": ${example}, "options": {"method": "hot-potato"}}`;

/** Promised are 250 ms from the death, or from the watchdog's kill, until a thread takes the next request. */
const BACK_MS = 250;
/** Promised are the time limit and two seconds. */
const KILL_MS = LOOP_LIMIT_MS + 2 * WATCHDOG_LIMITS.silenceMs;

const CODES: Record<Exclude<Failing, 'hold'>, string> = {
  exit: 'WORKER_DIED',
  grow: 'WORKER_DIED',
  trap: 'INTERNAL',
  loop: 'STOPPED_WITHOUT_PLAN',
};

let pool: SolverPool;
beforeAll(async () => {
  pool = new SolverPool({ threads: 2, queueLimit: 8, worker: FAILING, heapMegabytes: 256 });
  await pool.whenReady();
});
afterAll(() => pool.close());

function run(text: string, signal = new AbortController().signal): Run {
  const body = sharedBytes(text);
  return pool.run(
    { operation: 'solve', body, bodyType: 'application/json', answerType: 'application/json' },
    { signal },
  );
}

const kinds = Object.keys(CODES) as (keyof typeof CODES)[];

it.each(kinds)(
  'a thread that does "%s" fails its own request, and is replaced',
  async (kind) => {
    const back: number[] = [];
    const killed: number[] = [];
    const other = new AbortController();
    const neighbor = run('hold', other.signal);
    for (let count = scaled(100 / kinds.length); count > 0; count--) {
      // The spare one too: a death in a calm moment. What follows at once waits for a new thread to load.
      await vi.waitFor(() => expect(pool.loadedThreads).toBe(3), { timeout: 20_000 });
      const started = performance.now();
      const answer = await run(kind).answer;
      const died = performance.now();
      expect(answer).toMatchObject({ ok: false, code: CODES[kind], message: expect.stringMatching(/\w+ \w+/) });
      const next = await run(SOLVE).answer;
      back.push(performance.now() - died);
      killed.push(died - started);
      expect(next.ok).toBe(true);
    }
    other.abort();
    expect((await neighbor.answer).ok).toBe(true);
    expect(Math.max(...back)).toBeLessThan(PATIENCE * BACK_MS);
    if (kind === 'loop') expect(Math.max(...killed)).toBeLessThan(PATIENCE * KILL_MS);
    const times = `thread back after ${percentile(back, 0.5).toFixed(0)} ms (median), ${Math.max(...back).toFixed(0)} ms (longest)`;
    const kill = kind === 'loop' ? `; killed after ${Math.max(...killed).toFixed(0)} ms at the latest` : '';
    figure(`worker ${kind}`, `${back.length} times, the other job unaffected; ${times}${kill}`);
  },
  300_000,
);
