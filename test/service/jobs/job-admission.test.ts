/** Jobs and memory: what is refused before its body is read, what waits, and who passes. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { KeySet } from '../../../src/http/access/key-set.ts';
import { type JobApp, startJobApp } from './job-app.ts';

const MEGABYTE = 1e6;
const MSGPACK = { 'content-type': 'application/msgpack' };
const [small, large, admin] = ['s', 'l', 'a'].map((letter) => letter.repeat(40));
const keys = KeySet.parse(
  JSON.stringify([
    { id: 'small', role: 'solve', key: small, memoryMegabytes: 60 },
    { id: 'large', role: 'solve', key: large },
    { id: 'admin', role: 'admin', key: admin },
  ]),
  'keys',
);

let jobs: JobApp;
afterEach(() => jobs[Symbol.asyncDispose]());

const as = (key: string) => ({ authorization: `Bearer ${key}` });
/** As large as the order of the worker lets it be: it reads the first word. */
const padded = (order: string, bytes: number): Buffer => Buffer.from(order.padEnd(bytes, ' '));

async function start(memoryBytes: number, threads = 1, queuedJobs?: number): Promise<void> {
  const options = queuedJobs === undefined ? {} : { queuedJobs };
  jobs = await startJobApp(options, undefined, { memoryBytes, keys }, threads);
}

/** A body that must not be read: it says so when it is. */
function untouched(bytes: number): { payload: Readable; headers: Record<string, string>; wasRead: () => boolean } {
  let wasRead = false;
  const payload = Readable.from(
    (function* () {
      wasRead = true;
      yield Buffer.alloc(1);
    })(),
  );
  return { payload, headers: { 'content-length': String(bytes), ...MSGPACK }, wasRead: () => wasRead };
}

const refusal = (response: LightMyRequestResponse) => [response.statusCode, response.json().code];

describe.each(['/v1/jobs', '/v1/batches'])('%s', (url) => {
  it.each([
    ['the service', 20 * MEGABYTE, large],
    ['the key', 10 * MEGABYTE, small],
  ])('refuses what would take more memory than %s may have, before it is read', async (_, bytes, key) => {
    await start(200 * MEGABYTE);
    const { payload, headers, wasRead } = untouched(bytes);
    const response = await jobs.app.inject({ method: 'POST', url, payload, headers: { ...headers, ...as(key) } });
    expect(refusal(response)).toEqual([413, 'BODY_TOO_LARGE']);
    expect(wasRead()).toBe(false);
  });

  it('refuses bodies of unknown length beyond that, and those that expand too far', async () => {
    await start(200 * MEGABYTE);
    const send = (payload: Readable | Buffer, headers: object) =>
      jobs.app.inject({ method: 'POST', url, payload, headers: { ...MSGPACK, ...as(large), ...headers } });
    const chunked = Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(MEGABYTE)));
    expect(refusal(await send(chunked, {}))).toEqual([413, 'BODY_TOO_LARGE']);
    const bomb = gzipSync(Buffer.alloc(8 * MEGABYTE));
    for (const payload of [bomb, Readable.from([bomb])]) {
      expect(refusal(await send(payload, { 'content-encoding': 'gzip' }))).toEqual([413, 'BODY_TOO_LARGE']);
    }
    const honest = gzipSync(Buffer.from(Array.from({ length: 50_000 }, (_, i) => i.toString(36)).join()));
    expect((await send(honest, { 'content-encoding': 'gzip' })).statusCode).toBe(202);
  });

  it('refuses before the body is read where the line is full, but for a job that is there', async () => {
    await start(200 * MEGABYTE, 1, 1);
    const headers = { ...as(large), 'idempotency-key': 'k' };
    await jobs.accepted('hold', as(large));
    await vi.waitFor(() => expect(jobs.pool.freeThreads).toBe(0), { timeout: 10_000 });
    const first = await jobs.app.inject({ method: 'POST', url, payload: 'echo', headers: { ...MSGPACK, ...headers } });
    expect(first.statusCode).toBe(202);
    const { payload, headers: announced, wasRead } = untouched(1000);
    const full = await jobs.app.inject({ method: 'POST', url, payload, headers: { ...announced, ...as(large) } });
    expect(refusal(full)).toEqual([503, 'SERVICE_BUSY']);
    expect(Number(full.headers['retry-after'])).toBeGreaterThan(0);
    expect(wasRead()).toBe(false);
    const again = await jobs.app.inject({ method: 'POST', url, payload: 'echo', headers: { ...MSGPACK, ...headers } });
    expect([again.statusCode, again.json().id]).toEqual([202, first.json().id]);
  });
});

describe('jobs that run', () => {
  const stateOf = async (id: string) =>
    (await jobs.app.inject({ url: `/v1/jobs/${id}`, headers: as(admin) })).json().state;
  const cancel = (id: string) => jobs.app.inject({ method: 'DELETE', url: `/v1/jobs/${id}`, headers: as(admin) });

  it('wait for memory, not for a thread alone', async () => {
    await start(160 * MEGABYTE, 2);
    const first = await jobs.accepted(padded('hold', 5 * MEGABYTE), { ...MSGPACK, ...as(large) });
    const second = await jobs.accepted(padded('hold', 5 * MEGABYTE), { ...MSGPACK, ...as(large) });
    await vi.waitFor(async () => expect(await stateOf(first)).toBe('running'), { timeout: 10_000 });
    await vi.waitFor(() => expect(jobs.pool.freeThreads).toBe(1), { timeout: 10_000 });
    expect(await stateOf(second)).toBe('queued');
    await cancel(first);
    await vi.waitFor(async () => expect(await stateOf(second)).toBe('running'), { timeout: 10_000 });
  });

  it('of a key that has had its memory let those of others pass', async () => {
    await start(1000 * MEGABYTE, 2);
    const own = [1, 2].map(() => jobs.accepted(padded('hold', MEGABYTE), { ...MSGPACK, ...as(small) }));
    const [first, second] = await Promise.all(own);
    const other = await jobs.accepted(padded('hold', MEGABYTE), { ...MSGPACK, ...as(large) });
    await vi.waitFor(async () => expect(await stateOf(other)).toBe('running'), { timeout: 10_000 });
    expect((await Promise.all([first, second].map(stateOf))).sort()).toEqual(['queued', 'running']);
    const solve = await jobs.app.inject({
      method: 'POST',
      url: '/v1/solve',
      payload: padded('echo', MEGABYTE),
      headers: { ...MSGPACK, ...as(small) },
    });
    expect(refusal(solve)).toEqual([429, 'MEMORY_LIMITED']);
  });

  it('fail where they would never fit into the memory that there is now', async () => {
    await start(1000 * MEGABYTE);
    const held = await jobs.accepted('hold', as(large));
    const id = await jobs.accepted(padded('echo', 20 * MEGABYTE), { ...MSGPACK, ...as(large) });
    const { directory } = jobs;
    await jobs.app.close();
    jobs = await startJobApp({}, directory, { memoryBytes: 100 * MEGABYTE, keys });
    await cancel(held);
    await vi.waitFor(async () => expect(await stateOf(id)).toBe('failed'), { timeout: 10_000 });
    const { problem } = (await jobs.app.inject({ url: `/v1/jobs/${id}`, headers: as(admin) })).json();
    expect(problem.code).toBe('BODY_TOO_LARGE');
  });
});
