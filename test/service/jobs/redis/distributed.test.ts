/** A service and workers as processes of their own, over a real Redis. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BatchView, ItemView } from '../../../../src/service/jobs/batch-view.ts';
import type { JobView } from '../../../../src/service/jobs/job-view.ts';
import { solve } from '../../../../src/solve.ts';
import { type CommandProcess, type Served, serve, startCommand, submitTo } from '../serve-process.ts';
import { acceptedBy, bodyOf, get, long, longBody, model, startWorker, untilState } from './cluster.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

describe('a service and two workers', () => {
  let redis: RedisServer;
  let api: Served;
  let other: Served;
  let workers: CommandProcess[];
  beforeAll(async () => {
    redis = await startRedis();
    api = await serve(['--redis', redis.url]);
    other = await serve(['--redis', redis.url]);
    workers = [await startWorker(redis), await startWorker(redis)];
  });
  afterAll(async () => {
    for (const process of [...workers, api, other]) expect(await process.kill('SIGTERM')).toBe(0);
    await redis[Symbol.asyncDispose]();
  });

  it('give the plan that the library gives, whichever service is asked', async () => {
    const id = await acceptedBy(api, bodyOf(1));
    expect(await untilState(other, id, 'done')).toMatchObject({ attempt: 1, summary: { cost: 1250 } });
    const plan = await fetch(`${other.url}/v1/jobs/${id}/plan`);
    expect(await plan.text()).toBe(JSON.stringify(await solve(model, { variant: 'mes', seed: 1 })));
    const { jobs } = await get<{ jobs: JobView[] }>(`${other.url}/v1/jobs?limit=1`);
    expect(jobs.map((job) => job.id)).toEqual([id]);
  });

  it('know an idempotency key wherever it comes', async () => {
    const headers = { 'idempotency-key': 'k' };
    const [first, second] = await Promise.all([api, other].map((one) => acceptedBy(one, bodyOf(2), headers)));
    expect(second).toBe(first);
    expect((await submitTo(other.url, bodyOf(3), headers)).status).toBe(422);
    await untilState(api, first, 'done');
  });

  it('tell faults of the model', async () => {
    const id = await acceptedBy(api, '{"model": {}}');
    const { problem } = await untilState(other, id, 'failed');
    expect(problem).toMatchObject({ code: 'MODEL_INVALID', status: 400 });
    expect(problem?.errors.length).toBeGreaterThan(1);
  });

  it('tell progress and the best plan so far across processes, and cancel', async () => {
    const id = await acceptedBy(api, longBody(60_000));
    const events = fetch(`${other.url}/v1/jobs/${id}/events`).then((response) => response.text());
    await vi.waitFor(
      async () => {
        const { progress } = await get<JobView>(`${other.url}/v1/jobs/${id}`);
        expect(progress?.incumbent).toBeTypeOf('number');
      },
      { timeout: 30_000, interval: 100 },
    );
    const partial = await get<{ objective: number }>(`${other.url}/v1/jobs/${id}/plan?partial=true`);
    expect(partial.objective).toBeGreaterThan(0);
    const asked = Date.now();
    expect((await fetch(`${other.url}/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(202);
    const { summary, endedAt } = await untilState(api, id, 'cancelled');
    expect(summary).toMatchObject({ stopped: 'cancelled' });
    expect(Date.parse(endedAt as string) - asked).toBeLessThan(5000);
    const told = await events;
    for (const line of ['event: state', 'event: progress', '"state":"running"', '"state":"cancelled"']) {
      expect(told).toContain(line);
    }
  });

  it('solve batches together', async () => {
    const variations = [1, 2, 3, 4, 5, 6].map((seed) => ({ options: { seed } }));
    const response = await fetch(`${api.url}/v1/batches`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, options: { variant: 'mes' }, variations: [...variations, { traffic: [{}] }] }),
    });
    const { id } = (await response.json()) as BatchView;
    const lines = (await (await fetch(`${other.url}/v1/batches/${id}/results`)).text()).trim().split('\n');
    const items: ItemView[] = lines.map((line) => JSON.parse(line));
    expect(items.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(items.filter(({ state, summary }) => state === 'done' && summary?.cost === 1250)).toHaveLength(6);
    expect(items.find(({ item }) => item === 6)?.problem?.code).toBe('MODEL_INVALID');
    expect(await get(`${api.url}/v1/batches/${id}`)).toMatchObject({
      state: 'done',
      items: { total: 7, done: 6, failed: 1 },
    });
  });

  it('cancel batches', async () => {
    const variations = [1, 2, 3, 4, 5, 6].map((seed) => ({ options: { seed } }));
    const body = JSON.stringify({ model: long, options: { gapTarget: 0, timeLimitMs: 60_000 }, variations });
    const response = await fetch(`${api.url}/v1/batches`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const { id } = (await response.json()) as BatchView;
    await vi.waitFor(async () => expect((await get<BatchView>(`${api.url}/v1/batches/${id}`)).items.running).toBe(2), {
      timeout: 30_000,
    });
    await fetch(`${other.url}/v1/batches/${id}`, { method: 'DELETE' });
    await vi.waitFor(
      async () =>
        expect(await get(`${api.url}/v1/batches/${id}`)).toMatchObject({ state: 'cancelled', items: { cancelled: 6 } }),
      { timeout: 20_000 },
    );
  });
});

describe('a worker', () => {
  it('tells metrics and whether it is ready on a port of its own, and a line for each job that starts or ends', async () => {
    const redis = await startRedis();
    const api = await serve(['--redis', redis.url]);
    const argv = ['worker', '--redis', redis.url, '--threads', '1', '--metrics-port', '0'];
    const worker = await startCommand(argv, /metrics +(http:\/\/127\S+)\/metrics/);
    const textOf = async (url: string): Promise<string> => (await fetch(url)).text();
    const id = await acceptedBy(api, bodyOf(1));
    await untilState(api, id, 'done');
    const told = await textOf(`${worker.found}/metrics`);
    for (const sample of [
      'egresso_job_changes_total{operation="solve",state="done"} 1',
      'egresso_run_duration_seconds_count{operation="solve",outcome="done"} 1',
      'egresso_plans_total{status="optimal",stopped="done"} 1',
      'egresso_threads 1',
    ]) {
      expect(told).toContain(sample);
    }
    expect(told).toMatch(/^egresso_solver_seconds_total\{part="highs"\} \d/m);
    expect(told).toMatch(/^egresso_thread_memory_bytes\{thread="0"\} \d{7,}$/m);
    const lines = worker
      .log()
      .split('\n')
      .filter((line) => line.includes('"msg":"job"'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject(
      ['running', 'done'].map((state) => ({ job: id, owner: 'local', operation: 'solve', state, attempt: 1 })),
    );
    expect(await textOf(`${api.url}/metrics`)).toMatch(/^egresso_jobs\{state="queued"\} 0$/m);
    expect((await fetch(`${worker.found}/health/ready`)).status).toBe(200);
    expect((await fetch(`${worker.found}/etc/passwd`)).status).toBe(404);
    await redis.stop();
    expect((await fetch(`${worker.found}/health/ready`)).status).toBe(503);
    expect(await textOf(`${api.url}/metrics`)).not.toContain('egresso_jobs{');
    expect(await Promise.all([worker, api].map((process) => process.kill('SIGTERM')))).toEqual([0, 0]);
    await redis[Symbol.asyncDispose]();
  });

  it('fails a job that never fits into its memory, with a reason', async () => {
    const redis = await startRedis();
    const api = await serve(['--redis', redis.url]);
    const argv = ['worker', '--redis', redis.url, '--threads', '1', '--memory', '40'];
    const worker = await startCommand(argv, /egresso worker runs (\d+) jobs/);
    const id = await acceptedBy(api, `${bodyOf(1)}${' '.repeat(2 ** 23)}`);
    expect(await untilState(api, id, 'failed')).toMatchObject({ attempt: 1, problem: { code: 'BODY_TOO_LARGE' } });
    await untilState(api, await acceptedBy(api, bodyOf(1)), 'done');
    for (const process of [worker, api]) await process.kill('SIGKILL');
    await redis[Symbol.asyncDispose]();
  });
});

describe('a Redis that cannot be used', () => {
  it('is told without its password, and not in a loop; the processes end when they are told to', async () => {
    const redis = await startRedis(['--requirepass', 'the right one']);
    const url = redis.url.replace('redis://', 'redis://:topsecret@');
    const processes = [
      await serve(['--redis', url]),
      await startCommand(['worker', '--redis', url], /runs (\d+) jobs/),
    ];
    const response = await submitTo((processes[0] as Served).url, bodyOf(1));
    expect(response.status).toBe(503);
    for (const process of processes) {
      expect(await process.kill('SIGTERM')).toBe(0);
      expect(process.log()).toContain('WRONGPASS');
      expect(process.log()).not.toContain('topsecret');
      expect(process.log().split('"jobs"').length).toBeLessThan(20);
    }
    await redis[Symbol.asyncDispose]();
  });

  it('is a fault of usage where its URL is that of something else', async () => {
    for (const command of ['serve', 'worker']) {
      await expect(startCommand([command, '--redis', 'http://127.0.0.1:1'], /never/)).rejects.toThrow(
        /ended with 2:.*USAGE/s,
      );
    }
  });
});

describe('faults', () => {
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

  it('a worker that is told to end puts its job back; another goes on', async () => {
    workers.push(await startWorker(redis));
    const id = await acceptedBy(api, longBody(3000));
    await untilState(api, id, 'running');
    expect(await workers[0].kill('SIGTERM')).toBe(0);
    expect(await untilState(api, id, 'queued')).toMatchObject({ attempt: 1, place: 0 });
    workers.push(await startWorker(redis));
    expect(await untilState(api, id, 'done')).toMatchObject({ attempt: 2 });
  });

  it('without Redis no job is accepted, and solves go on', async () => {
    await redis.stop();
    const response = await submitTo(api.url, bodyOf(1));
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(await response.json()).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${api.url}/v1/solve`, { method: 'POST', headers, body: bodyOf(1) })).status).toBe(200);
    await redis.start();
    await vi.waitFor(async () => expect((await submitTo(api.url, bodyOf(1))).status).toBe(202), { timeout: 10_000 });
  });
});
