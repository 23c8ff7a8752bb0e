import type { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobDraft } from '../../../src/service/jobs/job.ts';
import { SqliteJobStore } from '../../../src/service/jobs/sqlite-job-store.ts';
import { openDatabase } from '../../../src/service/jobs/sqlite-schema.ts';
import { describeStore, draftFor, LOSSES, outcome, QUEUED_JOBS, type StoreUnderTest } from './job-store-contract.ts';

interface SqliteUnderTest extends StoreUnderTest {
  readonly store: SqliteJobStore;
  readonly database: DatabaseSync;
}

function open(diskBytes = 1e9): SqliteUnderTest {
  const database = openDatabase(':memory:');
  const limits = { queuedJobs: QUEUED_JOBS, diskBytes, losses: LOSSES };
  let store = new SqliteJobStore(database, limits, 0);
  return {
    database,
    get store() {
      return store;
    },
    claim: (now) => store.claim(now),
    async die(now) {
      store = new SqliteJobStore(database, limits, now);
    },
    body: async (text) => ({ hash: text, size: text.length }),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

describeStore('SQLite', async () => open());

describe('SQLite alone', () => {
  let under: SqliteUnderTest;
  beforeEach(() => {
    under = open();
  });
  const draft = (changes?: Partial<JobDraft>): Promise<JobDraft> => draftFor(under, changes);
  const claimed = async (): Promise<Job> => (await under.store.claim(5)) as Job;

  it('puts what was lost behind what waits, in case it was the reason', async () => {
    const drafts = [await draft(), await draft(), await draft({ priority: 0 })];
    for (const one of drafts) await under.store.submit(one);
    const [first, second, third] = drafts.map(({ id }) => id);
    expect((await claimed()).id).toBe(first);
    await under.die(7);
    expect(await Promise.all([first, second, third].map((id) => under.store.queuePlace(id)))).toEqual([1, 0, 2]);
    expect([(await claimed()).id, (await claimed()).id, (await claimed()).id]).toEqual([second, first, third]);
  });

  it('accepts nobody of a group that the disk refuses; the next goes well', async () => {
    under.database.exec('PRAGMA max_page_count = 25');
    const large = await Promise.all([1, 2, 3].map(() => draft({ owner: 'x'.repeat(30_000) })));
    const results = await Promise.allSettled(large.map((one) => under.store.submit(one)));
    for (const result of results) expect(result).toMatchObject({ reason: { code: 'STORAGE_UNAVAILABLE' } });
    expect(await under.store.list({ operation: 'solve', limit: 10 })).toEqual([]);
    expect((await under.store.submit(await draft())).isNew).toBe(true);
  });

  it('accepts nobody where it cannot write', async () => {
    under.database.exec('PRAGMA query_only = ON');
    await expect(under.store.submit(await draft())).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('has a quota of disk, in which the body of a batch counts once', async () => {
    // A megabyte is for the database.
    under = open(101e6);
    const body = { hash: 'batch', size: 60e6 };
    await under.store.submit(await draft({ operation: 'batch', body }));
    await under.store.split(await claimed(), ['a', 'b', 'c'], 6);
    await under.die(7);
    await under.store.submit(await draft({ body: { hash: 'next', size: 40e6 } }));
    const beyond = await draft({ body: { hash: 'beyond', size: 1e6 } });
    await expect(under.store.submit(beyond)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('needs bodies of jobs that have not ended, and plans', async () => {
    const { job } = await under.store.submit(await draft());
    const needs = (): boolean[] => [under.store.needs(job.body.hash), under.store.needs('plan')];
    expect(needs()).toEqual([true, false]);
    await under.store.finish(await claimed(), outcome());
    expect(needs()).toEqual([false, true]);
    expect(await under.store.removeEnded(10)).toEqual({ count: 1, hashes: ['plan'] });
    expect(needs()).toEqual([false, false]);
  });
});
