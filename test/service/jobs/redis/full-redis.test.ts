/** A Redis whose memory is full. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { draftFor, outcome } from '../store-under-test.ts';
import { openStore, type RedisUnderTest } from './open-store.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const MEBIBYTE = 2 ** 20;

let server: RedisServer;
let under: RedisUnderTest;
beforeAll(async () => {
  server = await startRedis(['--maxmemory', '64mb']);
  under = await openStore(server);
});
afterAll(async () => {
  await under[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const refused = { code: 'STORAGE_UNAVAILABLE' };
const bytes = (seed: number): Uint8Array[] => [new Uint8Array(MEBIBYTE).fill(seed), Uint8Array.of(seed)];
/** Writes until it is refused; gives how often it was not. */
async function fill(kind: 'body' | 'plan', seed: number): Promise<number> {
  for (let count = 0; ; count++) {
    try {
      await under.blobs.write(kind, bytes(seed + count));
    } catch (error) {
      expect(error).toMatchObject(refused);
      return count;
    }
  }
}

it('takes no more bodies while there is room for plans, and still ends, cancels and forgets jobs', async () => {
  const { store, redis } = under;
  await store.submit(await draftFor(under, { priority: 9 }));
  await store.submit(await draftFor(under, { priority: 8 }));
  const waiting = await store.submit(await draftFor(under, { deadline: 20 }));
  const another = await store.submit(await draftFor(under));
  const running = (await under.claim(5))!;
  const second = (await under.claim(5))!;
  const draft = await draftFor(under);

  await store.expect(draft, MEBIBYTE);
  await expect(store.expect(draft, 64 * MEBIBYTE)).rejects.toMatchObject(refused);
  expect(await fill('body', 1)).toBeGreaterThan(30);
  await expect(store.expect(draft, MEBIBYTE)).rejects.toMatchObject(refused);
  expect(await fill('plan', 100)).toBeGreaterThan(2);
  // Parts of what was refused were given back.
  await redis.config('SET', 'maxmemory', '8mb');
  await expect(store.submit(draft)).rejects.toMatchObject(refused);

  expect(await store.requestCancel(another.job.id, 6)).toMatchObject({ state: 'cancelled' });
  expect(await store.failOverdue(30)).toMatchObject([{ id: waiting.job.id }]);
  await store.release(second);
  expect(await store.find(second.id)).toMatchObject({ state: 'queued' });
  expect(await under.claim(7)).toMatchObject({ id: second.id });
  expect(await store.finish(running, outcome({ plan: null }))).toMatchObject({ state: 'done' });
  expect(await store.removeEnded(100)).toMatchObject({ count: 3 });

  await redis.flushall();
  // The memory is looked at a few times a second.
  await vi.waitFor(async () => store.submit(await draftFor(under)), { timeout: 10_000, interval: 100 });
});
