/** Batches in Redis: they are made, cancelled and forgotten in slices, and any process may die between two of them. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job } from '../../../../src/service/jobs/job.ts';
import { SLICE } from '../../../../src/service/jobs/redis/lua/ends.ts';
import { ScriptRunner } from '../../../../src/service/jobs/redis/script-runner.ts';
import { figure } from '../../../faults/scale.ts';
import { describeBatches } from '../batch-store-contract.ts';
import { draftFor, halfSplit, outcome } from '../store-under-test.ts';
import { openStore, type RedisUnderTest } from './open-store.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

const open = (): Promise<RedisUnderTest> => openStore(server);

describeBatches('Redis', open);

/** A process writes down that a batch failed, or was cancelled, and dies before it comes to the items. */
const failAndDie = (redis: Redis, { id, attempt }: Job, endedAt: number): Promise<string[]> =>
  new ScriptRunner(redis).run('egressoFinish', id, attempt, endedAt, '', '', '', '{"code":"INTERNAL"}');
const cancelAndDie = (redis: Redis, { id }: Job, now: number): Promise<string[]> =>
  new ScriptRunner(redis).run('egressoCancel', now, id);

it.each([
  ['failed', failAndDie],
  ['cancelled', cancelAndDie],
])('runs no item of a batch that has %s, though the process died that wrote it', async (_, writeAndDie) => {
  const under = await open();
  const { store, redis } = under;
  const { batch, item } = await halfSplit(under);
  expect(await store.find(item.id)).toMatchObject({ cancelRequested: false });
  expect(await writeAndDie(redis, batch, 8)).toEqual(['yes']);
  // Whoever runs it looks there.
  expect(await store.find(item.id)).toMatchObject({ state: 'running', cancelRequested: true });
  expect((await store.itemCounts(batch.id)).queued).toBeGreaterThan(0);
  expect(await under.claim(9)).toBeNull();
  expect(await store.finish(item, outcome())).toMatchObject({ state: 'cancelled' });
  const made = (await store.endedItems(batch.id, 0, 1000)).length;
  expect(await store.itemCounts(batch.id)).toEqual({ queued: 0, running: 0, done: 0, failed: 0, cancelled: made });
  await under[Symbol.asyncDispose]();
});

it('forgets a batch with items that have not ended, and nothing of them comes back', async () => {
  const under = await open();
  const { store, redis } = under;
  const { batch, item } = await halfSplit(under);
  await failAndDie(redis, batch, 8);
  let forgotten = 0;
  for (let count = 1; count > 0; forgotten += count) ({ count } = await store.removeEnded(100));
  expect(forgotten).toBeGreaterThanOrEqual(SLICE);
  expect(await store.find(item.id)).toBeNull();
  expect(await store.finish(item, outcome())).toBeNull();
  await store.release(item);
  await store.survived(item);
  expect(await under.claim(101)).toBeNull();
  const left = (await redis.keys('{egresso}:*')).filter((key) => !/^.egresso.:(jobs:|seq$|blob:)/.test(key));
  expect(left).toEqual([]);
  // Bytes of the body are kept a moment longer.
  expect(await redis.ttl(`{egresso}:blob:${batch.body.hash}`)).toBeGreaterThan(0);
  await under[Symbol.asyncDispose]();
});

it('goes on with a split where another process has left it, and ends no batch before', async () => {
  const under = await open();
  const { store } = under;
  const { job } = await store.submit(await draftFor(under, { operation: 'batch' }));
  const { job: first } = await store.claim(job.id, 'the first', 5);
  const names = Array.from({ length: SLICE + 2 }, (_, i) => `item ${i}`);
  // Another process takes the batch over after the first slice.
  const [left, { job: second }] = await Promise.all([
    store.split(first!, names, 6),
    store.claim(job.id, 'the second', 7),
  ]);
  expect(left).toBeNull();
  for (let i = 0; i < SLICE; i++) await store.finish((await under.claim(7))!, outcome());
  expect(await store.find(job.id)).toMatchObject({ state: 'running', itemCount: null });
  expect(await store.split(second!, names, 8)).toMatchObject({ state: 'running', itemCount: SLICE + 2 });
  for (let i = 0; i < 2; i++) await store.finish((await under.claim(9))!, outcome());
  expect(await store.find(job.id)).toMatchObject({ state: 'done' });
  const ended = await store.endedItems(job.id, 0, 1000);
  expect(ended.map(({ name }) => name)).toEqual(names);
  await under[Symbol.asyncDispose]();
});

it('keeps nobody waiting while a batch of 10,000 is made and cancelled', async () => {
  const under = await open();
  const { store, redis } = under;
  const { job } = await store.submit(await draftFor(under, { operation: 'batch' }));
  const { job: attempt } = await store.claim(job.id, 'lock', 5);
  const names = Array.from({ length: 10_000 }, (_, i) => `item ${i}`);
  await redis.config('SET', 'slowlog-log-slower-than', 1000);
  await redis.config('SET', 'slowlog-max-len', 10_000);
  await store.split(attempt!, names, 6);
  await store.requestCancel(job.id, 7);
  const slow = (await redis.slowlog('GET', -1)) as [id: number, at: number, microseconds: number][];
  const times = slow.map(([, , microseconds]) => microseconds / 1000);
  const [longestMs, allMs] = [Math.max(...times), times.reduce((sum, ms) => sum + ms, 0)];
  figure('commands of Redis for a batch of 10,000', `the longest ${longestMs} ms, all ${allMs.toFixed(0)} ms`);
  // In one piece each, making and cancelling would be half of it; a busy machine makes all of them longer.
  expect(longestMs).toBeLessThan(allMs / 4);
  expect(await store.find(job.id)).toMatchObject({ state: 'cancelled', itemCount: 10_000 });
  await under[Symbol.asyncDispose]();
});

it('forgets a batch after its items, some at a time', async () => {
  const under = await open();
  const { store, redis } = under;
  const { job } = await store.submit(await draftFor(under, { operation: 'batch' }));
  const { job: attempt } = await store.claim(job.id, 'lock', 5);
  const names = Array.from({ length: 450 }, (_, i) => `item ${i}`);
  await store.split(attempt!, names, 6);
  await store.requestCancel(job.id, 7);
  const counts: number[] = [];
  for (let count = 1; count > 0; ) {
    ({ count } = await store.removeEnded(100));
    counts.push(count);
  }
  expect(counts).toEqual([200, 200, 51, 0]);
  expect(await redis.keys('{egresso}:job:*')).toEqual([]);
  expect(await redis.keys('{egresso}:batch:*')).toEqual([]);
  await under[Symbol.asyncDispose]();
});
