/** Every route with every kind of key. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maySee } from '../../../src/http/access/caller.ts';
import { KeySet } from '../../../src/http/access/key-set.ts';
import { buildApp } from '../../../src/service/app.ts';
import { SolverPool } from '../../../src/service/pool.ts';

const OBEDIENT = new URL('../workers/obedient.ts', import.meta.url);
const [PLANNER, ADMIN, SLOW, SMALL] = ['p', 'a', 's', 'm'].map((letter) => letter.repeat(40));
const keys = KeySet.parse(
  JSON.stringify([
    { id: 'planner', role: 'solve', key: PLANNER },
    { id: 'operator', role: 'admin', key: ADMIN },
    { id: 'slow', role: 'solve', key: SLOW, requestsPerMinute: 60, burst: 2 },
    { id: 'small', role: 'solve', key: SMALL, memoryMegabytes: 30 },
  ]),
  'keys',
);
/** What each path asks for; a path that is not here fails the test below. */
const PUBLIC = ['/health/live', '/health/ready', '/openapi.json'];
const ADMIN_ONLY = ['/metrics'];

const directory = mkdtempSync(join(tmpdir(), 'egresso-'));
let app: FastifyInstance;
const log: string[] = [];
beforeAll(async () => {
  const pool = new SolverPool({ threads: 1, queueLimit: 4, worker: OBEDIENT });
  await pool.whenReady();
  const logger = { stream: { write: (line: string) => log.push(line) } };
  app = await buildApp(pool, { keys, logger, jobs: { dataDirectory: directory } });
});
afterAll(async () => {
  await app.close();
  rmSync(directory, { recursive: true, force: true });
});

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const send = (method: string, url: string, headers: Record<string, string> = {}): Promise<LightMyRequestResponse> =>
  app.inject({
    method: method as 'GET',
    url: url.replaceAll(/\{\w+\}/g, 'x'),
    headers: { ...(method === 'POST' && { 'content-type': 'application/json' }), ...headers },
    ...(method === 'POST' && { payload: 'echo' }),
  });

function routes(): [method: string, path: string][] {
  const { paths } = app.swagger() as { paths: Record<string, object> };
  const listed = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path]),
  );
  return [...listed, ['GET', '/openapi.json']];
}

/** All that the framework knows, from the tree that it prints. */
function* registered(): Generator<[method: string, path: string]> {
  const above: string[] = [];
  for (const [, indent, part, methods] of app
    .printRoutes({ commonPrefix: false })
    .matchAll(/^([│ ]*)[├└]── (\S+) \(([^)]*)\)$/gm)) {
    const depth = indent.length / 4;
    above.splice(depth, Number.POSITIVE_INFINITY, part);
    for (const method of methods.split(', ')) yield [method, above.join('')];
  }
}

function expectProblem(response: LightMyRequestResponse, status: number, code: string, challenge: RegExp): void {
  expect([response.statusCode, response.json().code]).toEqual([status, code]);
  expect(response.headers['content-type']).toBe('application/problem+json');
  expect(response.headers['www-authenticate']).toMatch(challenge);
}

describe('every route', () => {
  it('asks for a key that is known, but for those that are public', async () => {
    expect(routes().length).toBeGreaterThanOrEqual(6);
    for (const [method, path] of routes()) {
      const none = await send(method, path);
      const wrong = await send(method, path, bearer('x'.repeat(40)));
      if (PUBLIC.includes(path)) {
        expect([none.statusCode, wrong.statusCode], path).toEqual([200, 200]);
        continue;
      }
      expectProblem(none, 401, 'UNAUTHENTICATED', /^Bearer realm="egresso"$/);
      expectProblem(wrong, 401, 'UNAUTHENTICATED', /^Bearer realm="egresso", error="invalid_token"$/);
    }
  });

  it('asks for its role', async () => {
    for (const [method, path] of routes()) {
      const solver = await send(method, path, bearer(PLANNER));
      const admin = await send(method, path, bearer(ADMIN));
      if (ADMIN_ONLY.includes(path)) expectProblem(solver, 403, 'FORBIDDEN', /error="insufficient_scope"/);
      else expect([401, 403], path).not.toContain(solver.statusCode);
      expect([401, 403], path).not.toContain(admin.statusCode);
    }
  });

  it('asks as much of HEAD as of GET, and tells it no more', async () => {
    for (const [, path] of routes().filter(([method]) => method === 'GET')) {
      for (const headers of [{}, bearer('x'.repeat(40)), bearer(PLANNER), bearer(ADMIN)]) {
        const [get, head] = [await send('GET', path, headers), await send('HEAD', path, headers)];
        expect([head.statusCode, head.body], path).toEqual([get.statusCode, '']);
        expect(head.headers['www-authenticate']).toBe(get.headers['www-authenticate']);
      }
    }
  });

  it('is in the document, but for the page of it, which is public', async () => {
    const described = new Set(routes().map(([, path]) => path.replaceAll(/\{(\w+)\}/g, ':$1')));
    const others = [...registered()].filter(([, path]) => !described.has(path));
    expect(others.length).toBeGreaterThanOrEqual(10);
    for (const [method, path] of [...others, ['GET', '/docs/static/nothing'], ['GET', '/docs/../../package.json']]) {
      expect(path).toMatch(/^\/docs/);
      expect(['GET', 'HEAD']).toContain(method);
      const answers = [await send(method, path), await send(method, path, bearer('x'.repeat(40)))];
      for (const { statusCode, body } of answers) {
        expect([200, 302, 404], path).toContain(statusCode);
        if (statusCode === 404 && method === 'GET') expect(JSON.parse(body)).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
      }
    }
  });

  it('takes no other methods, whoever asks', async () => {
    const described = new Set(routes().map(([method, path]) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`));
    const others = [...registered()].filter(([method, path]) => {
      const twin = method === 'HEAD' ? 'GET' : method;
      return !path.startsWith('/docs') && !described.has(`${twin} ${path}`);
    });
    expect(others.length).toBeGreaterThan(50);
    for (const [method, path] of others) {
      const { statusCode, headers } = await send(method, path);
      expect([statusCode, headers.allow], `${method} ${path}`).toEqual([405, expect.stringMatching(/^[A-Z, ]+$/)]);
    }
  });
});

describe('a key', () => {
  it.each(['', 'Bearer', 'Bearer ', `Basic ${PLANNER}`, PLANNER, `Bearer ${PLANNER} ${PLANNER}`, `Bearer ${PLANNER}=`])(
    'is not in "%s"',
    async (authorization) => {
      const response = await send('POST', '/v1/solve', { authorization });
      expectProblem(response, 401, 'UNAUTHENTICATED', /invalid_token/);
    },
  );

  it('may be told in any case of "Bearer", and is named in the log, but not shown', async () => {
    log.length = 0;
    expect((await send('POST', '/v1/solve', { authorization: `bearer ${PLANNER}` })).statusCode).toBe(200);
    const told = { caller: 'planner', url: '/v1/solve', statusCode: 200, msg: 'request' };
    expect(log.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining(told));
    expect(log.join('')).not.toContain(PLANNER);
  });

  it('is not asked for where there is nothing, or nothing of this method', async () => {
    expect((await send('GET', '/v1/nothing')).statusCode).toBe(404);
    expect((await send('GET', '/v1/solve')).statusCode).toBe(405);
  });

  it('that comes too often gets 429 and is told when to come again; others are not', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await send('POST', '/v1/validate', bearer(SLOW))).statusCode);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await send('POST', '/v1/solve', bearer(SLOW));
    expect(refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429 });
    expect(Number(refused.headers['retry-after'])).toBe(1);
    expect((await send('POST', '/v1/solve', bearer(PLANNER))).statusCode).toBe(200);
  });

  it('that asks for more memory than it may ever have gets 413, and 429 for what it holds already', async () => {
    const large = {
      method: 'POST',
      url: '/v1/solve',
      headers: { 'content-type': 'application/json', ...bearer(SMALL) },
    };
    const refused = await app.inject({ ...large, method: 'POST', payload: 'x'.repeat(1_000_000) });
    expect(refused.json()).toMatchObject({ code: 'BODY_TOO_LARGE', status: 413 });
    const both = await Promise.all([
      send('POST', '/v1/solve', bearer(SMALL)),
      send('POST', '/v1/solve', bearer(SMALL)),
    ]);
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 429]);
    const limited = both.find(({ statusCode }) => statusCode === 429);
    expect(limited?.json()).toMatchObject({ code: 'MEMORY_LIMITED' });
    expect(limited?.headers['retry-after']).toBe('1');
  });
});

describe.each(['jobs', 'batches'])('what is in %s', (kind) => {
  it('is there for its owner and for admins, and for nobody else', async () => {
    log.length = 0;
    const submitted = await send('POST', `/v1/${kind}`, bearer(PLANNER));
    expect(submitted.statusCode).toBe(202);
    const { id } = submitted.json();
    const accepted = { job: id, owner: 'planner', state: 'queued', msg: 'job' };
    expect(log.map((line) => JSON.parse(line))).toContainEqual(expect.objectContaining(accepted));
    const paths = routes().filter(([, path]) => path.startsWith(`/v1/${kind}/{id}`));
    expect(paths.length).toBeGreaterThanOrEqual(3);
    for (const [method, path] of paths) {
      const other = await send(method, path.replace('{id}', id), bearer(SMALL));
      expect([other.statusCode, other.json().code], `${method} ${path}`).toEqual([404, 'JOB_NOT_FOUND']);
    }
    for (const key of [PLANNER, ADMIN]) {
      expect((await send('GET', `/v1/${kind}/${id}`, bearer(key))).statusCode).toBe(200);
      expect((await send('GET', `/v1/${kind}`, bearer(key))).json()[kind]).toContainEqual(
        expect.objectContaining({ id }),
      );
    }
    const others = (await send('GET', `/v1/${kind}`, bearer(SMALL))).json()[kind];
    expect(others).not.toContainEqual(expect.objectContaining({ id }));
  });
});

it('what belongs to another is seen by admins only', () => {
  const planner = keys.callerOf(PLANNER);
  const admin = keys.callerOf(ADMIN);
  if (planner === undefined || admin === undefined) throw new Error('keys are missing');
  expect([maySee(planner, 'planner'), maySee(planner, 'small'), maySee(admin, 'planner')]).toEqual([true, false, true]);
});

describe('without keys', () => {
  it.each([
    ['localhost:8080', 200],
    ['127.0.0.1', 200],
    ['127.1.2.3:1', 200],
    ['[::1]:8080', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example:8080', 403],
    ['localhost.evil.example', 403],
  ])('a request for %s gets %i', async (host, status) => {
    const pool = new SolverPool({
      threads: 1,
      queueLimit: 1,
      worker: new URL('../workers/obedient.ts', import.meta.url),
    });
    const open = await buildApp(pool, { logger: false });
    try {
      const headers = { host, 'content-type': 'application/json' };
      await pool.whenReady();
      const response = await open.inject({ method: 'POST', url: '/v1/solve', headers, payload: 'echo' });
      expect(response.statusCode).toBe(status);
      expect((await open.inject({ url: '/health/live', headers: { host } })).statusCode).toBe(200);
    } finally {
      await open.close();
    }
  });
});
