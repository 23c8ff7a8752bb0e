import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import Value from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExplanationSchema } from '../../src/plan/explanation.ts';
import { PolicyResultSchema } from '../../src/policy/report.ts';
import { buildApp } from '../../src/service/app.ts';
import { SolverPool } from '../../src/service/pool.ts';

let app: FastifyInstance;
const model = JSON.parse(await readFile(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));
let plan: object;

const post = (url: string, body: unknown) =>
  app.inject({ method: 'POST', url, payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

beforeAll(async () => {
  app = await buildApp(new SolverPool({ threads: 1, queueLimit: 4 }), { logger: false });
  plan = (await post('/v1/solve', { model })).json();
});

afterAll(() => app.close());

describe('POST /v1/policy', () => {
  it('answers text and proof', async () => {
    const response = await post('/v1/policy', { model, plan, options: { format: 'bird', verify: true } });
    expect(response.statusCode).toBe(200);
    const result = response.json();
    expect(Value.Check(PolicyResultSchema, result)).toBe(true);
    expect(result).toMatchObject({ status: 'proven', pairs: { requestedCount: 4, failedCount: 0 } });
    expect(result.routers[2].text).toContain('bgp_local_pref = 200;');
  });

  it('answers a refuted plan with 200, and no text', async () => {
    const response = await post('/v1/policy', { model, plan, options: { maxPrefixes: 0 } });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ status: 'refuted', routers: [], difference: [] });
  });

  it.each([
    [{ plan: undefined }, 'REQUEST_INVALID', '/plan'],
    [{ more: 1 }, 'REQUEST_INVALID', '/more'],
    [{ model: { version: 1 } }, 'MODEL_INVALID', '/model/routers'],
    [{ plan: { status: 'optimal' } }, 'PLAN_INVALID', '/plan'],
    [{ options: { ingress: 'magic' } }, 'OPTIONS_INVALID', '/options/ingress'],
    [{ model: { ...model, asn: 64999 } }, 'PLAN_INVALID', '/plan/modelHash'],
  ])('%j: %s at %s', async (change, code, pointer) => {
    const response = await post('/v1/policy', { model, plan, ...change });
    expect(response.statusCode).toBe(400);
    const problem = response.json();
    expect(problem.code).toBe(code);
    expect(problem.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('POST /v1/explain explains', async () => {
    const response = await post('/v1/explain', { model, plan, options: { prefix: 'P1', neighbor: 'A1' } });
    expect(response.statusCode).toBe(200);
    expect(Value.Check(ExplanationSchema, response.json())).toBe(true);
    expect(response.json().pairs[0].alternatives[2]).toMatchObject({ forced: { status: 'optimal', difference: 50 } });
    const faulty = await post('/v1/explain', { model, plan, options: { prefix: 'P9' } });
    expect(faulty.statusCode).toBe(400);
    expect(faulty.json().errors).toMatchObject([{ pointer: '/options/prefix' }]);
  });

  it('is in the OpenAPI document', async () => {
    const { paths } = (await app.inject('/openapi.json')).json();
    expect(paths['/v1/explain'].post).toBeDefined();
    expect(paths['/v1/policy'].post.responses['200'].content['application/json'].schema).toBeDefined();
  });
});
