/** Jobs in their data directory: its quota, how long they are kept, and that they outlive the service. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { expectProblem } from './expect-problem.ts';
import { type JobApp, startJobApp } from './job-app.ts';

let jobs: JobApp;
beforeEach(async () => {
  jobs = await startJobApp();
});
afterEach(() => jobs[Symbol.asyncDispose]());

describe('the data directory', () => {
  it('has a quota; the answers of jobs that were accepted are kept beyond it', async () => {
    // Some of it is the database.
    jobs = await jobs.reopen({ diskBytes: 2_000_000 });
    const padding = 'x'.repeat(1_000_000);
    const id = await jobs.accepted(`echo 1 ${padding}`);
    await jobs.untilState(id, 'done');
    expectProblem(await jobs.post(`echo 2 ${padding}`), 'STORAGE_UNAVAILABLE');
    expect((await jobs.plan(id)).statusCode).toBe(200);
    expect(jobs.blobs()).toBe(1);
  });

  it('forgets jobs some time after their end', async () => {
    const id = await jobs.accepted('echo');
    await jobs.untilState(id, 'done');
    jobs = await jobs.reopen({ retentionMs: 0 });
    await vi.waitFor(async () => expectProblem(await jobs.app.inject(`/v1/jobs/${id}`), 'JOB_NOT_FOUND'), {
      timeout: 10_000,
    });
    expect(jobs.blobs()).toBe(0);
  });

  it('is used by one service at a time', async () => {
    await expect(startJobApp({}, jobs.directory)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('carries jobs over a close: what ran and what waited run again, what was cancelled does not', async () => {
    const held = await jobs.accepted('hold');
    const waiting = await jobs.accepted('echo');
    const cancelled = await jobs.accepted('echo 2');
    await jobs.untilState(held, 'running');
    await jobs.cancel(cancelled);
    jobs = await jobs.reopen();
    expect(await jobs.untilState(held, 'running')).toMatchObject({ attempt: 2 });
    expect((await jobs.job(cancelled)).state).toBe('cancelled');
    await jobs.cancel(held);
    await jobs.untilState(waiting, 'done');
  });
});
