/**
 * `kill -9` while jobs are submitted and solved: what was acknowledged is there, and ends once.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { solve } from '../../src/solve.ts';
import { serveIn, submitTo } from '../service/jobs/serve-process.ts';
import { figure, scaled } from './scale.ts';

const KILLS = scaled(50);
const model = JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));
/** Some take a while, most are quick. */
const optionsOf = (seed: number) => ({ variant: 'mes', seed, method: seed % 4 === 0 ? 'auto' : 'biggest-first' });
const bodyOf = (seed: number): string => JSON.stringify({ model, options: optionsOf(seed) });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresso-kill-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it(
  `${KILLS} kills lose no acknowledged job and run none to its end twice`,
  async () => {
    const acknowledged = new Map<string, number>();
    const ends = new Map<string, string>();
    let seed = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const service = await serveIn(directory);
      const had = acknowledged.size;
      let isAlive = true;
      const submitting = Array.from({ length: 4 }, async () => {
        while (isAlive) {
          const own = ++seed;
          try {
            const response = await submitTo(service.url, bodyOf(own), { 'idempotency-key': `key-${own}` });
            if (response.status === 202) acknowledged.set(((await response.json()) as { id: string }).id, own);
          } catch {
            // It was killed.
          }
          await delay(60);
        }
      });
      // A busy machine takes its time.
      while (acknowledged.size === had) await delay(20);
      await delay(90 * (kill % 7));
      await noteEnds(service.url, ends);
      await service.kill('SIGKILL');
      isAlive = false;
      await Promise.all(submitting);
    }
    const service = await serveIn(directory);
    await vi.waitFor(
      async () => {
        for (const state of ['queued', 'running']) {
          const response = await fetch(`${service.url}/v1/jobs?state=${state}&limit=1`);
          expect(((await response.json()) as { jobs: unknown[] }).jobs).toEqual([]);
        }
      },
      { timeout: 60_000 + KILLS * 10_000, interval: 500 },
    );
    expect(acknowledged.size).toBeGreaterThanOrEqual(KILLS);
    const before = new Map(ends);
    await noteEnds(service.url, ends);
    for (const [id, end] of before) expect(ends.get(id), 'the end of a job does not change').toBe(end);
    for (const id of acknowledged.keys()) expect(ends.get(id), id).toMatch(/^done /);
    const [[id, ownSeed]] = acknowledged;
    const plan = await (await fetch(`${service.url}/v1/jobs/${id}/plan`)).text();
    expect(plan).toBe(JSON.stringify(await solve(model, optionsOf(ownSeed))));
    // A key that was acknowledged still names its job.
    const again = await submitTo(service.url, bodyOf(ownSeed), { 'idempotency-key': `key-${ownSeed}` });
    expect(await again.json()).toMatchObject({ id });
    expect(await service.kill('SIGTERM')).toBe(0);
    figure(`${KILLS} kills -9 of the service`, `${acknowledged.size} acknowledged jobs, 0 lost, 0 ended twice`);
  },
  KILLS * 30_000 + 120_000,
);

/** State, time and attempt of every job that has ended. */
async function noteEnds(url: string, ends: Map<string, string>): Promise<void> {
  let before = '';
  for (;;) {
    const response = await fetch(`${url}/v1/jobs?limit=1000${before}`);
    const { jobs, next } = (await response.json()) as {
      jobs: { id: string; state: string; endedAt: string | null; attempt: number }[];
      next: string | null;
    };
    for (const { id, state, endedAt, attempt } of jobs)
      if (endedAt !== null) ends.set(id, `${state} ${endedAt} ${attempt}`);
    if (next === null) return;
    before = `&before=${next}`;
  }
}

it('a job that runs when the service is told to end goes on in the next one', async () => {
  const first = await serveIn(directory);
  const { id } = (await (await submitTo(first.url, bodyOf(1))).json()) as { id: string };
  expect(await first.kill('SIGTERM')).toBe(0);
  const second = await serveIn(directory);
  await vi.waitFor(
    async () => expect(await (await fetch(`${second.url}/v1/jobs/${id}`)).json()).toMatchObject({ state: 'done' }),
    { timeout: 20_000 },
  );
  await second.kill('SIGKILL');
});
