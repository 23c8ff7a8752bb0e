/** How a job goes: in line, in a thread, to its end. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { expectProblem } from './expect-problem.ts';
import { type JobApp, startJobApp } from './job-app.ts';

let jobs: JobApp;
beforeEach(async () => {
  jobs = await startJobApp();
});
afterEach(() => jobs[Symbol.asyncDispose]());

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

describe('a job', () => {
  it('is accepted with its place, runs, and has a plan', async () => {
    const response = await jobs.post('echo');
    expect(response.statusCode).toBe(202);
    const { id } = response.json();
    expect(response.headers.location).toBe(`/v1/jobs/${id}`);
    expect(response.json()).toMatchObject({
      state: 'queued',
      attempt: 0,
      place: 0,
      priority: 4,
      cancelRequested: false,
    });
    const done = await jobs.untilState(id, 'done');
    expect(done).toMatchObject({ attempt: 1, place: null, progress: null, problem: null });
    expect(Date.parse(done.endedAt as string)).toBeGreaterThanOrEqual(Date.parse(done.createdAt));
    const plan = await jobs.plan(id);
    expect(plan.headers['content-type']).toBe('application/json');
    expect(plan.body).toMatch(/^\d+ echo$/);
  });

  it('that fails says why, and has no plan', async () => {
    const id = await jobs.accepted('spend');
    expect(await jobs.untilState(id, 'failed')).toMatchObject({ problem: { code: 'SOLVER_FAILED', status: 500 } });
    expectProblem(await jobs.plan(id), 'PLAN_NOT_FOUND');
  });

  it('whose thread dies fails alone', async () => {
    const dying = await jobs.accepted('die');
    const other = await jobs.accepted('echo');
    expect(await jobs.untilState(dying, 'failed')).toMatchObject({ problem: { code: 'WORKER_DIED' } });
    await jobs.untilState(other, 'done');
  });

  it('tells how far it is, and its best plan so far', async () => {
    const id = await jobs.accepted('find 60000');
    await vi.waitFor(async () => {
      expect((await jobs.job(id)).progress).toEqual({ phase: 'finding', incumbent: 2, bound: 1, gap: 0.5 });
    });
    expectProblem(await jobs.plan(id), 'PLAN_NOT_FOUND');
    const held = await jobs.accepted('hold');
    expectProblem(await jobs.plan(held, '?partial=true'), 'PLAN_NOT_FOUND');
  });

  it('keeps equal bodies once, and forgets them when they have run', async () => {
    const held = await jobs.accepted('hold');
    await jobs.untilState(held, 'running');
    const waiting = await Promise.all([jobs.accepted('hold 2'), jobs.accepted('hold 2')]);
    expect(jobs.blobs()).toBe(2);
    for (const id of waiting) await jobs.cancel(id);
    await vi.waitFor(() => expect(jobs.blobs()).toBe(1), { timeout: 10_000 });
  });

  it('is not known: 404', async () => {
    for (const url of [`/v1/jobs/${UNKNOWN}`, '/v1/jobs/x', `/v1/jobs/${UNKNOWN}/plan`, `/v1/jobs/${UNKNOWN}/events`]) {
      expectProblem(await jobs.app.inject(url), 'JOB_NOT_FOUND');
    }
    expectProblem(await jobs.cancel(UNKNOWN), 'JOB_NOT_FOUND');
  });
});

describe('the queue', () => {
  it('goes by priority, then by time; a place says how many go before', async () => {
    const held = await jobs.accepted('hold');
    await jobs.untilState(held, 'running');
    const ids = new Map<string, string>();
    for (const [name, priority] of [
      ['a', 4],
      ['b', 0],
      ['c', 9],
      ['d', 4],
    ] as const) {
      ids.set(name, await jobs.accepted(`echo ${name}`, {}, `?priority=${priority}`));
    }
    const places = await Promise.all([...ids.values()].map(async (id) => (await jobs.job(id)).place));
    expect(places).toEqual([1, 3, 0, 2]);
    await jobs.cancel(held);
    for (const id of ids.values()) await jobs.untilState(id, 'done');
    const ended = await Promise.all([...ids].map(async ([name, id]) => ({ name, job: await jobs.job(id) })));
    const starts = ended.sort((a, b) => Date.parse(a.job.startedAt as string) - Date.parse(b.job.startedAt as string));
    expect(starts.map(({ name }) => name).join('')).toBe('cadb');
  });

  it('lets requests whose clients wait go first, but is not kept from its turn by them', async () => {
    const id = await jobs.accepted('echo');
    const sent = Array.from({ length: 4 }, () =>
      jobs.app.inject({
        method: 'POST',
        url: '/v1/solve',
        payload: 'echo',
        headers: { 'content-type': 'application/json' },
      }),
    );
    for (const response of await Promise.all(sent)) expect(response.statusCode).toBe(200);
    await jobs.untilState(id, 'done');
  });

  it('ends a job whose deadline passes while it waits, and hands the others their deadline', async () => {
    const held = await jobs.accepted('hold');
    const soon = new Date(Date.now() + 300).toISOString();
    const late = await jobs.accepted('echo', {}, `?deadline=${soon}`);
    const early = await jobs.accepted('echo', {}, `?deadline=${inAnHour()}`);
    expect(await jobs.untilState(late, 'failed')).toMatchObject({
      deadline: soon,
      problem: { code: 'DEADLINE_PASSED' },
    });
    await jobs.cancel(held);
    await jobs.untilState(early, 'done');
  });

  it('is full', async () => {
    jobs = await jobs.reopen({ queuedJobs: 1 });
    const held = await jobs.accepted('hold');
    await jobs.untilState(held, 'running');
    await jobs.accepted('echo');
    expectProblem(await jobs.post('echo'), 'SERVICE_BUSY');
    expect(jobs.blobs()).toBe(2);
  });
});

describe('a cancel', () => {
  it('ends a job that waits at once, a running one soon; again it changes nothing', async () => {
    const held = await jobs.accepted('hold');
    const waiting = await jobs.accepted('echo');
    await jobs.untilState(held, 'running');
    const first = await jobs.cancel(waiting);
    expect(first.statusCode).toBe(200);
    expect(first.json()).toMatchObject({ state: 'cancelled', startedAt: null });
    const second = await jobs.cancel(held);
    expect(second.statusCode).toBe(202);
    expect(second.json()).toMatchObject({ cancelRequested: true });
    const ended = await jobs.untilState(held, 'cancelled');
    expect((await jobs.cancel(held)).statusCode).toBe(200);
    expect(await jobs.job(held)).toEqual(ended);
    // It had a plan.
    expect((await jobs.plan(held)).body).toMatch(/hold$/);
    expectProblem(await jobs.plan(waiting), 'PLAN_NOT_FOUND');
  });

  it('of a thread that does not listen ends with the best that was found', async () => {
    const id = await jobs.accepted('find 60000');
    await vi.waitFor(async () => expect((await jobs.job(id)).progress).not.toBeNull(), { timeout: 10_000 });
    await jobs.cancel(id);
    await jobs.untilState(id, 'cancelled');
    expect((await jobs.plan(id)).body).toBe('find 60000 cancelled 1 8');
  });

  it('leaves what has ended as it is', async () => {
    const id = await jobs.accepted('echo');
    const done = await jobs.untilState(id, 'done');
    expect((await jobs.cancel(id)).json()).toEqual(done);
  });

  it('at any moment ends in no success', async () => {
    for (let i = 0; i < 50; i++) {
      const id = await jobs.accepted(i % 2 === 0 ? 'echo' : 'hold');
      await new Promise((resolve) => setTimeout(resolve, i % 7));
      const { state } = (await jobs.cancel(id)).json();
      if (state !== 'done') await jobs.untilState(id, 'cancelled');
    }
  });
});
