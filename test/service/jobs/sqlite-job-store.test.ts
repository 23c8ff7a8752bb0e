import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobDraft, Outcome } from '../../../src/service/jobs/job.ts';
import { SqliteJobStore } from '../../../src/service/jobs/sqlite-job-store.ts';
import { openDatabase } from '../../../src/service/jobs/sqlite-schema.ts';

const LIMITS = { queuedJobs: 100, diskBytes: 1e9, losses: 3 };

let database: DatabaseSync;
let store: SqliteJobStore;
beforeEach(() => {
  database = openDatabase(':memory:');
  store = new SqliteJobStore(database, LIMITS, 0);
});
/** As if the process had died and another one opened the database. */
const restart = (now: number): void => {
  store = new SqliteJobStore(database, LIMITS, now);
};

function draft(changes: Partial<JobDraft> = {}): JobDraft {
  const body = { hash: randomUUID(), size: 3 };
  const alone = { operation: 'solve', batch: null, item: null, name: null } as const;
  const rest = { ...alone, owner: 'me', priority: 4, deadline: null, createdAt: 1, idempotencyKey: null } as const;
  return { id: randomUUID(), body, bodyType: 'application/json', ...rest, ...changes };
}

const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  endedAt: 9,
  plan: { hash: 'plan', size: 4 },
  summary: null,
  fault: null,
  ...changes,
});
const claimed = async (): Promise<Job> => (await store.claim(5)) as Job;

describe('an attempt', () => {
  it('ends its job once', async () => {
    await store.submit(draft());
    const attempt = await claimed();
    const ends = await Promise.all([store.finish(attempt, outcome()), store.finish(attempt, outcome({ endedAt: 10 }))]);
    expect(ends).toMatchObject([{ state: 'done', endedAt: 9 }, null]);
  });

  it('that is not the latest ends nothing', async () => {
    const { job } = await store.submit(draft());
    const first = await claimed();
    restart(7);
    const second = await claimed();
    expect(second).toMatchObject({ id: job.id, attempt: 2 });
    expect(await store.finish(first, outcome())).toBeNull();
    await store.release(first);
    expect(await store.find(job.id)).toMatchObject({ state: 'running', attempt: 2 });
    expect(await store.finish(second, outcome())).toMatchObject({ state: 'done' });
  });

  it('ends cancelled whatever its outcome, once a cancel was asked for', async () => {
    await store.submit(draft());
    const attempt = await claimed();
    await store.requestCancel(attempt.id, 6);
    expect(await store.finish(attempt, outcome())).toMatchObject({ state: 'cancelled', plan: { hash: 'plan' } });
  });
});

describe('after the process has died', () => {
  it('a job runs again, so many times; a cancelled one ends', async () => {
    const { job } = await store.submit(draft());
    for (const attempt of [1, 2, 3]) {
      expect(await claimed()).toMatchObject({ id: job.id, attempt });
      restart(7);
    }
    expect(await store.find(job.id)).toMatchObject({ state: 'failed', fault: { code: 'ATTEMPTS_EXHAUSTED' } });
    await store.submit(draft());
    const cancelled = await claimed();
    await store.requestCancel(cancelled.id, 6);
    restart(7);
    expect(await store.find(cancelled.id)).toMatchObject({ state: 'cancelled', endedAt: 7 });
  });

  it('goes behind those that wait, in case it was the reason', async () => {
    const [first, second, third] = [draft(), draft(), draft({ priority: 0 })];
    await Promise.all([first, second, third].map((job) => store.submit(job)));
    expect(await claimed()).toMatchObject({ id: first.id });
    restart(7);
    expect(await Promise.all([first, second, third].map(({ id }) => store.queuePlace(id)))).toEqual([1, 0, 2]);
    expect([await claimed(), await claimed(), await claimed()]).toMatchObject(
      [second, first, third].map(({ id }) => ({ id })),
    );
  });

  it('a job that was put back in order does not count as lost', async () => {
    await store.submit(draft());
    for (let i = 0; i < 5; i++) {
      await store.release(await claimed());
      restart(7);
    }
    expect(await store.claim(8)).toMatchObject({ attempt: 6 });
  });
});

describe('a group', () => {
  it('refuses one and keeps the others', async () => {
    const body = { hash: 'same', size: 3 };
    const results = await Promise.allSettled([
      store.submit(draft({ idempotencyKey: 'k', body })),
      store.submit(draft({ idempotencyKey: 'k' })),
      store.submit(draft({ idempotencyKey: 'k', owner: 'another' })),
      store.submit(draft({ idempotencyKey: 'k', body })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(await store.list({ operation: 'solve', limit: 10 })).toHaveLength(2);
  });

  it('that the disk refuses accepts nobody, and the next goes well', async () => {
    database.exec('PRAGMA max_page_count = 20');
    const large = (): JobDraft => draft({ owner: 'x'.repeat(30_000) });
    const results = await Promise.allSettled([store.submit(large()), store.submit(large()), store.submit(large())]);
    for (const result of results) expect(result).toMatchObject({ reason: { code: 'STORAGE_UNAVAILABLE' } });
    expect(await store.list({ operation: 'solve', limit: 10 })).toEqual([]);
    expect((await store.submit(draft())).isNew).toBe(true);
  });

  it('that cannot be written accepts nobody', async () => {
    database.exec('PRAGMA query_only = ON');
    await expect(store.submit(draft())).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });
});

it('needs bodies of jobs that have not ended, and plans', async () => {
  const { job } = await store.submit(draft());
  expect([store.needs(job.body.hash), store.needs('plan')]).toEqual([true, false]);
  await store.finish(await claimed(), outcome());
  expect([store.needs(job.body.hash), store.needs('plan')]).toEqual([false, true]);
  expect(await store.removeEnded(10)).toEqual({ count: 1, hashes: ['plan'] });
  expect(store.needs('plan')).toBe(false);
});
