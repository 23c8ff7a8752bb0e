import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { disconnect } from '../../../../src/service/jobs/redis/connection.ts';
import { MemoryShare } from '../../../../src/service/jobs/redis/memory-share.ts';
import { Outbox } from '../../../../src/service/jobs/redis/outbox.ts';
import { RedisBlobs } from '../../../../src/service/jobs/redis/redis-blobs.ts';
import { RedisJobStore } from '../../../../src/service/jobs/redis/redis-job-store.ts';
import { ScriptRunner } from '../../../../src/service/jobs/redis/script-runner.ts';
import { describeStore, draftFor, LOSSES, outcome, QUEUED_JOBS, type StoreUnderTest } from '../job-store-contract.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

interface RedisUnderTest extends StoreUnderTest {
  readonly store: RedisJobStore;
  readonly redis: Redis;
  readonly blobs: RedisBlobs;
}

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server[Symbol.asyncDispose]());

async function open(): Promise<RedisUnderTest> {
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  await redis.flushall();
  const patient = redis.duplicate();
  const scripts = new ScriptRunner(redis);
  const outbox = new Outbox(redis, patient, () => {});
  const store = new RedisJobStore({ redis, scripts, outbox, queuedJobs: QUEUED_JOBS, losses: LOSSES });
  const blobs = new RedisBlobs(redis, scripts, new MemoryShare(redis, 0.8));
  const running = new Set<string>();
  let lost: string[] = [];
  return {
    store,
    redis,
    blobs,
    async claim(now) {
      for (;;) {
        const id = lost.shift() ?? (await redis.zrange('{egresso}:line', 0, 0))[0];
        if (id === undefined) return null;
        const { job } = await store.claim(id, randomUUID(), now);
        if (job === null) continue;
        running.add(id);
        return job;
      }
    },
    // The queue gives what its processes have lost to others.
    async die() {
      lost = [...running];
      running.clear();
    },
    async body(text) {
      const { hash, size } = await blobs.write('body', [Buffer.from(text)]);
      return { hash, size };
    },
    async [Symbol.asyncDispose]() {
      await outbox.close();
      await Promise.all([redis, patient].map(disconnect));
    },
  };
}

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

it('hands over what another process accepted and did not', async () => {
  const under = await open();
  const { job } = await under.store.submit(await draftFor(under, { priority: 9 }));
  expect(await under.redis.scard('{egresso}:outbox')).toBe(0);
  expect(await under.redis.exists(`{egresso}:jobs:${job.id}`)).toBe(1);
  await under[Symbol.asyncDispose]();
});
