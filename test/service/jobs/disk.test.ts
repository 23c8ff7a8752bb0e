/** Disks that are full or read-only: refused jobs, and jobs that were accepted before. Real file systems, in a process of its own. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Served, serveIn, submitTo } from './serve-process.ts';

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

async function expectRefused(url: string, body: string): Promise<void> {
  const response = await submitTo(url, body);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).not.toBeNull();
  expect(await response.json()).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
}

it('a full disk refuses jobs, keeps those that were accepted, and goes on answering', async () => {
  service = await serveIn(directory, afterMounting(`mount -t tmpfs -o size=2m tmpfs ${directory}`));
  const accepted: string[] = [];
  let response = await submitTo(service.url, bodyOf(100_000));
  for (let i = 0; response.status === 202 && i < 200; i++) {
    accepted.push(((await response.json()) as { id: string }).id);
    response = await submitTo(service.url, bodyOf(100_000 + i));
  }
  expect(response.status).toBe(503);
  expect(accepted.length).toBeGreaterThan(3);
  await expectRefused(service.url, bodyOf(1_900_000));
  // What was accepted ends: bodies that are no longer needed make room for plans.
  for (const id of accepted) {
    let job = { state: '' };
    for (let i = 0; i < 300 && job.state !== 'done'; i++) {
      job = (await (await fetch(`${service.url}/v1/jobs/${id}`)).json()) as { state: string };
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(job.state).toBe('done');
  }
  expect((await submitTo(service.url, bodyOf(1000))).status).toBe(202);
});

it('a read-only disk refuses jobs; solves go on', async () => {
  const readOnly = `mount -t tmpfs tmpfs ${directory} && mount -o remount,ro ${directory}`;
  service = await serveIn(join(directory, 'data'), afterMounting(readOnly));
  await expectRefused(service.url, bodyOf(10));
  const headers = { 'content-type': 'application/json' };
  const solved = await fetch(`${service.url}/v1/solve`, { method: 'POST', headers, body: bodyOf(10) });
  expect(solved.status).toBe(200);
});
