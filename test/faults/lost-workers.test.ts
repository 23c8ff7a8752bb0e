/** Workers that stop, die or stand still at a bad moment, as processes of their own. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Job } from '../../src/service/jobs/job.ts';
import { MemoryShare } from '../../src/service/jobs/redis/memory-share.ts';
import { RedisJobStore } from '../../src/service/jobs/redis/redis-job-store.ts';
import { ScriptRunner } from '../../src/service/jobs/redis/script-runner.ts';
import { bodyOf, longBody, startWorker } from '../service/jobs/redis/cluster.ts';
import { openStore, type RedisUnderTest } from '../service/jobs/redis/open-store.ts';
import { type RedisServer, startRedis } from '../service/jobs/redis/redis-server.ts';
import type { CommandProcess } from '../service/jobs/serve-process.ts';
import { draftFor, LOSSES, QUEUED_JOBS } from '../service/jobs/store-under-test.ts';

let redis: RedisServer;
let under: RedisUnderTest;
const workers: CommandProcess[] = [];
beforeEach(async () => {
  redis = await startRedis();
  under = await openStore(redis);
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.kill('SIGKILL');
  await under[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

const start = async (): Promise<CommandProcess> => {
  const worker = await startWorker(redis);
  workers.push(worker);
  return worker;
};
const submit = async (text: string): Promise<Job> =>
  (await under.store.submit(await draftFor(under, { body: await under.body(text) }))).job;
const untilState = (id: string, state: Job['state'], timeout = 40_000): Promise<Job> =>
  vi.waitFor(
    async () => {
      const job = (await under.store.find(id)) as Job;
      expect(job.state, JSON.stringify(job.fault)).toBe(state);
      return job;
    },
    { timeout, interval: 100 },
  );

it('one that is told to end while Redis is away ends soon, and its job is done by the next', async () => {
  const worker = await start();
  const { id } = await submit(longBody(3000));
  await untilState(id, 'running');
  await redis.stop();
  const asked = performance.now();
  expect(await worker.kill('SIGTERM')).toBe(0);
  expect(performance.now() - asked).toBeLessThan(15_000);
  await redis.start();
  await start();
  expect(await untilState(id, 'done', 60_000)).toMatchObject({ attempt: 2 });
});

it('one that is told to end in a moment without Redis puts its job back', async () => {
  const worker = await start();
  const { id } = await submit(longBody(3000));
  await untilState(id, 'running');
  await redis.stop();
  const ended = worker.kill('SIGTERM');
  await delay(1000);
  await redis.start();
  expect(await ended).toBe(0);
  await start();
  expect(await untilState(id, 'done', 60_000)).toMatchObject({ attempt: 2 });
});

it('a Redis that is away for longer than a lock costs no attempt', async () => {
  await start();
  const { id } = await submit(longBody(15_000));
  await untilState(id, 'running');
  await redis.stop();
  await delay(12_000);
  await redis.start();
  expect(await untilState(id, 'done')).toMatchObject({ attempt: 1 });
  const next = await submit(bodyOf(1));
  await untilState(next.id, 'done');
});

it('one that stands still has lost its job: what it says later is refused', async () => {
  const zombie = await start();
  const { id } = await submit(longBody(2000));
  await untilState(id, 'running');
  // Until it has a plan to tell.
  await delay(1000);
  zombie.process.kill('SIGSTOP');
  const healthy = await start();
  const ended = await untilState(id, 'done', 60_000);
  expect(ended).toMatchObject({ attempt: 2 });
  const commands: string[][] = [];
  // It opens a connection of its own for what it watches.
  const watcher = under.redis.duplicate();
  const monitor = await watcher.monitor();
  watcher.disconnect();
  monitor.on('error', () => {});
  monitor.on('monitor', (_: string, command: string[]) => commands.push(command));
  zombie.process.kill('SIGCONT');
  // It tells how its attempt ended: the script, no keys, the job, the attempt, and five values.
  const tells = (command: string[]): boolean => command.length === 10 && command[3] === id && command[4] === '1';
  await vi.waitFor(() => expect(commands.some(tells)).toBe(true), { timeout: 60_000, interval: 100 });
  monitor.disconnect();
  expect(await under.store.find(id)).toEqual(ended);
  await healthy.kill('SIGKILL');
  const next = await submit(bodyOf(1));
  await untilState(next.id, 'done');
  expect(await under.store.find(id)).toEqual(ended);
});

it('jobs are handed over that a process accepted, or was given, before it died', async () => {
  const scripts = new ScriptRunner(under.redis);
  const dying = { hand: () => Promise.reject(new Error('dead')), flush: () => Promise.reject(new Error('dead')) };
  const bodyShare = new MemoryShare(under.redis, 1);
  const limits = { queuedJobs: QUEUED_JOBS, losses: LOSSES };
  const parts = { redis: under.redis, scripts, outbox: dying as never, bodyShare, ...limits };
  const store = new RedisJobStore(parts);
  const drafts = [await draftFor(under), await draftFor(under)];
  const body = await under.body(bodyOf(1));
  for (const draft of drafts) await store.submit({ ...draft, body });
  const [accepted, given] = drafts;
  // It runs, says its record; the queue knows nothing of it.
  await store.claim(given.id, 'a process that is gone', 5);
  expect(await under.redis.smembers('{egresso}:outbox')).toEqual([accepted.id]);
  expect(await under.redis.exists(`{egresso}:jobs:${accepted.id}`, `{egresso}:jobs:${given.id}`)).toBe(0);
  await start();
  expect(await untilState(accepted.id, 'done')).toMatchObject({ attempt: 1 });
  expect(await untilState(given.id, 'done', 60_000)).toMatchObject({ attempt: 2 });
});
