/** A process that is told to end while it connects to Redis: what is rejected and heard by nobody fails this file. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorker } from '../../../../src/service/jobs/open-jobs.ts';
import { SolverPool } from '../../../../src/service/pool.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
let pool: SolverPool;
beforeAll(async () => {
  server = await startRedis(['--requirepass', 'secret']);
  pool = new SolverPool({ threads: 1, queueLimit: 0, worker: new URL('../../workers/obedient.ts', import.meta.url) });
  await pool.whenReady();
});
afterAll(async () => {
  await pool.close();
  await server[Symbol.asyncDispose]();
});

const urlWith = (password: string): string => server.url.replace('//', `//:${password}@`);

it('ends in order at any moment', async () => {
  for (let ms = 0; ms < 40; ms += 2) {
    const jobs = openWorker(pool, urlWith('secret'), {});
    await delay(ms);
    await jobs.close();
  }
});

it.each(['a wrong password', 'no answer', 'nobody there'])('ends in order where there is %s', async (what) => {
  await using silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const urls = {
    'a wrong password': urlWith('wrong'),
    'no answer': `redis://127.0.0.1:${port}`,
    'nobody there': 'redis://127.0.0.1:1',
  };
  const started = performance.now();
  for (const ms of [0, 100]) {
    const jobs = openWorker(pool, urls[what as keyof typeof urls], {});
    await delay(ms);
    await jobs.close();
  }
  expect(performance.now() - started).toBeLessThan(30_000);
});
