/** Ten times the requests that the service can solve: those taken are answered in time, the others at once. */
import { setTimeout as delay } from 'node:timers/promises';
import autocannon, { type Options, type Result } from 'autocannon';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { longInstance } from '../cli/long-instance.ts';
import { figure, PATIENCE, percentile, scaled } from './scale.ts';
import { ServiceProcess } from './service-process.ts';

const SERVICE_MS = 100;
const QUEUE = 8;
const REFUSAL_MS = 50;
const LIVE_MS = 100;
const OVERLOAD = 10;
const MEGABYTE = 1e6;
const JSON_HEADER = { 'content-type': 'application/json' };
const SOLVE = JSON.stringify({
  model: longInstance(),
  options: { variant: 'ses', method: 'joint', timeLimitMs: SERVICE_MS, gapTarget: 0 },
});

let service: ServiceProcess;
beforeAll(async () => {
  service = await ServiceProcess.start(['--threads', '1', '--queue', String(QUEUE)]);
});
afterAll(() => service.stop());

const solve = () => service.send({ path: '/v1/solve', headers: JSON_HEADER, body: SOLVE });

/** How long one request takes when nobody else is there, ms. */
async function serviceTime(): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const started = performance.now();
    expect((await solve()).status).toBe(200);
    times.push(performance.now() - started);
  }
  return percentile(times, 0.5);
}

function cannonade(options: Options, onResponse: (status: number, ms: number) => void): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const instance = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)));
  instance.on('response', (_client, status, _bytes, ms) => onResponse(status, ms));
  return promise;
}

it('those taken wait no longer than the queue, the others are told at once when to come again', async () => {
  const alone = await serviceTime();
  const seconds = scaled(120);
  const latency = { taken: [] as number[], refused: [] as number[], live: [] as number[] };
  const memory: number[] = [];
  const other: number[] = [];
  const loaded = cannonade(
    {
      url: `${service.url}/v1/solve`,
      method: 'POST',
      headers: JSON_HEADER,
      body: SOLVE,
      connections: 50,
      overallRate: Math.round((OVERLOAD * 1000) / alone),
      duration: seconds,
    },
    (status, ms) => {
      if (status === 200) latency.taken.push(ms);
      else if (status === 503) latency.refused.push(ms);
      else other.push(status);
    },
  );
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const started = performance.now();
      expect((await service.send({ method: 'GET', path: '/health/live' })).status).toBe(200);
      latency.live.push(performance.now() - started);
      memory.push(service.residentBytes / MEGABYTE);
      await delay(50);
    }
  };
  const watching = watch();
  const { errors, timeouts } = await loaded;
  isOver = true;
  await watching;

  expect([errors, timeouts, other]).toEqual([0, 0, []]);
  expect(latency.taken.length).toBeGreaterThan((0.3 * seconds * 1000) / alone);
  expect(latency.refused.length).toBeGreaterThan(2 * latency.taken.length);
  const [taken, refused, live] = Object.values(latency).map((times) => percentile(times, 0.99));
  expect(taken).toBeLessThan(PATIENCE * (QUEUE + 2) * alone);
  expect(refused).toBeLessThan(PATIENCE * REFUSAL_MS);
  expect(live).toBeLessThan(PATIENCE * LIVE_MS);
  const half = memory.length >> 1;
  const [first, second] = [memory.slice(half >> 1, half), memory.slice(half)].map((values) => percentile(values, 0.5));
  expect(second).toBeLessThan(1.3 * first + 50);
  figure('overload', `${OVERLOAD} times for ${seconds} s, one solve takes ${alone.toFixed(0)} ms, queue ${QUEUE}`);
  figure(
    'overload',
    `${latency.taken.length} taken, p99 ${taken.toFixed(0)} ms; ${latency.refused.length} × 503, p99 ${refused.toFixed(1)} ms`,
  );
  figure(
    'overload',
    `/health/live p99 ${live.toFixed(1)} ms; resident ${first.toFixed(0)} MB, later ${second.toFixed(0)} MB`,
  );
}, 200_000);

it('a refusal says when to come again', async () => {
  const replies = await Promise.all(Array.from({ length: 3 * QUEUE }, solve));
  const refused = replies.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  for (const { headers, body } of refused) {
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'SERVICE_BUSY' });
  }
});
