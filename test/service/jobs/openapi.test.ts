/** The OpenAPI document and what is answered are one. */

import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type JobApp, startJobApp } from './job-app.ts';

let jobs: JobApp;
beforeEach(async () => {
  jobs = await startJobApp();
});
afterEach(() => jobs[Symbol.asyncDispose]());

it('describes jobs, and the answers are as described', async () => {
  const { paths } = (await jobs.app.inject('/openapi.json')).json();
  const schemaOf = (path: string, method: string, status: number): TSchema =>
    paths[path][method].responses[status].content['application/json'].schema;
  const id = await jobs.accepted('spend');
  const failed = await jobs.untilState(id, 'failed');
  const running = await jobs.accepted('find 60000');
  await jobs.untilState(running, 'running');
  const listed = (await jobs.app.inject('/v1/jobs')).json();
  expect(Value.Check(schemaOf('/v1/jobs/{id}', 'get', 200), failed)).toBe(true);
  expect(Value.Check(schemaOf('/v1/jobs', 'get', 200), listed)).toBe(true);
  expect(Value.Check(schemaOf('/v1/jobs', 'post', 202), (await jobs.post('echo')).json())).toBe(true);
  expect(Value.Check(schemaOf('/v1/jobs/{id}', 'delete', 202), (await jobs.cancel(running)).json())).toBe(true);
  const names = paths['/v1/jobs'].post.parameters.map(({ name }: { name: string }) => name);
  expect(names.sort()).toEqual(['deadline', 'idempotency-key', 'priority']);
});
