/** Damaged and hostile bodies of jobs and batches: refused, or accepted and then failed with a reason. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchView, ItemView } from '../../src/service/jobs/batch-view.ts';
import type { JobView } from '../../src/service/jobs/job-view.ts';
import { BOMBS } from './bombs.ts';
import { JOB_SEEDS, type MutatedBody, mutatedBodies } from './mutations.ts';
import { expectProblem, expectReason } from './reasons.ts';
import { figure, scaled } from './scale.ts';
import { ServiceProcess } from './service-process.ts';

const SENDERS = 8;
const MEGABYTE = 1e6;
/** For a job that waits behind others too. */
const LONGEST_MS = 60_000;

let service: ServiceProcess;
beforeAll(async () => {
  service = await ServiceProcess.start(['--threads', '1', '--memory', '20000']);
});
afterAll(() => service.stop());

/** Where it is found, where it was accepted; else the status of the refusal. */
async function submit({ path, type, encoding, body }: MutatedBody): Promise<string | number> {
  const headers = { 'content-type': type, ...(encoding !== undefined && { 'content-encoding': encoding }) };
  const reply = await service.send({ path, headers, body });
  if (reply.status === 202) return reply.headers.location as string;
  expectReason(reply);
  return reply.status;
}

async function get<T>(path: string): Promise<T> {
  const { status, body } = await service.send({ method: 'GET', path });
  expect(status, path).toBe(200);
  return JSON.parse(body.toString()) as T;
}

async function ended(location: string): Promise<JobView | BatchView> {
  const until = performance.now() + LONGEST_MS;
  for (;;) {
    const job = await get<JobView | BatchView>(location);
    if (job.state !== 'queued' && job.state !== 'running') return job;
    expect(performance.now(), `${location} has not ended`).toBeLessThan(until);
    await delay(20);
  }
}

/** 200, or the status of the reason; of a batch also those of its items. */
async function statusesOf(location: string): Promise<number[]> {
  const { problem } = await ended(location);
  const items = location.startsWith('/v1/batches') ? await itemsOf(location) : [];
  return [problem, ...items.map((item) => item.problem)].map((found) => {
    if (found !== null) expectProblem(found, found.status);
    return found?.status ?? 200;
  });
}

async function itemsOf(location: string): Promise<ItemView[]> {
  const { body } = await service.send({ method: 'GET', path: `${location}/results` });
  return body
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe.each(['/v1/jobs', '/v1/batches'])('bombs to %s', (path) => {
  // No bomb is a batch: what is harmless is told that.
  const harmless = path === '/v1/jobs' ? 200 : 400;

  it.each(BOMBS)('$name: $status', async (bomb) => {
    const accepted = await submit({ path, ...bomb });
    const statuses = typeof accepted === 'number' ? [accepted] : await statusesOf(accepted);
    expect(statuses).toEqual([bomb.status === 200 ? harmless : bomb.status]);
  });

  it('leave the service as it was, and no part of a body behind', async () => {
    expect(readdirSync(join(service.directory, 'blobs')).filter((name) => name.startsWith('incoming-'))).toEqual([]);
    expect((await service.send({ method: 'GET', path: '/health/ready' })).status).toBe(200);
    figure(
      `payload bombs to ${path}`,
      `${BOMBS.length} sent, resident ${(service.residentBytes / MEGABYTE).toFixed(0)} MB`,
    );
  });
});

it('mutated bodies are refused, or fail with a reason, in flat memory', async () => {
  const count = scaled(10_000);
  const bodies = mutatedBodies(JOB_SEEDS, 11, count);
  const told = new Map<number, number>();
  const memory: number[] = [];
  let sent = 0;
  const send = async (): Promise<void> => {
    for (const mutated of bodies) {
      const accepted = await submit(mutated);
      const statuses = typeof accepted === 'number' ? [accepted] : await statusesOf(accepted);
      for (const status of statuses) told.set(status, (told.get(status) ?? 0) + 1);
      if (++sent % (count / 20) === 0) memory.push(service.residentBytes / MEGABYTE);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  expect(sent).toBe(count);
  expect([...told.keys()].filter((status) => status !== 200 && status !== 400)).toEqual([]);
  expect(Math.max(...memory.slice(10))).toBeLessThan(1.2 * Math.max(...memory.slice(0, 10)) + 50);
  expect(service.isAlive).toBe(true);
  const statuses = [...told].map(([status, times]) => `${times} × ${status}`).join(', ');
  figure(
    'mutated bodies of jobs and batches',
    `${count} sent: ${statuses}; resident ${memory[1].toFixed(0)} MB, at the end ${memory.at(-1)?.toFixed(0)} MB`,
  );
}, 1_200_000);
