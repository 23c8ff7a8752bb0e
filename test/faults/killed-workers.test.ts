/** `kill -9` of workers and of Redis while jobs are submitted and solved: what was acknowledged ends, once. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JobView } from '../../src/service/jobs/job-view.ts';
import { bodyOf, get, longBody, startWorker, untilState } from '../service/jobs/redis/cluster.ts';
import { type RedisServer, startRedis } from '../service/jobs/redis/redis-server.ts';
import { type CommandProcess, type Served, serve, submitTo } from '../service/jobs/serve-process.ts';
import { figure, scaled } from './scale.ts';

const WORKER_KILLS = scaled(30);
const REDIS_RESTARTS = scaled(10);

let redis: RedisServer;
let api: Served;
const workers: CommandProcess[] = [];
beforeEach(async () => {
  redis = await startRedis();
  api = await serve(['--redis', redis.url]);
});
afterEach(async () => {
  for (const process of [...workers.splice(0), api]) await process.kill('SIGKILL');
  await redis[Symbol.asyncDispose]();
});

it(
  `${WORKER_KILLS} kills of workers and ${REDIS_RESTARTS} of Redis lose no acknowledged job and end none twice`,
  async () => {
    workers.push(await startWorker(redis), await startWorker(redis));
    const acknowledged: string[] = [];
    let isOver = false;
    const submitting = (async () => {
      for (let seed = 1; !isOver; seed++) {
        try {
          const response = await submitTo(api.url, seed % 5 === 0 ? longBody(700) : bodyOf(seed));
          if (response.status === 202) acknowledged.push(((await response.json()) as JobView).id);
        } catch {
          // The next one.
        }
        await delay(150);
      }
    })();
    for (let kill = 0; kill < WORKER_KILLS; kill++) {
      await delay(400 + 130 * (kill % 5));
      await workers[kill % 2].kill('SIGKILL');
      workers[kill % 2] = await startWorker(redis);
      if (kill % Math.ceil(WORKER_KILLS / REDIS_RESTARTS) === 0) await redis.restart();
    }
    isOver = true;
    await submitting;
    const ends = new Map<string, string>();
    for (const id of acknowledged) {
      const { state, endedAt, attempt } = await untilState(api, id, 'done', 120_000);
      ends.set(id, `${state} ${endedAt} ${attempt}`);
    }
    await delay(1000);
    for (const [id, end] of ends) {
      const { state, endedAt, attempt } = await get<JobView>(`${api.url}/v1/jobs/${id}`);
      expect(`${state} ${endedAt} ${attempt}`).toBe(end);
    }
    expect(acknowledged.length).toBeGreaterThan(WORKER_KILLS);
    figure(
      `${WORKER_KILLS} kills -9 of workers, ${REDIS_RESTARTS} of Redis`,
      `${acknowledged.length} acknowledged jobs, 0 lost, 0 ended twice`,
    );
  },
  WORKER_KILLS * 15_000 + 240_000,
);
