/** Who is started, and when, where bodies cannot be read or plans cannot be written. */
import { randomUUID } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { EgressoError } from '../../../src/errors.ts';
import type { JobDraft } from '../../../src/service/jobs/job.ts';
import { JobEvents } from '../../../src/service/jobs/job-events.ts';
import type { BlobStore, HeldBytes } from '../../../src/service/jobs/job-store.ts';
import { LocalRunner } from '../../../src/service/jobs/local-runner.ts';
import { SqliteJobStore } from '../../../src/service/jobs/sqlite-job-store.ts';
import { openDatabase } from '../../../src/service/jobs/sqlite-schema.ts';
import { SolverPool } from '../../../src/service/pool.ts';
import { sharedBytes } from '../shared-bytes.ts';

const OBEDIENT = new URL('../workers/obedient.ts', import.meta.url);
const full = (): EgressoError => new EgressoError('STORAGE_UNAVAILABLE', 'no space');

let stop: () => Promise<void>;
afterEach(() => stop());

/** The hash of a body is what the worker is told. */
async function start(blobs: Partial<BlobStore>, jobThreads = 2, isLoaded = true) {
  const pool = new SolverPool({ threads: 2, queueLimit: 0, worker: OBEDIENT });
  if (isLoaded) await pool.whenReady();
  const store = new SqliteJobStore(openDatabase(':memory:'), { queuedJobs: 100, diskBytes: 1e9, losses: 3 }, 0);
  const held = { hash: 'plan', size: 4, [Symbol.dispose]() {} } as HeldBytes;
  const runner = new LocalRunner({
    jobThreads,
    ...{ store, pool, events: new JobEvents(Date.now), onFault() {}, now: Date.now, onChange() {} },
    blobs: {
      write: async () => held,
      read: async ({ hash }) => sharedBytes(hash),
      stream: () => Promise.reject(new Error('not asked for')),
      discard: async () => {},
      ...blobs,
    },
  });
  stop = async () => {
    await runner.close();
    await pool.close();
    await store.close();
  };
  const submit = async (order: string): Promise<string> => {
    const draft: JobDraft = {
      ...{ id: randomUUID(), owner: 'me', operation: 'solve', priority: 4, deadline: null, createdAt: 1 },
      ...{ body: { hash: order, size: order.length }, bodyType: 'application/json', idempotencyKey: null },
      ...{ batch: null, item: null, name: null },
    };
    await store.submit(draft);
    runner.wake();
    return draft.id;
  };
  const stateOf = async (id: string) => (await store.find(id))?.state;
  return { store, pool, runner, submit, stateOf };
}

it('starts no more jobs than there are threads while plans cannot be written', async () => {
  let isFull = true;
  const { held, write } = { held: { hash: 'plan', size: 4, [Symbol.dispose]() {} }, write: vi.fn() };
  const { submit, stateOf } = await start({
    async write() {
      write();
      if (isFull) throw full();
      return held;
    },
  });
  const ids: string[] = [];
  for (let i = 0; i < 6; i++) ids.push(await submit(`echo ${i}`));
  await vi.waitFor(() => expect(write.mock.calls.length).toBeGreaterThan(3), { timeout: 5000 });
  expect(await Promise.all(ids.map(stateOf))).toEqual([...Array(2).fill('running'), ...Array(4).fill('queued')]);
  isFull = false;
  await vi.waitFor(async () => expect(await Promise.all(ids.map(stateOf))).toEqual(Array(6).fill('done')), {
    timeout: 5000,
  });
});

it('fails a job whose body is lost, and goes on with the next', async () => {
  const { submit, store, stateOf } = await start({
    async read({ hash }) {
      if (hash === 'lost') throw new EgressoError('JOB_DATA_LOST', 'gone');
      return sharedBytes(hash);
    },
  });
  const lost = [await submit('lost'), await submit('lost'), await submit('lost')];
  const next = await submit('echo');
  await vi.waitFor(async () => expect(await stateOf(next)).toBe('done'), { timeout: 10_000 });
  for (const id of lost) {
    expect(await store.find(id)).toMatchObject({ state: 'failed', fault: { code: 'JOB_DATA_LOST', message: 'gone' } });
  }
});

it('hears a cancel while it tries to read a body', async () => {
  const { submit, runner, store, stateOf } = await start({ read: () => Promise.reject(full()) });
  const id = await submit('echo');
  await vi.waitFor(async () => expect(await stateOf(id)).toBe('running'), { timeout: 10_000 });
  await store.requestCancel(id, 5);
  const asked = performance.now();
  runner.cancel(id);
  await vi.waitFor(async () => expect(await stateOf(id)).toBe('cancelled'), { interval: 5 });
  expect(performance.now() - asked).toBeLessThan(900);
});

it('puts back what was being claimed when it was closed', async () => {
  const { submit, runner, store, stateOf } = await start({});
  const claim = store.claim.bind(store);
  const { promise: claimed, resolve: go } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  store.claim = async (...args) => {
    const job = await claim(...args);
    ask();
    await claimed;
    return job;
  };
  const id = await submit('hold');
  await asked;
  const closed = runner.close();
  go();
  await closed;
  expect(await stateOf(id)).toBe('queued');
});

it('leaves threads to others where it is told to', async () => {
  const { submit, stateOf } = await start({}, 1);
  const ids = [await submit('hold'), await submit('hold')];
  await vi.waitFor(async () => expect(await Promise.all(ids.map(stateOf))).toEqual(['running', 'queued']), {
    timeout: 10_000,
  });
});

it('claims no job before a thread has loaded, for to be claimed counts as an attempt', async () => {
  const { store, pool, submit, stateOf } = await start({}, 2, false);
  const claim = vi.spyOn(store, 'claim');
  const id = await submit('echo');
  expect(pool.isReady).toBe(false);
  expect(claim).not.toHaveBeenCalled();
  await vi.waitFor(async () => expect(await stateOf(id)).toBe('done'), { timeout: 10_000 });
});
