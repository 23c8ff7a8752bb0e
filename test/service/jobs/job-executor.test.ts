/** What becomes of an attempt while its store comes and goes; the store and the threads are played here. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { EgressoError } from '../../../src/errors.ts';
import type { Job, Outcome } from '../../../src/service/jobs/job.ts';
import { JobEvents } from '../../../src/service/jobs/job-events.ts';
import { type ExecutorParts, JobExecutor } from '../../../src/service/jobs/job-executor.ts';
import { failure } from '../../../src/service/run.ts';
import type { Answer } from '../../../src/service/task.ts';
import { now } from '../../../src/service/task-state.ts';

const job = {
  ...{ id: 'j', state: 'running', attempt: 1, operation: 'solve', item: null, deadline: null },
  ...{ body: { hash: 'body', size: 2 }, bodyType: 'application/json', cancelRequested: false },
} as Job;
const plan: Answer = { ok: true, body: new ArrayBuffer(1), timing: { decode: 0, run: 0, encode: 0 } };

interface Played {
  readonly executor: JobExecutor;
  readonly requests: object[];
  readonly calls: string[];
  readonly outcomes: Outcome[];
  /** Of the next calls of a method. */
  readonly faults: Record<string, (EgressoError | Error)[]>;
  readonly answer: (answer: Answer) => void;
}

function play(now = Date.now): Played {
  const requests: object[] = [];
  const calls: string[] = [];
  const outcomes: Outcome[] = [];
  const faults: Played['faults'] = {};
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const call = async <T>(name: string, result: T): Promise<T> => {
    calls.push(name);
    const fault = faults[name]?.shift();
    if (fault !== undefined) throw fault;
    return result;
  };
  const parts = {
    store: {
      find: () => call('find', job),
      release: () => call('release', undefined),
      async finish(_attempt: Job, outcome: Outcome) {
        await call('finish', null);
        outcomes.push(outcome);
        return { ...job, state: 'done' };
      },
    },
    blobs: {
      read: () => call('read', new SharedArrayBuffer(2)),
      write: () => call('write', { hash: 'plan', size: 1, [Symbol.dispose]() {} }),
      discard: async () => {},
    },
    pool: {
      run(request: object, { signal }: { signal: AbortSignal }) {
        requests.push(request);
        const interrupt = (): void => resolve(failure('INTERRUPTED', 'cancelled'));
        if (signal.aborted) interrupt();
        signal.addEventListener('abort', interrupt);
        return { answer: promise, bestPlan: async () => null };
      },
    },
    ...{ events: new JobEvents(now), onFault: () => {}, onChange: () => {}, now },
  };
  const executor = new JobExecutor(parts as unknown as ExecutorParts);
  return { executor, requests, calls, outcomes, faults, answer: resolve };
}

const away = (): EgressoError => new EgressoError('STORAGE_UNAVAILABLE', 'no connection');

it.each(['read', 'find', 'write', 'finish'])('goes on where the store was away for a moment, at %s', async (name) => {
  const { executor, faults, answer, calls, outcomes } = play();
  faults[name] = [away()];
  const end = executor.perform(job);
  answer(plan);
  expect(await end).toBe('ended');
  expect(outcomes).toMatchObject([{ plan: { hash: 'plan' }, fault: null }]);
  expect(calls.filter((call) => call === name)).toHaveLength(2);
});

it('closes in such a moment, and puts the job back as soon as the store is there', async () => {
  const { executor, faults, calls, outcomes } = play();
  const end = executor.perform(job);
  await vi.waitFor(() => expect(calls).toContain('find'), { timeout: 10_000 });
  faults.find = [away()];
  faults.release = [away()];
  await executor.close();
  expect(await end).toBe('released');
  expect(calls.filter((call) => call === 'release')).toHaveLength(2);
  expect(outcomes).toEqual([]);
});

it('says that nobody knows where the store stays away', async () => {
  const { executor, faults, calls } = play();
  const end = executor.perform(job);
  await vi.waitFor(() => expect(calls).toContain('find'), { timeout: 10_000 });
  faults.release = Array.from({ length: 100 }, away);
  await executor.close();
  expect(await end).toBe('unknown');
  expect(executor.count).toBe(0);
});

it('keeps a reason where a plan will never be kept', async () => {
  const { executor, faults, answer, outcomes } = play();
  faults.write = [new Error('ERR string exceeds maximum allowed size')];
  const end = executor.perform(job);
  answer(plan);
  expect(await end).toBe('ended');
  expect(outcomes).toMatchObject([{ plan: null, fault: { code: 'INTERNAL' } }]);
});

it('waits for the attempt of a job that is here', async () => {
  const { executor, answer } = play();
  await executor.ended('j');
  void executor.perform(job);
  let isOver = false;
  const over = executor.ended('j').then(() => {
    isOver = true;
  });
  await delay(10);
  expect(isOver).toBe(false);
  answer(plan);
  await over;
  expect(executor.jobs).toEqual([]);
});

it('hands a deadline on by the clock of the threads, which nobody sets', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  try {
    const { executor, requests, answer } = play(() => Date.now() + 60_000);
    const end = executor.perform({ ...job, deadline: Date.now() + 90_000 });
    answer(plan);
    await end;
    const [{ deadline }] = requests as { deadline: number }[];
    expect(Math.abs(deadline - (now() + 30_000))).toBeLessThan(1000);
  } finally {
    vi.useRealTimers();
  }
});

it('reads the body of a batch once for its items', async () => {
  const { executor, calls, answer } = play();
  answer(plan);
  for (const item of [0, 1, 2]) await executor.perform({ ...job, item });
  expect(calls.filter((call) => call === 'read')).toHaveLength(1);
  await executor.perform({ ...job, body: { hash: 'another', size: 2 } });
  expect(calls.filter((call) => call === 'read')).toHaveLength(2);
});
