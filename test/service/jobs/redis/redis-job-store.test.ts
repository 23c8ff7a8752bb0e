import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeStore } from '../job-store-contract.ts';
import { draftFor, LOSSES, outcome } from '../store-under-test.ts';
import { openStore, type RedisUnderTest } from './open-store.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

const open = (): Promise<RedisUnderTest> => openStore(server);

describeStore('Redis', open);

it('keeps bytes as long as a job needs them', async () => {
  const under = await open();
  const { store, redis, blobs } = under;
  const secondsLeft = (hash: string): Promise<number> => redis.ttl(`{egresso}:blob:${hash}`);
  const drafts = [await draftFor(under), await draftFor(under)];
  const body = await under.body('shared');
  expect(await secondsLeft(body.hash)).toBeGreaterThan(0);
  for (const draft of drafts) await store.submit({ ...draft, body });
  const forever = -1;
  expect(await secondsLeft(body.hash)).toBe(forever);
  // Written again, it is still needed.
  await under.body('shared');
  const plan = await blobs.write(
    'plan',
    ['a ', 'plan'].map((text) => Buffer.from(text)),
  );
  for (const expected of [forever, expect.any(Number)]) {
    await store.finish((await under.claim(5))!, outcome({ plan: { hash: plan.hash, size: plan.size } }));
    expect(await secondsLeft(body.hash)).toEqual(expected);
  }
  expect(await secondsLeft(body.hash)).toBeGreaterThan(0);
  expect(await secondsLeft(plan.hash)).toBe(forever);
  expect(Buffer.from(await blobs.read(plan)).toString()).toBe('a plan');
  await store.removeEnded(100);
  expect(await secondsLeft(plan.hash)).toBeGreaterThan(0);
  await under[Symbol.asyncDispose]();
});

it('reads bytes in parts, and says when they are gone', async () => {
  const under = await open();
  const bytes = new Uint8Array(3 * 2 ** 20 + 5).map((_, i) => i % 251);
  const stored = await under.blobs.write('plan', [bytes]);
  expect(new Uint8Array(await under.blobs.read(stored))).toEqual(bytes);
  const parts: Buffer[] = [];
  for await (const part of await under.blobs.stream(stored)) parts.push(part);
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  await expect(under.blobs.read({ hash: 'none', size: 5 })).rejects.toThrow(/gone/);
  await under[Symbol.asyncDispose]();
});

it('has bodies that came and went with nobody accepting them', async () => {
  const under = await open();
  const draft = await draftFor(under);
  await under.redis.del(`{egresso}:blob:${draft.body.hash}`);
  await expect(under.store.submit(draft)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  await under[Symbol.asyncDispose]();
});

it('counts no loss where a process claims again for want of an answer', async () => {
  const under = await open();
  const { store } = under;
  const { job } = await store.submit(await draftFor(under));
  for (let attempt = 1; attempt <= 3 * LOSSES; attempt++) {
    expect(await store.claim(job.id, 'one lock', 5)).toMatchObject({ job: { attempt } });
  }
  // Nor where it waited in between.
  for (let i = 0; i < 2 * LOSSES; i++) {
    const { job: attempt } = await store.claim(job.id, randomUUID(), 5);
    await store.release(attempt!);
    await store.release(attempt!);
  }
  expect(await store.find(job.id)).toMatchObject({ state: 'queued' });
  await under[Symbol.asyncDispose]();
});

it('counts no loss of a process that lives after all', async () => {
  const under = await open();
  const { store } = under;
  const { job } = await store.submit(await draftFor(under));
  let { job: last } = await store.claim(job.id, 'the first', 5);
  for (let i = 0; i < 2 * LOSSES; i++) {
    const { job: next } = await store.claim(job.id, randomUUID(), 5);
    await store.survived(last!);
    last = next;
  }
  expect(last).toMatchObject({ state: 'running' });
  // It was the others that were lost, each counted once.
  await store.survived(job);
  for (let i = 1; i < LOSSES; i++) await store.claim(job.id, randomUUID(), 5);
  expect(await store.claim(job.id, randomUUID(), 5)).toMatchObject({ job: null, ended: { state: 'failed' } });
  await under[Symbol.asyncDispose]();
});

it('starts no job whose deadline is over', async () => {
  const under = await open();
  const { job } = await under.store.submit(await draftFor(under, { deadline: 50 }));
  expect(await under.store.claim(job.id, 'lock', 50)).toMatchObject({
    job: null,
    ended: { id: job.id, state: 'failed', fault: { code: 'DEADLINE_PASSED' } },
  });
  await under[Symbol.asyncDispose]();
});
