/** What tests of a service with workers have in common. */
import { readFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import type { JobView } from '../../../../src/service/jobs/job-view.ts';
import { longInstance } from '../../../cli/long-instance.ts';
import { type CommandProcess, type Served, startCommand, submitTo } from '../serve-process.ts';
import type { RedisServer } from './redis-server.ts';

export const model = JSON.parse(
  readFileSync(new URL('../../../fixtures/patent-example-1.json', import.meta.url), 'utf8'),
);
export const bodyOf = (seed: number): string => JSON.stringify({ model, options: { variant: 'mes', seed } });
export const long = longInstance();
export const longBody = (timeLimitMs: number): string =>
  JSON.stringify({ model: long, options: { gapTarget: 0, timeLimitMs } });

export const startWorker = (redis: RedisServer): Promise<CommandProcess> =>
  startCommand(['worker', '--redis', redis.url, '--threads', '1'], /egresso worker runs (\d+) jobs/);

export async function get<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

export async function acceptedBy(api: Served, body: string, headers = {}): Promise<string> {
  const response = await submitTo(api.url, body, headers);
  expect(response.status).toBe(202);
  return ((await response.json()) as JobView).id;
}

export function untilState(api: Served, id: string, state: JobView['state'], timeout = 40_000): Promise<JobView> {
  return vi.waitFor(
    async () => {
      const job = await get<JobView>(`${api.url}/v1/jobs/${id}`);
      expect(job.state, JSON.stringify(job.problem)).toBe(state);
      return job;
    },
    { timeout, interval: 100 },
  );
}
