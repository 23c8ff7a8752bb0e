/** Jobs on threads that solve. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { decodeBody } from '../../../src/formats/codec.ts';
import { buildModel } from '../../../src/model/build-model.ts';
import { parseOptions } from '../../../src/model/options.ts';
import { checkAssignments } from '../../../src/plan/check.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { JobView } from '../../../src/service/jobs/job-view.ts';
import { solve } from '../../../src/solve.ts';
import { longInstance } from '../../cli/long-instance.ts';
import { type SolvingApp, startSolvingApp } from './solving-app.ts';

const model = JSON.parse(readFileSync(new URL('../../fixtures/patent-example-1.json', import.meta.url), 'utf8'));
const long = longInstance();
const MSGPACK = { accept: 'application/msgpack' };

let solving: SolvingApp;
let app: FastifyInstance;
beforeAll(async () => {
  solving = await startSolvingApp();
  app = solving.app;
});
afterAll(() => solving[Symbol.asyncDispose]());

async function submit(payload: object, query = ''): Promise<string> {
  const response = await app.inject({ method: 'POST', url: `/v1/jobs${query}`, payload });
  expect(response.statusCode).toBe(202);
  return response.json().id;
}

const jobOf = async (id: string): Promise<JobView> => (await app.inject(`/v1/jobs/${id}`)).json();
const until = (id: string, state: JobView['state']): Promise<JobView> =>
  vi.waitFor(
    async () => {
      const job = await jobOf(id);
      expect(job.state).toBe(state);
      return job;
    },
    { timeout: 20_000, interval: 20 },
  );

it('the plan of a job has the bytes of the library, and other bytes for msgpack', async () => {
  const id = await submit({ model, options: { variant: 'mes' } });
  const job = await until(id, 'done');
  const expected = await solve(model, { variant: 'mes' });
  expect(job.summary).toEqual({
    ...{ status: 'optimal', stopped: 'done', cost: 1250, objective: 1250, lowerBound: expected.lowerBound },
    ...{ gap: expected.gap, overload: 0, changes: 0 },
  });
  expect((await app.inject(`/v1/jobs/${id}/plan`)).body).toBe(JSON.stringify(expected));
  const packed = await app.inject({ url: `/v1/jobs/${id}/plan`, headers: MSGPACK });
  expect(packed.headers['content-type']).toBe('application/msgpack');
  expect(decodeBody(packed.rawPayload, 'application/msgpack')).toEqual(JSON.parse(JSON.stringify(expected)));
});

it('a fault of the model is told by the job', async () => {
  const id = await submit({ model: { ...model, traffic: [{ neighbor: 'A9', prefix: 'P1', volume: -1 }] } });
  const { problem } = await until(id, 'failed');
  expect(problem).toMatchObject({ code: 'MODEL_INVALID', status: 400 });
  expect(problem?.errors.map(({ pointer }) => pointer)).toContain('/model/traffic/0/volume');
});

it('the best plan so far respects every rule, and the one after a cancel is no worse', async () => {
  const id = await submit({ model: long, options: { gapTarget: 0, timeLimitMs: 60_000 } });
  await vi.waitFor(async () => expect((await jobOf(id)).progress?.incumbent).toBeTypeOf('number'), { timeout: 20_000 });
  const partial: Plan = (await app.inject(`/v1/jobs/${id}/plan?partial=true`)).json();
  const packed = await app.inject({ url: `/v1/jobs/${id}/plan?partial=true`, headers: MSGPACK });
  await app.inject({ method: 'DELETE', url: `/v1/jobs/${id}` });
  const ended = await until(id, 'cancelled');
  const final: Plan = (await app.inject(`/v1/jobs/${id}/plan`)).json();
  expect(final.stopped).toBe('cancelled');
  expect(final.objective).toBeLessThanOrEqual(partial.objective);
  expect(ended.summary?.objective).toBe(final.objective);
  for (const { assignments } of [partial, final]) {
    expect(checkAssignments(buildModel(long), assignments, parseOptions({})).violations).toEqual([]);
  }
  expect(packed.json()).toMatchObject({ code: 'NOT_ACCEPTABLE' });
});

it('a deadline ends a run with the best plan so far', async () => {
  const deadline = Date.now() + 1500;
  const id = await submit(
    { model: long, options: { gapTarget: 0, timeLimitMs: 60_000 } },
    `?deadline=${new Date(deadline).toISOString()}`,
  );
  const { summary, endedAt } = await until(id, 'done');
  expect(summary?.stopped).toBe('time');
  expect(Date.parse(endedAt as string)).toBeGreaterThanOrEqual(deadline - 50);
  expect(Date.parse(endedAt as string)).toBeLessThan(deadline + 5000);
});
