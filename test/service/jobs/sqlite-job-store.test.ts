import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobDraft } from '../../../src/service/jobs/job.ts';
import { SqliteJobStore } from '../../../src/service/jobs/sqlite-job-store.ts';
import { openDatabase } from '../../../src/service/jobs/sqlite-schema.ts';
import { describeBatches } from './batch-store-contract.ts';
import { describeStore } from './job-store-contract.ts';
import { draftFor, LOSSES, outcome, QUEUED_JOBS, type StoreUnderTest } from './store-under-test.ts';

/** As the first version made it. */
const VERSION_1 = `
  CREATE TABLE job (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    line INTEGER,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    operation TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    deadline INTEGER,
    createdAt INTEGER NOT NULL,
    startedAt INTEGER,
    endedAt INTEGER,
    attempt INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    cancelRequested INTEGER NOT NULL DEFAULT 0,
    bodyHash TEXT NOT NULL,
    bodySize INTEGER NOT NULL,
    bodyType TEXT NOT NULL,
    planHash TEXT,
    planSize INTEGER,
    summary TEXT,
    fault TEXT,
    idempotencyKey TEXT,
    batch TEXT,
    item INTEGER,
    name TEXT,
    itemCount INTEGER,
    endedSeq INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX jobByKey ON job (owner, idempotencyKey) WHERE idempotencyKey IS NOT NULL;
  CREATE INDEX jobInLine ON job (priority DESC, coalesce(line, seq), seq) WHERE state = 'queued';
  CREATE INDEX itemLive ON job (batch) WHERE state IN ('queued', 'running');
  CREATE INDEX itemByEnd ON job (batch, endedSeq);
  CREATE INDEX jobLive ON job (bodyHash) WHERE state IN ('queued', 'running');
  CREATE INDEX jobByPlan ON job (planHash) WHERE planHash IS NOT NULL;
  CREATE INDEX jobByEnd ON job (endedAt) WHERE endedAt IS NOT NULL;
  CREATE INDEX jobByOwner ON job (owner, seq);
  PRAGMA user_version = 1;
`;

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
describeBatches('SQLite', async () => open());

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

  it('does not start what has a deadline that is over', async () => {
    const { id } = (await under.store.submit(await draft({ deadline: 5 }))).job;
    expect(await under.claim(5)).toBeNull();
    expect(await under.store.failOverdue(5)).toMatchObject([{ id, fault: { code: 'DEADLINE_PASSED' } }]);
  });

  it('gives the totals that a count would give', async () => {
    const totals = () => under.database.prepare('SELECT used, waiting, waitingItems FROM total').get();
    const sizes = { hash: 'b', size: 10 };
    for (const operation of ['solve', 'batch', 'solve'] as const) {
      await under.store.submit(await draft({ operation, body: sizes, priority: operation === 'batch' ? 9 : 4 }));
    }
    expect(totals()).toEqual({ used: 30, waiting: 3, waitingItems: 0 });
    await under.store.split(await claimed(), ['a', 'b'], 6);
    expect(totals()).toEqual({ used: 30, waiting: 2, waitingItems: 2 });
    await under.store.finish(await claimed(), outcome());
    expect(totals()).toEqual({ used: 34, waiting: 2, waitingItems: 1 });
    for (let i = 0; i < 3; i++) await under.store.finish(await claimed(), outcome());
    expect(totals()).toEqual({ used: 16, waiting: 0, waitingItems: 0 });
    await under.store.removeEnded(100);
    expect(totals()).toEqual({ used: 0, waiting: 0, waitingItems: 0 });
    expect(under.database.prepare('SELECT count(*) AS count FROM itemCount').get()).toEqual({ count: 0 });
  });

  describe('a batch of thousands', () => {
    const COUNT = 5000;
    const names = Array.from({ length: COUNT }, (_, i) => `${i}`);
    let batch: Job;
    beforeEach(async () => {
      await under.store.submit(await draft({ operation: 'batch' }));
      batch = await claimed();
    });

    /** The longest time in which nobody else had a turn, ms. */
    async function longestTurn(work: Promise<unknown>): Promise<number> {
      let [longest, last] = [0, performance.now()];
      const timer = setInterval(() => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }, 1);
      await work;
      clearInterval(timer);
      return Math.max(longest, performance.now() - last);
    }

    it('is split, cancelled and forgotten without keeping others waiting', async () => {
      const started = performance.now();
      const turns = [await longestTurn(under.store.split(batch, names, 6))];
      expect(await under.store.itemCounts(batch.id)).toMatchObject({ queued: COUNT });
      turns.push(await longestTurn(under.store.requestCancel(batch.id, 7)));
      expect(await under.store.itemCounts(batch.id)).toMatchObject({ queued: 0, cancelled: COUNT });
      const sweep = async (): Promise<void> => {
        while ((await under.store.removeEnded(100)).count > 0);
      };
      turns.push(await longestTurn(sweep()));
      expect(await under.store.find(batch.id)).toBeNull();
      // Of some 20 slices each, none is the half of it.
      expect(Math.max(...turns)).toBeLessThan((performance.now() - started) / 4);
    });

    it('goes on being split where a process died', async () => {
      const split = under.store.split(batch, names, 6).catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, 30));
      const { database } = under;
      const made = () => database.prepare('SELECT count(*) AS count FROM job WHERE batch IS NOT NULL').get()?.count;
      // Its next slices are of an attempt that is not the latest.
      await under.die(7);
      expect(await split).toBeNull();
      expect(made()).toBeGreaterThan(0);
      expect(made()).toBeLessThan(COUNT);
      let again = await claimed();
      while (again.operation !== 'batch') {
        await under.store.finish(again, outcome());
        again = await claimed();
      }
      expect(await under.store.split(again, names, 8)).toMatchObject({ itemCount: COUNT, state: 'running' });
      expect(made()).toBe(COUNT);
      expect(database.prepare('SELECT count(DISTINCT name) AS count FROM job WHERE batch IS NOT NULL').get()).toEqual({
        count: COUNT,
      });
    });

    it('begins none of its items once its cancel is written', async () => {
      await under.store.split(batch, names, 6);
      const cancelled = under.store.requestCancel(batch.id, 7);
      const claims = Array.from({ length: 20 }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return under.claim(8);
      });
      expect(await Promise.all(claims)).toEqual(Array(20).fill(null));
      expect(await cancelled).toMatchObject({ state: 'cancelled' });
    });
  });

  it('takes over a database of the first version', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'egresso-schema-')), 'jobs.sqlite');
    const first = new DatabaseSync(path);
    first.exec(VERSION_1);
    first.exec(`INSERT INTO job (id, owner, operation, state, priority, createdAt, bodyHash, bodySize, bodyType, batch, item)
      VALUES ('b', 'me', 'batch', 'running', 3, 1, 'h', 7, 'application/json', NULL, NULL),
      ('i', 'me', 'solve', 'queued', 3, 1, 'h', 7, 'application/json', 'b', 0)`);
    first.exec(`UPDATE job SET itemCount = 1 WHERE id = 'b'`);
    first.close();
    const store = new SqliteJobStore(openDatabase(path), { queuedJobs: 5, diskBytes: 1e9, losses: 3 }, 5);
    expect(await store.itemCounts('b')).toMatchObject({ queued: 1 });
    await store.finish((await store.claim(6)) as Job, outcome());
    expect(await store.find('b')).toMatchObject({ state: 'done' });
    await store.close();
    rmSync(dirname(path), { recursive: true });
  });
});
