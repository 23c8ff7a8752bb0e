import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ERROR_CATALOG, type ErrorCode } from '../../../src/errors.ts';
import { type JobApp, startJobApp } from './job-app.ts';

let jobs: JobApp;
beforeEach(async () => {
  jobs = await startJobApp();
});
afterEach(() => jobs[Symbol.asyncDispose]());

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const blobs = (): number => readdirSync(join(jobs.directory, 'blobs')).length;
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

function expectProblem(response: { statusCode: number; json(): unknown }, code: ErrorCode): void {
  expect(response.json()).toMatchObject({ code });
  expect(response.statusCode).toBe(ERROR_CATALOG[code].status);
}

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
    expect(blobs()).toBe(2);
    for (const id of waiting) await jobs.cancel(id);
    await vi.waitFor(() => expect(blobs()).toBe(1), { timeout: 10_000 });
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
    expect(blobs()).toBe(2);
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

describe('an idempotency key', () => {
  it('names the same job for the same body, before and after its end', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const [id, same] = await Promise.all([jobs.accepted('echo', headers), jobs.accepted('echo', headers)]);
    expect(same).toBe(id);
    await jobs.untilState(id, 'done');
    expect((await jobs.post('echo', headers)).json()).toMatchObject({ id, state: 'done' });
    expect((await jobs.app.inject('/v1/jobs')).json().jobs).toHaveLength(1);
    expect(blobs()).toBe(1);
  });

  it('is refused with another body, another media type, and when it is none', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    await jobs.accepted('echo', headers);
    expectProblem(await jobs.post('echo 2', headers), 'IDEMPOTENCY_KEY_REUSED');
    expectProblem(
      await jobs.post('echo', { ...headers, 'content-type': 'application/msgpack' }),
      'IDEMPOTENCY_KEY_REUSED',
    );
    expectProblem(await jobs.post('echo', { 'idempotency-key': 'two words' }), 'REQUEST_INVALID');
    expectProblem(await jobs.post('echo', { 'idempotency-key': 'x'.repeat(256) }), 'REQUEST_INVALID');
  });
});

describe('the list', () => {
  it('has pages, the newest first, and can be asked for a state', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await jobs.accepted(`echo ${i}`));
    for (const id of ids) await jobs.untilState(id, 'done');
    const listed: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: { jobs: { id: string }[]; next: string | null } = (
        await jobs.app.inject(`/v1/jobs?limit=2${next && `&before=${next}`}`)
      ).json();
      listed.push(...page.jobs.map(({ id }) => id));
      next = page.next;
    }
    expect(listed).toEqual(ids.toReversed());
    expect((await jobs.app.inject('/v1/jobs?state=failed')).json()).toEqual({ jobs: [], next: null });
  });

  it.each(['?limit=0', '?limit=x', '?state=odd', '?page=2', '?limit=1&limit=2'])('refuses %s', async (query) => {
    expectProblem(await jobs.app.inject(`/v1/jobs${query}`), 'REQUEST_INVALID');
  });
});

describe('requests for jobs', () => {
  it('are refused before their body is read', async () => {
    expectProblem(await jobs.post('echo', {}, '?priority=10'), 'REQUEST_INVALID');
    expectProblem(await jobs.post('echo', {}, '?priority=high'), 'REQUEST_INVALID');
    expectProblem(await jobs.post('echo', {}, '?deadline=tomorrow'), 'REQUEST_INVALID');
    expectProblem(await jobs.post('echo', {}, '?prioritty=1'), 'REQUEST_INVALID');
    expectProblem(await jobs.post('echo', { 'content-type': 'text/plain' }), 'MEDIA_TYPE_UNSUPPORTED');
    expectProblem(await jobs.post('echo', { 'content-length': '3' }), 'REQUEST_INVALID');
    expect(blobs()).toBe(0);
  });

  it('are made of a solve by Prefer: respond-async', async () => {
    for (const prefer of ['respond-async', 'wait=10, Respond-Async']) {
      const response = await jobs.app.inject({
        method: 'POST',
        url: '/v1/solve',
        payload: 'echo',
        headers: { 'content-type': 'application/json', prefer },
      });
      expect(response.statusCode).toBe(202);
      expect(response.headers['preference-applied']).toBe('respond-async');
      await jobs.untilState(response.json().id, 'done');
    }
  });

  it('are refused where there is no data directory', async () => {
    await jobs.app.close();
    jobs = await startJobApp({ dataDirectory: undefined } as never, jobs.directory);
    const response = await jobs.post('echo');
    expectProblem(response, 'STORAGE_UNAVAILABLE');
    expect(response.headers['retry-after']).toBeDefined();
  });
});

describe('the data directory', () => {
  it('has a quota; the answers of jobs that were accepted are kept beyond it', async () => {
    // Some of it is the database.
    jobs = await jobs.reopen({ diskBytes: 2_000_000 });
    const padding = 'x'.repeat(1_000_000);
    const id = await jobs.accepted(`echo 1 ${padding}`);
    await jobs.untilState(id, 'done');
    expectProblem(await jobs.post(`echo 2 ${padding}`), 'STORAGE_UNAVAILABLE');
    expect((await jobs.plan(id)).statusCode).toBe(200);
    expect(blobs()).toBe(1);
  });

  it('forgets jobs some time after their end', async () => {
    const id = await jobs.accepted('echo');
    await jobs.untilState(id, 'done');
    jobs = await jobs.reopen({ retentionMs: 0 });
    await vi.waitFor(async () => expectProblem(await jobs.app.inject(`/v1/jobs/${id}`), 'JOB_NOT_FOUND'), {
      timeout: 10_000,
    });
    expect(blobs()).toBe(0);
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

describe('a compressed body', () => {
  it.each([
    ['gzip', gzipSync('echo')],
    ['gzip', Buffer.concat([gzipSync('ec'), gzipSync('ho')])],
    ['zstd', Buffer.concat([zstdCompressSync('ec'), zstdCompressSync('ho')])],
  ])('is kept as it was before: %s', async (encoding, body) => {
    const id = await jobs.accepted(body, { 'content-encoding': encoding });
    await jobs.untilState(id, 'done');
    expect((await jobs.plan(id)).body).toMatch(/^\d+ echo$/);
  });

  it('is the same body to an idempotency key, however it came; the job stays as it is', async () => {
    const key = { 'idempotency-key': 'compressed-or-not' };
    const id = await jobs.accepted('echo', key);
    for (const [encoding, body] of [
      ['gzip', gzipSync('echo')],
      ['zstd', zstdCompressSync('echo')],
    ] as const) {
      const again = await jobs.post(body, { ...key, 'content-encoding': encoding }, '?priority=9');
      expect([again.statusCode, again.json()]).toEqual([202, expect.objectContaining({ id, priority: 4 })]);
    }
  });

  it('that is damaged, or grows beyond what is taken, is refused', async () => {
    const frame = zstdCompressSync(Buffer.alloc(2 ** 20, 0x20));
    for (const body of ['echo', Buffer.concat([frame, Buffer.from('garbage')]), frame.subarray(0, -1)]) {
      const damaged = await jobs.post(body, { 'content-encoding': 'zstd' });
      expect(damaged.json()).toMatchObject({ status: 400, code: 'BODY_MALFORMED' });
    }
    const frames = await jobs.post(Buffer.concat(new Array(20).fill(frame)), { 'content-encoding': 'zstd' });
    expect(frames.json()).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    const bomb = await jobs.post(gzipSync(Buffer.alloc(20 * 2 ** 20, 0x20)), { 'content-encoding': 'gzip' });
    expect(bomb.json()).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    expect((await jobs.post('echo', { 'content-encoding': 'br' })).statusCode).toBe(415);
  });
});
