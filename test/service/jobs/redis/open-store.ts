/** The store of jobs in a Redis, and what tests look at besides. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { disconnect } from '../../../../src/service/jobs/redis/connection.ts';
import { MemoryShare } from '../../../../src/service/jobs/redis/memory-share.ts';
import { Outbox } from '../../../../src/service/jobs/redis/outbox.ts';
import { RedisBlobs } from '../../../../src/service/jobs/redis/redis-blobs.ts';
import { RedisJobStore } from '../../../../src/service/jobs/redis/redis-job-store.ts';
import { ScriptRunner } from '../../../../src/service/jobs/redis/script-runner.ts';
import { LOSSES, QUEUED_JOBS, type StoreUnderTest } from '../store-under-test.ts';
import type { RedisServer } from './redis-server.ts';

export interface RedisUnderTest extends StoreUnderTest {
  readonly store: RedisJobStore;
  readonly redis: Redis;
  readonly blobs: RedisBlobs;
}

/** Empty. What it accepts is handed to a queue that nobody listens to. */
export async function openStore(server: RedisServer): Promise<RedisUnderTest> {
  // It tries again by itself while the server is away.
  const redis = new Redis(server.url, { maxRetriesPerRequest: null }).on('error', () => {});
  const patient = redis.duplicate();
  for (const connection of [redis, patient]) connection.on('error', () => {});
  await redis.flushall();
  const scripts = new ScriptRunner(redis);
  const outbox = new Outbox(redis, patient, () => {});
  const bodyShare = new MemoryShare(redis, 0.8);
  const limits = { queuedJobs: QUEUED_JOBS, losses: LOSSES };
  const store = new RedisJobStore({ redis, scripts, outbox, bodyShare, ...limits });
  const blobs = new RedisBlobs(redis, scripts, bodyShare);
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
