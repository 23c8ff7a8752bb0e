/** Jobs that are cancelled at random moments: none ends as a success, and the thread is free at once. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uniform } from '../../bench/instances.ts';
import { longInstance } from '../cli/long-instance.ts';
import { figure, PATIENCE, percentile, scaled } from './scale.ts';
import { ServiceProcess } from './service-process.ts';

/** From the cancel to a thread that is free. */
const FREE_MS = 300;
/** Longer than a thread takes from the queue to the middle of a search. */
const LATEST_MS = 500;
const JSON_HEADER = { 'content-type': 'application/json' };
const model = longInstance();
const VARIANTS = ['ses', 'mes'].map((variant) =>
  JSON.stringify({ model, options: { variant, timeLimitMs: 60_000, gapTarget: 0 } }),
);

let service: ServiceProcess;
beforeAll(async () => {
  service = await ServiceProcess.start(['--threads', '1']);
});
afterAll(() => service.stop());

const get = async (path: string): Promise<{ state: string; endedAt: string }> =>
  JSON.parse((await service.send({ method: 'GET', path })).body.toString());

it('ends cancelled, whenever it is cancelled', async () => {
  const random = uniform(11);
  const free: number[] = [];
  for (let i = 0; i < scaled(500); i++) {
    const accepted = await service.send({ path: '/v1/jobs', headers: JSON_HEADER, body: VARIANTS[i % 2] });
    expect(accepted.status).toBe(202);
    const path = accepted.headers.location as string;
    // Early moments are the odd ones: still in line, handed to a thread, decoding.
    await delay(LATEST_MS * random() ** 2);
    const started = performance.now();
    const { status } = await service.send({ method: 'DELETE', path });
    expect([200, 202]).toContain(status);
    let job = await get(path);
    while (job.endedAt === null) {
      await delay(5);
      job = await get(path);
    }
    free.push(performance.now() - started);
    expect(job.state).toBe('cancelled');
  }
  expect(Math.max(...free)).toBeLessThan(PATIENCE * FREE_MS);
  const [median, longest] = [percentile(free, 0.5), Math.max(...free)].map((ms) => ms.toFixed(0));
  figure(
    'cancels',
    `${free.length} at random moments, 0 ended as success; thread free after ${median} ms (median), ${longest} ms (longest)`,
  );
}, 400_000);
