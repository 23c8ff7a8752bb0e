/** HTTP as such, over workers that obey instead of solving. */
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR_CATALOG, type ErrorCode } from '../../src/errors.ts';
import { type AppOptions, buildApp } from '../../src/service/app.ts';
import { SolverPool } from '../../src/service/pool.ts';

const OBEDIENT = new URL('./workers/obedient.ts', import.meta.url);

let app: FastifyInstance;
let pool: SolverPool;
let log: string[];

async function start(options: AppOptions = {}, queueLimit = 4): Promise<void> {
  pool = new SolverPool({ threads: 1, queueLimit, worker: OBEDIENT });
  log = [];
  const stream = { write: (line: string) => log.push(line) };
  app = await buildApp(pool, { logger: { level: 'info', stream }, ...options });
}

beforeEach(() => start());
afterEach(() => app.close());

const post = (url: string, payload: string | Buffer, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json', ...headers } });

function expectProblem(response: LightMyRequestResponse, code: ErrorCode): void {
  const { status, title } = ERROR_CATALOG[code];
  expect(response.headers['content-type']).toBe('application/problem+json');
  expect(response.json()).toMatchObject({ type: `/problems/${code}`, title, status, code });
  expect(response.json()).toEqual(
    expect.objectContaining({ detail: expect.any(String), errors: expect.any(Array), errorCount: expect.any(Number) }),
  );
  expect(response.statusCode).toBe(status);
  expect(response.body).not.toMatch(/secret|\n\s+at |node_modules|FST_/);
}

describe('answers', () => {
  it.each(['/v1/solve', '/v1/gap', '/v1/validate'])('POST %s writes the bytes of the worker', async (url) => {
    const response = await post(url, 'echo');
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(response.headers['server-timing']).toBe('decode;dur=0.000, run;dur=1.000, encode;dur=0.000');
    expect(response.body).toMatch(/^\d+ echo$/);
  });

  it('names the media type that the client accepts', async () => {
    const response = await post('/v1/solve', 'echo', { accept: 'application/msgpack' });
    expect(response.headers['content-type']).toBe('application/msgpack');
  });

  it('hands on a large body and one of no bytes', async () => {
    const large = 'x'.repeat(3_000_000);
    expect((await post('/v1/solve', large)).body.replace(/^\d+ /, '')).toBe(large);
    expect((await post('/v1/solve', '')).body).toMatch(/^\d+ $/);
  });

  it('logs requests without their bodies', async () => {
    await post('/v1/solve', 'echo "confidential"');
    expect(log.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ reqId: 'req-1', method: 'POST', url: '/v1/solve', statusCode: 200, msg: 'request' }),
    ]);
    expect(log.join('')).not.toContain('confidential');
  });
});

describe('problems', () => {
  it('405 with Allow for a known path, 404 for the others', async () => {
    const wrong: [InjectOptions['method'], string, string][] = [
      ['GET', '/v1/solve', 'POST'],
      ['DELETE', '/v1/gap', 'POST'],
      ['OPTIONS', '/v1/validate', 'POST'],
      ['POST', '/health/live', 'GET, HEAD'],
      ['PUT', '/openapi.json', 'GET, HEAD'],
    ];
    for (const [method, url, allow] of wrong) {
      const response = await app.inject({ method, url } as InjectOptions);
      expectProblem(response, 'METHOD_NOT_ALLOWED');
      expect(response.headers.allow).toBe(allow);
    }
    expectProblem(await app.inject({ method: 'GET', url: '/v1/nothing' }), 'ROUTE_NOT_FOUND');
    expectProblem(await post('/v2/solve', 'echo'), 'ROUTE_NOT_FOUND');
  });

  it('415 and 406 for other media types', async () => {
    expectProblem(await post('/v1/solve', 'echo', { 'content-type': 'text/plain' }), 'MEDIA_TYPE_UNSUPPORTED');
    expectProblem(await post('/v1/solve', 'echo', { 'content-encoding': 'br' }), 'MEDIA_TYPE_UNSUPPORTED');
    expectProblem(await app.inject({ method: 'POST', url: '/v1/solve' }), 'MEDIA_TYPE_UNSUPPORTED');
    expectProblem(await post('/v1/solve', 'echo', { accept: 'text/html' }), 'NOT_ACCEPTABLE');
  });

  it('413 for a body above the limit, declared or not', async () => {
    await app.close();
    await start({ bodyLimit: 10 });
    expectProblem(await post('/v1/solve', 'x'.repeat(11)), 'BODY_TOO_LARGE');
    expect((await post('/v1/solve', 'x'.repeat(10))).statusCode).toBe(200);
  });

  it('400 for a length that is not that of the body, and for a path that is none', async () => {
    expectProblem(await post('/v1/solve', 'echo', { 'content-length': '3' }), 'REQUEST_INVALID');
    expectProblem(await app.inject({ method: 'GET', url: '/%zz' }), 'REQUEST_INVALID');
  });

  it('500 for one request when its worker dies, throws or is spent; the reason goes to the log', async () => {
    for (const [order, code] of [
      ['die', 'WORKER_DIED'],
      ['throw', 'INTERNAL'],
      ['spend', 'SOLVER_FAILED'],
    ] as const) {
      log.length = 0;
      expectProblem(await post('/v1/solve', order), code);
      expect(log.join('')).toMatch(order === 'die' ? /ended by itself/ : /secret/);
      expect((await post('/v1/solve', 'echo')).statusCode).toBe(200);
    }
  });

  it('503 with Retry-After when every place is taken, whatever the route, and again room when one is free', async () => {
    await app.close();
    await start({}, 1);
    const places = [pool.admit(), pool.admit()];
    for (const url of ['/v1/solve', '/v1/gap', '/v1/validate']) {
      const response = await post(url, 'echo');
      expectProblem(response, 'SERVICE_BUSY');
      expect(response.headers['retry-after']).toBe('1');
    }
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    places[0][Symbol.dispose]();
    expect((await post('/v1/solve', 'echo')).statusCode).toBe(200);
  });

  it('gives the place of every request back, whatever its end', async () => {
    for (let i = 0; i < 6; i++) {
      expect((await post('/v1/solve', 'echo')).statusCode).toBe(200);
      expectProblem(await post('/v1/solve', 'echo', { 'content-length': '3' }), 'REQUEST_INVALID');
      expectProblem(await post('/v1/solve', 'spend'), 'SOLVER_FAILED');
    }
  });
});

describe('health', () => {
  it('is live at once and ready when a thread has loaded', async () => {
    expect((await app.inject('/health/live')).json()).toEqual({ status: 'live' });
    await pool.whenReady();
    expect((await app.inject('/health/ready')).json()).toEqual({ status: 'ready' });
    expect((await app.inject({ method: 'HEAD', url: '/health/ready' })).statusCode).toBe(200);
  });

  it('is not ready without a thread', async () => {
    await app.close();
    const unloadable = new URL('./workers/unloadable.ts', import.meta.url);
    pool = new SolverPool({ threads: 1, queueLimit: 1, worker: unloadable });
    app = await buildApp(pool, { logger: false });
    await expect(pool.whenReady()).rejects.toThrow();
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    const response = await app.inject('/health/ready');
    expectProblem(response, 'SERVICE_UNAVAILABLE');
    expect(response.headers['retry-after']).toBe('1');
  });
});
