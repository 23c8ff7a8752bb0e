/** What is asked of jobs over HTTP: how they are ordered, named, listed and sent. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from './expect-problem.ts';
import { type JobApp, startJobApp } from './job-app.ts';

let jobs: JobApp;
beforeEach(async () => {
  jobs = await startJobApp();
});
afterEach(() => jobs[Symbol.asyncDispose]());

describe('an idempotency key', () => {
  it('names the same job for the same body, before and after its end', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const [id, same] = await Promise.all([jobs.accepted('echo', headers), jobs.accepted('echo', headers)]);
    expect(same).toBe(id);
    await jobs.untilState(id, 'done');
    expect((await jobs.post('echo', headers)).json()).toMatchObject({ id, state: 'done' });
    expect((await jobs.app.inject('/v1/jobs')).json().jobs).toHaveLength(1);
    expect(jobs.blobs()).toBe(1);
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
    expect(jobs.blobs()).toBe(0);
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
