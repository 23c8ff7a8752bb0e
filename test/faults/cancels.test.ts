/** Jobs that are cancelled at random moments: none ends as a success, and the thread is free at once. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uniform } from '../../bench/instances.ts';
import { longInstance } from '../cli/long-instance.ts';
import { figure, PATIENCE, percentile, scaled } from './scale.ts';
import { ServiceProcess } from './service-process.ts';

/** From the cancel to a thread that is free. */
const FREE_MS = 300;
/** Longer than a thread takes from the queue to the middle of a search, and as long as a job may run. */
const LATEST_MS = 500;
const JSON_HEADER = { 'content-type': 'application/json' };
const model = longInstance();
/** Some end by themselves before they are cancelled, some in the very moment. */
const bodyOf = (variant: string, timeLimitMs: number) =>
  JSON.stringify({ model, options: { variant, timeLimitMs, gapTarget: 0 } });
const small = JSON.stringify({
  model: JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8')),
  options: { method: 'hot-potato' },
});

let service: ServiceProcess;
beforeAll(async () => {
  service = await ServiceProcess.start(['--threads', '1']);
});
afterAll(() => service.stop());

interface Told {
  readonly state: string;
  readonly endedAt: string | null;
}

const told = ({ body }: { readonly body: Buffer }): Told => JSON.parse(body.toString());

it('ends cancelled, whenever it is cancelled, but where it had ended before', async () => {
  const random = uniform(11);
  const free: number[] = [];
  const ends = { cancelled: 0, done: 0 };
  for (let i = 0; i < scaled(500); i++) {
    const body = bodyOf(i % 2 === 0 ? 'ses' : 'mes', i % 4 < 2 ? 60_000 : LATEST_MS * random());
    const accepted = await service.send({ path: '/v1/jobs', headers: JSON_HEADER, body });
    expect(accepted.status).toBe(202);
    const path = accepted.headers.location as string;
    // Early moments are the odd ones: still in line, handed to a thread, decoding.
    await delay(LATEST_MS * random() ** 2);
    const started = performance.now();
    const answer = await service.send({ method: 'DELETE', path });
    expect([200, 202]).toContain(answer.status);
    const hadEnded = told(answer).state === 'done';
    // The only thread: who comes next has an answer as soon as it is free.
    const next = await service.send({ path: '/v1/solve', headers: JSON_HEADER, body: small });
    expect(next.status).toBe(200);
    if (!hadEnded) free.push(performance.now() - started);
    let job = told(await service.send({ method: 'GET', path }));
    while (job.endedAt === null) {
      await delay(5);
      job = told(await service.send({ method: 'GET', path }));
    }
    // A job that ends well in the moment of its cancel is cancelled all the same, or the cancel has said that it is done.
    expect(job.state).toBe(hadEnded ? 'done' : 'cancelled');
    ends[hadEnded ? 'done' : 'cancelled']++;
  }
  // Both happened, or nothing was shown.
  expect(Math.min(ends.cancelled, ends.done)).toBeGreaterThan(0);
  expect(Math.max(...free)).toBeLessThan(PATIENCE * FREE_MS);
  const [median, longest] = [percentile(free, 0.5), Math.max(...free)].map((ms) => ms.toFixed(0));
  figure(
    'cancels',
    `${ends.cancelled} at random moments, 0 ended as success (${ends.done} had ended before); next answer after ${median} ms (median), ${longest} ms (longest)`,
  );
}, 400_000);
