import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type PoolOptions, SolverPool } from '../../src/service/pool.ts';
import type { Answer, RunProgress, TaskRequest } from '../../src/service/task.ts';
import { sharedBytes } from './shared-bytes.ts';

const OBEDIENT = new URL('./workers/obedient.ts', import.meta.url);
const UNLOADABLE = new URL('./workers/unloadable.ts', import.meta.url);

const EAGER = { silenceMs: 50, silencePerMegabyteMs: 0 };

let pool: SolverPool;

function start(options: Partial<PoolOptions> = {}): SolverPool {
  pool = new SolverPool({ threads: 1, queueLimit: 8, worker: OBEDIENT, ...options });
  return pool;
}

function request(order: string): TaskRequest {
  return { operation: 'solve', body: sharedBytes(order), bodyType: 'application/json', answerType: 'application/json' };
}

const NEVER = new AbortController().signal;
const run = (order: string, signal = NEVER): Promise<Answer> => pool.run(request(order), { signal }).answer;
const said = (answer: Answer): string =>
  answer.ok ? new TextDecoder().decode(answer.body).replace(/^\d+ /, '') : answer.code;
const threadOf = (answer: Answer): string | undefined =>
  answer.ok ? new TextDecoder().decode(answer.body).split(' ')[0] : undefined;

afterEach(async () => {
  await pool.close();
});

describe('the pool of worker threads', () => {
  it('is ready once a thread has loaded, and not after it was closed', async () => {
    start();
    expect(pool.isReady).toBe(false);
    await pool.whenReady();
    expect(pool.isReady).toBe(true);
    await pool.close();
    expect(pool.isReady).toBe(false);
  });

  it('says so when no thread can be loaded, and answers what waits', async () => {
    start({ threads: 2, worker: UNLOADABLE });
    const answer = run('echo');
    await expect(pool.whenReady()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    for (const one of [await answer, await run('echo')]) expect(said(one)).toMatch(/^(INTERNAL|WORKER_DIED)$/);
  });

  it('runs requests in the order in which they came', async () => {
    start();
    const order: string[] = [];
    const orders = Array.from({ length: 8 }, (_, i) => `echo ${i}`);
    await Promise.all(orders.map((text) => run(text).then((answer) => order.push(said(answer)))));
    expect(order).toEqual(orders);
  });

  it('uses all of its threads', async () => {
    start({ threads: 2 });
    await pool.whenReady();
    const holding = new AbortController();
    const held = run('hold', holding.signal);
    const free = await run('echo');
    holding.abort();
    expect(threadOf(free)).not.toBe(threadOf(await held));
  });

  it('admits as many requests as threads and queue hold', () => {
    start({ threads: 1, queueLimit: 2 });
    const places = [pool.admit(), pool.admit(), pool.admit()];
    expect(() => pool.admit()).toThrow(expect.objectContaining({ code: 'SERVICE_BUSY' }));
    places[0][Symbol.dispose]();
    places[0][Symbol.dispose]();
    pool.admit();
    expect(() => pool.admit()).toThrow(expect.objectContaining({ code: 'SERVICE_BUSY' }));
  });

  it('asks a run to end when its client is gone, and goes on with the next', async () => {
    start();
    const client = new AbortController();
    const held = run('hold', client.signal);
    const next = run('echo');
    await pool.whenReady();
    await delay(20);
    client.abort();
    expect(said(await held)).toBe('hold');
    expect(threadOf(await next)).toBe(threadOf(await held));
  });

  it('takes a cancelled request out of the queue', async () => {
    start();
    const first = new AbortController();
    const second = new AbortController();
    const held = run('hold', first.signal);
    const waiting = run('die', second.signal);
    second.abort();
    expect(said(await waiting)).toBe('INTERRUPTED');
    first.abort();
    expect(said(await held)).toBe('hold');
  });

  it('does not start a request whose client left before', async () => {
    start();
    expect(said(await run('die', AbortSignal.abort()))).toBe('INTERRUPTED');
  });

  it('ends the thread of a cancelled run that does not listen', async () => {
    start({ watchdog: EAGER });
    await pool.whenReady();
    const client = new AbortController();
    const hung = run('hang', client.signal);
    const next = run('echo');
    client.abort();
    expect(said(await hung)).toBe('INTERRUPTED');
    expect(said(await next)).toBe('echo');
  });

  it('ends a thread that is silent beyond its time limit; another one answers with the best that it left', async () => {
    start({ watchdog: EAGER });
    const before = threadOf(await run('echo'));
    expect(said(await run('find 0'))).toBe('find 0 time 1 8');
    expect(Number(threadOf(await run('echo')))).toBeGreaterThan(Number(before));
  });

  it.each(['leave die', 'leave throw'])('answers with the best that a thread left which failed: %s', async (order) => {
    const errors: Error[] = [];
    start({ onThreadError: (error) => errors.push(error) });
    expect(said(await run(order))).toBe(`${order} failed 1 8`);
    expect(errors).toHaveLength(1);
    expect(said(await run('echo'))).toBe('echo');
  });

  it.each([
    [true, 'find 60000 cancelled 1 8'],
    [false, 'INTERRUPTED'],
  ])(
    'answers a cancelled run with the best that its thread left, where somebody waits (%s)',
    async (keepsBest, text) => {
      start({ watchdog: EAGER });
      const client = new AbortController();
      const { promise: found, resolve } = Promise.withResolvers<void>();
      const options = { signal: client.signal, keepsBest, progress: () => resolve() };
      const { answer } = pool.run(request('find 60000'), options);
      await found;
      client.abort();
      expect(said(await answer)).toBe(text);
    },
  );

  it('tells phase, incumbent, bound and gap, and the best plan so far', async () => {
    start({ watchdog: EAGER });
    await pool.whenReady();
    const told: RunProgress[] = [];
    let isStarted = false;
    const started = () => {
      isStarted = true;
    };
    const found = pool.run(request('find 0'), { signal: NEVER, started, progress: (progress) => told.push(progress) });
    expect(isStarted).toBe(true);
    expect(await found.bestPlan().then((best) => best && said(best))).toBe('so far 8');
    expect(told).toEqual([{ phase: 'finding', incumbent: 2, bound: 1, gap: 0.5 }]);
    await found.answer;
  });

  it('has no best plan of a run that waits, nor of one that ends before it tells', async () => {
    start({ watchdog: EAGER });
    const client = new AbortController();
    const held = pool.run(request('hold'), { signal: client.signal });
    const waiting = pool.run(request('echo'), { signal: NEVER });
    expect(await waiting.bestPlan()).toBeNull();
    const best = held.bestPlan();
    client.abort();
    expect(await best).toBeNull();
  });

  it('tells which threads are free, and when one becomes free', async () => {
    start({ threads: 2 });
    expect(pool.freeThreads).toBe(0);
    await vi.waitFor(() => expect(pool.loadedThreads).toBe(3), { timeout: 10_000 });
    const free: number[] = [];
    pool.onFree(() => free.push(pool.freeThreads));
    const answers = [run('echo'), run('echo')];
    expect(pool.freeThreads).toBe(0);
    await Promise.all(answers);
    expect(free).toEqual([1, 1, 2]);
  });

  it.each([
    ['die', 'WORKER_DIED', /^the thread that ran the request ended by itself$/],
    ['grow', 'WORKER_DIED', /^the thread that ran the request ran out of memory$/],
    ['throw', 'INTERNAL', /^the worker thread failed$/],
  ])('answers one request with a reason when a worker does "%s"', async (order, code, reason) => {
    start({ threads: 2, heapMegabytes: 128 });
    const answers = await Promise.all([run('echo 1'), run(order), run('echo 2'), run('echo 3')]);
    expect(answers.map(said)).toEqual(['echo 1', code, 'echo 2', 'echo 3']);
    expect(answers[1]).toMatchObject({ message: expect.stringMatching(reason) });
    expect(JSON.stringify({ ...answers[1], stack: undefined })).not.toContain('secret');
    expect(said(await run('echo 4'))).toBe('echo 4');
  });

  it('survives the death of every thread, again and again', async () => {
    start({ threads: 2 });
    const died = ['WORKER_DIED', 'WORKER_DIED', 'echo'];
    for (let round = 0; round < 3; round++) {
      expect((await Promise.all([run('die'), run('die'), run('echo')])).map(said)).toEqual(died);
    }
    await vi.waitFor(() => expect(pool.loadedThreads).toBe(3), { timeout: 10_000 });
  });

  it('keeps a loaded thread for the next death', async () => {
    start();
    await vi.waitFor(() => expect(pool.loadedThreads).toBe(2), { timeout: 10_000 });
    const before = threadOf(await run('echo'));
    expect(said(await run('die'))).toBe('WORKER_DIED');
    const after = threadOf(await run('echo'));
    expect(Number(after)).toBe(Number(before) + 1);
  });

  it('replaces a thread that holds too much memory after its run, and no other', async () => {
    start({ threadMemoryBytes: 1e9 });
    const threads: (string | undefined)[] = [];
    for (const order of ['echo', 'swell 1000', 'swell 1001', 'echo']) threads.push(threadOf(await run(order)));
    expect(threads[1]).toBe(threads[0]);
    expect(threads[2]).toBe(threads[0]);
    expect(threads[3]).not.toBe(threads[0]);
  });

  it('does not use a spent thread again', async () => {
    start();
    const before = threadOf(await run('echo'));
    expect(said(await run('spend'))).toBe('SOLVER_FAILED');
    const after = threadOf(await run('echo'));
    expect(Number(after)).toBeGreaterThan(Number(before));
  });

  it('gives requests in flight their time when it closes, and refuses new ones', async () => {
    start();
    await pool.whenReady();
    const running = [run('hold'), run('echo')];
    const drained = pool.drain(30);
    expect(() => pool.admit()).toThrow(expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }));
    expect(said(await run('echo'))).toBe('INTERRUPTED');
    await drained;
    // The run in flight answered with what it had; what still waited for a thread did not start.
    expect((await Promise.all(running)).map(said)).toEqual(['hold', 'INTERRUPTED']);
  });

  it('does not wait longer than that for a thread that is allowed to be silent', async () => {
    start({ watchdog: { silenceMs: 60_000, silencePerMegabyteMs: 0 } });
    await pool.whenReady();
    const running = run('hang');
    await pool.drain(10, 50);
    expect(said(await running)).toBe('INTERRUPTED');
  });
});
