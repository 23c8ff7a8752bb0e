/** Disks that are full or read-only: refused jobs, and jobs that were accepted before. Real file systems, in a process of its own. */
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { longInstance } from '../../cli/long-instance.ts';
import { type Served, serve, serveIn, submitTo } from './serve-process.ts';

const model = JSON.parse(readFileSync(new URL('../../fixtures/patent-example-1.json', import.meta.url), 'utf8'));
const bodyOf = (padding: number): string =>
  JSON.stringify({ model: { ...model, metadata: { padding: 'x'.repeat(padding) } } });

let directory: string;
let service: Served | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresso-disk-'));
});
afterEach(async () => {
  await service?.kill('SIGKILL');
  service = undefined;
  rmSync(directory, { recursive: true, force: true });
});

/** Runs a command in a mount namespace of its own after some mounts. */
const afterMounting = (mounts: string): string[] => ['unshare', '-rm', 'sh', '-c', `${mounts} && exec "$@"`, 'sh'];

const longBody = JSON.stringify({ model: longInstance(), options: { timeLimitMs: 4000, gapTarget: 0 } });

async function stateOf(url: string, id: string): Promise<string> {
  return ((await (await fetch(`${url}/v1/jobs/${id}`)).json()) as { state: string }).state;
}

async function untilDone(url: string, id: string): Promise<void> {
  await vi.waitFor(async () => expect(await stateOf(url, id)).toBe('done'), { timeout: 30_000, interval: 50 });
}

function fillDisk(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, new Uint8Array(2 ** 16));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(file);
  }
}

async function expectRefused(url: string, body: string): Promise<void> {
  const response = await submitTo(url, body);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).not.toBeNull();
  expect(await response.json()).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
}

it('jobs leave room for the plans of those that were accepted', async () => {
  service = await serveIn(directory, afterMounting(`mount -t tmpfs -o size=72m tmpfs ${directory}`));
  const accepted: string[] = [];
  let response = await submitTo(service.url, bodyOf(1_000_000));
  for (let i = 1; response.status === 202 && i < 100; i++) {
    accepted.push(((await response.json()) as { id: string }).id);
    response = await submitTo(service.url, bodyOf(1_000_000 + i));
  }
  expect(response.status).toBe(503);
  await expectRefused(service.url, bodyOf(9_000_000));
  expect(accepted.length).toBeGreaterThan(3);
  for (const id of accepted) await untilDone(service.url, id);
  expect((await submitTo(service.url, bodyOf(1000))).status).toBe(202);
});

it('a disk that others fill up refuses jobs; a plan is written as soon as it can be', async () => {
  service = await serveIn(directory, afterMounting(`mount -t tmpfs -o size=72m tmpfs ${directory}`));
  // The mount is seen through the process that made it.
  const ballast = `/proc/${service.process.pid}/root${directory}/ballast`;
  const { id } = (await (await submitTo(service.url, longBody)).json()) as { id: string };
  fillDisk(ballast);
  await expectRefused(service.url, bodyOf(10));
  // Tried again and again.
  await vi.waitFor(() => expect(service?.log().match(/"msg":"jobs"/g)?.length).toBeGreaterThan(1), { timeout: 30_000 });
  expect(await stateOf(service.url, id)).toBe('running');
  rmSync(ballast);
  await untilDone(service.url, id);
});

it('a cancel on a full disk is refused, ends what runs all the same, and is written as soon as it can be', async () => {
  service = await serve(
    ['--data', directory, '--threads', '1'],
    afterMounting(`mount -t tmpfs -o size=72m tmpfs ${directory}`),
  );
  const { url, process } = service;
  const ballast = `/proc/${process.pid}/root${directory}/ballast`;
  const body = JSON.stringify({ model: longInstance(), options: { timeLimitMs: 60_000, gapTarget: 0 } });
  const submitted = [await submitTo(url, body), await submitTo(url, bodyOf(1))];
  const [running, waiting] = (await Promise.all(submitted.map((response) => response.json()))) as { id: string }[];
  await vi.waitFor(async () => expect(await stateOf(url, running.id)).toBe('running'), { timeout: 10_000 });
  fillDisk(ballast);
  for (const { id } of [running, waiting]) {
    const refused = await fetch(`${url}/v1/jobs/${id}`, { method: 'DELETE' });
    expect(refused.status).toBe(503);
    const detail = expect.stringMatching(/what runs was asked to end/);
    expect(await refused.json()).toMatchObject({ code: 'STORAGE_UNAVAILABLE', detail });
  }
  const started = performance.now();
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${url}/v1/solve`, { method: 'POST', headers, body: bodyOf(2) })).status).toBe(200);
  expect(performance.now() - started).toBeLessThan(20_000);
  rmSync(ballast);
  for (const { id } of [running, waiting]) {
    await vi.waitFor(async () => expect(await stateOf(url, id)).toBe('cancelled'), { timeout: 10_000, interval: 50 });
  }
});

it('a read-only disk refuses jobs; solves go on', async () => {
  const readOnly = `mount -t tmpfs tmpfs ${directory} && mount -o remount,ro ${directory}`;
  service = await serveIn(join(directory, 'data'), afterMounting(readOnly));
  await expectRefused(service.url, bodyOf(10));
  const headers = { 'content-type': 'application/json' };
  const solved = await fetch(`${service.url}/v1/solve`, { method: 'POST', headers, body: bodyOf(10) });
  expect(solved.status).toBe(200);
});

it('a body that is gone, or has changed, fails its job alone', async () => {
  service = await serveIn(directory);
  const ids: string[] = [];
  // Several, so that the first is still running when the files of the others are touched.
  for (const body of [longBody, bodyOf(1), bodyOf(2), bodyOf(3)]) {
    ids.push(((await (await submitTo(service.url, body)).json()) as { id: string }).id);
  }
  const fileOf = (body: string) => join(directory, 'blobs', createHash('sha256').update(body).digest('hex'));
  rmSync(fileOf(bodyOf(1)));
  writeFileSync(fileOf(bodyOf(2)), bodyOf(2).replace('x', 'y'));
  await untilDone(service.url, ids[3]);
  for (const id of ids.slice(1, 3)) {
    const job = await (await fetch(`${service.url}/v1/jobs/${id}`)).json();
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'JOB_DATA_LOST', status: 500 } });
  }
});
