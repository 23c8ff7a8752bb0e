/** SIGTERM while requests are solved and jobs are accepted: an end in order, and no accepted job is lost. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { longInstance } from '../cli/long-instance.ts';
import { figure, scaled } from './scale.ts';
import { type Reply, ServiceProcess } from './service-process.ts';

const EXIT_MS = 30_000;
const CLIENTS = 4;
const example = JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));
const SOLVE = JSON.stringify({ model: longInstance(), options: { method: 'joint', timeLimitMs: 100 } });
const JOB = JSON.stringify({ model: example, options: { method: 'biggest-first' } });

const directory = mkdtempSync(join(tmpdir(), 'egresso-shutdown-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const start = () => ServiceProcess.start(['--threads', '1', '--data', directory]);

/** Sends one after the other until the service is gone. */
async function clientOf(
  service: ServiceProcess,
  path: string,
  body: string,
  told: (reply: Reply) => void,
): Promise<void> {
  for (;;) {
    const reply = await service.send({ path, headers: { 'content-type': 'application/json' }, body }).catch(() => null);
    if (reply === null) return;
    told(reply);
    if (reply.status === 503) await delay(20);
  }
}

/** Accepted is more than remembered: it ends, and well. */
async function untilDone(service: ServiceProcess, id: string): Promise<void> {
  for (;;) {
    const { status, body } = await service.send({ method: 'GET', path: `/v1/jobs/${id}` });
    expect(status).toBe(200);
    const { state } = JSON.parse(body.toString());
    if (state === 'done') return;
    expect(['queued', 'running']).toContain(state);
    await delay(20);
  }
}

it('ends in time, answers what it has taken, and keeps every job that it accepted', async () => {
  const jobs: string[] = [];
  const statuses = new Set<number>();
  const exits: number[] = [];
  let solved = 0;
  for (let round = scaled(20); round > 0; round--) {
    const service = await start();
    const clients = Array.from({ length: CLIENTS }, (_, i) =>
      i % 2 === 0
        ? clientOf(service, '/v1/solve', SOLVE, ({ status }) => {
            statuses.add(status);
            if (status === 200) solved++;
          })
        : clientOf(service, '/v1/jobs', JOB, ({ status, body }) => {
            statuses.add(status);
            if (status === 202) jobs.push(JSON.parse(body.toString()).id);
          }),
    );
    await delay(300 + 40 * round);
    const { code, tookMs } = await service.stop({ keepsConnections: true });
    expect(code).toBe(0);
    exits.push(tookMs);
    await Promise.all(clients);
  }
  expect(Math.max(...exits)).toBeLessThan(EXIT_MS);
  expect([...statuses].filter((status) => ![200, 202, 503].includes(status))).toEqual([]);
  expect(solved).toBeGreaterThan(0);
  expect(jobs.length).toBeGreaterThan(0);

  const service = await start();
  for (const id of jobs) await untilDone(service, id);
  await service.stop();
  const longest = (Math.max(...exits) / 1000).toFixed(1);
  figure(
    'SIGTERM under load',
    `${exits.length} times, exit 0 after ${longest} s at the latest; ${jobs.length} jobs accepted, 0 lost`,
  );
}, 300_000);

it('ends in order while a solve and a job run that would take longer than it waits', async () => {
  const service = await start();
  const body = JSON.stringify({ model: longInstance(), options: { timeLimitMs: 60_000, gapTarget: 0 } });
  const headers = { 'content-type': 'application/json' };
  const { body: accepted } = await service.send({ path: '/v1/jobs', headers, body });
  const solved = service.send({ path: '/v1/solve', headers, body });
  await delay(1000);
  const { code, tookMs } = await service.stop({ keepsConnections: true });
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(EXIT_MS);
  expect([200, 503]).toContain((await solved).status);
  const next = await start();
  const { state } = JSON.parse(
    (await next.send({ method: 'GET', path: `/v1/jobs/${JSON.parse(accepted.toString()).id}` })).body.toString(),
  );
  expect(['queued', 'running']).toContain(state);
  await next.stop();
  figure('SIGTERM with a solve that goes on', `exit 0 after ${(tookMs / 1000).toFixed(1)} s`);
}, 120_000);
