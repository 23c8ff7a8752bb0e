/** An app that keeps jobs in a directory of its own, over workers that obey instead of solving. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { vi } from 'vitest';
import { type AppOptions, buildApp } from '../../../src/service/app.ts';
import type { JobView } from '../../../src/service/jobs/job-view.ts';
import type { JobOptions } from '../../../src/service/jobs/open-jobs.ts';
import { SolverPool } from '../../../src/service/pool.ts';

const OBEDIENT = new URL('../workers/obedient.ts', import.meta.url);

export interface JobApp extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly pool: SolverPool;
  readonly directory: string;
  /** Closes the app, and opens another over the same directory. */
  reopen(options?: JobOptions): Promise<JobApp>;
  post(body: string | Buffer, headers?: Record<string, string>, query?: string): Promise<LightMyRequestResponse>;
  /** The id of a job that was accepted. */
  accepted(body: string | Buffer, headers?: Record<string, string>, query?: string): Promise<string>;
  job(id: string): Promise<JobView>;
  cancel(id: string): Promise<LightMyRequestResponse>;
  plan(id: string, query?: string): Promise<LightMyRequestResponse>;
  /** Bodies and plans that are kept. */
  blobs(): number;
  untilState(id: string, state: JobView['state']): Promise<JobView>;
}

export async function startJobApp(
  options: JobOptions = {},
  directory = mkdtempSync(join(tmpdir(), 'egresso-jobs-')),
  appOptions: AppOptions = {},
  threads = 1,
): Promise<JobApp> {
  const watchdog = { silenceMs: 50, silencePerMegabyteMs: 0 };
  const pool = new SolverPool({ threads, queueLimit: 4, worker: OBEDIENT, watchdog });
  await pool.whenReady();
  const app = await buildApp(pool, {
    logger: false,
    jobs: { dataDirectory: directory, ...options },
    closeGraceMs: 100,
    ...appOptions,
  });
  const jobApp: JobApp = {
    app,
    pool,
    directory,
    async reopen(next = options) {
      await app.close();
      return startJobApp(next, directory, appOptions, threads);
    },
    post: (payload, headers = {}, query = '') =>
      app.inject({
        method: 'POST',
        url: `/v1/jobs${query}`,
        payload,
        headers: { 'content-type': 'application/json', ...headers },
      }),
    async accepted(...args) {
      const response = await jobApp.post(...args);
      if (response.statusCode !== 202) throw new Error(`not accepted: ${response.body}`);
      return response.json().id;
    },
    job: async (id) => (await app.inject(`/v1/jobs/${id}`)).json(),
    cancel: (id) => app.inject({ method: 'DELETE', url: `/v1/jobs/${id}` }),
    plan: (id, query = '') => app.inject(`/v1/jobs/${id}/plan${query}`),
    blobs: () => readdirSync(join(directory, 'blobs')).length,
    untilState: (id, state) =>
      vi.waitFor(
        async () => {
          const job = await jobApp.job(id);
          if (job.state !== state) throw new Error(`the job is ${job.state}, not ${state}`);
          return job;
        },
        { timeout: 10_000, interval: 10 },
      ),
    async [Symbol.asyncDispose]() {
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return jobApp;
}
