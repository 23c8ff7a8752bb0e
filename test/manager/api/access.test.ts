/** Every route of the manager with every kind of key, and what is no request. */
import { createConnection } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gate } from '../../../src/http/access/gate.ts';
import { KeySet } from '../../../src/http/access/key-set.ts';
import { ROUTES } from '../../../src/manager/api/routes.ts';
import { apiGate, type ManagerApi, startApi } from '../../../src/manager/api/server.ts';
import { ManagedRun } from '../../../src/manager/managed-run.ts';
import { Network } from '../paper-network.ts';

const [READER, OPERATOR, SLOW] = ['r', 'o', 's'].map((letter) => letter.repeat(40));
const keys = KeySet.parse(
  JSON.stringify([
    { id: 'reader', role: 'solve', key: READER },
    { id: 'operator', role: 'admin', key: OPERATOR },
    { id: 'slow', role: 'solve', key: SLOW, requestsPerMinute: 1 },
  ]),
  'keys',
);
const SWITCHES = ['/v1/manager/pause', '/v1/manager/resume', '/v1/manager/withdraw'];

let run: ManagedRun;
let api: ManagerApi;

beforeEach(async () => {
  run = new ManagedRun(new Network().manager(), 20, null, false, new AsyncDisposableStack());
  api = await startApi(run, { port: 0 }, new Gate(keys));
});

afterEach(async () => {
  await api[Symbol.asyncDispose]();
  await run[Symbol.asyncDispose]();
});

async function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(`${api.url}${path}`, { method, headers });
  // Events never end.
  if (response.headers.get('content-type') === 'text/event-stream') await response.body?.cancel();
  return response;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function expectProblem(response: Response, status: number, code: string, challenge: string): Promise<void> {
  expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  expect(response.headers.get('www-authenticate')).toBe(challenge);
  expect(await response.json()).toMatchObject({ type: `/problems/${code}`, status, code });
}

function routes(): [method: string, path: string][] {
  return Object.entries(ROUTES).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method, path]),
  );
}

describe('with keys', () => {
  it('every route asks for a key that is known, and one that is not there too', async () => {
    expect(routes()).toHaveLength(7);
    for (const [method, path] of [...routes(), ['GET', '/v1/nothing'], ['DELETE', '/v1/manager']]) {
      await expectProblem(await ask(method, path), 401, 'UNAUTHENTICATED', 'Bearer realm="egresso"');
      const wrong = await ask(method, path, bearer('x'.repeat(40)));
      await expectProblem(wrong, 401, 'UNAUTHENTICATED', 'Bearer realm="egresso", error="invalid_token"');
    }
    expect(run.manager.isPaused).toBe(false);
  });

  it('any key may look, and an admin alone may turn switches', async () => {
    for (const [method, path] of routes()) {
      const answered = await ask(method, path, bearer(READER));
      if (SWITCHES.includes(path)) {
        await expectProblem(answered, 403, 'FORBIDDEN', 'Bearer realm="egresso", error="insufficient_scope"');
      } else expect([path, answered.status]).toEqual([path, 200]);
    }
    expect(run.manager.isPaused).toBe(false);
    for (const [method, path] of routes()) {
      expect([path, (await ask(method, path, bearer(OPERATOR))).status]).toEqual([path, 200]);
    }
    expect(run.manager.isPaused).toBe(true);
  });

  it('whatever it calls this machine, and from whatever page', async () => {
    const headers = { ...bearer(READER), origin: 'https://grafana.example' };
    expect((await ask('GET', '/v1/manager', headers)).status).toBe(200);
  });

  it('as often as its key may', async () => {
    expect((await ask('GET', '/v1/manager', bearer(SLOW))).status).toBe(200);
    const refused = await ask('GET', '/v1/manager', bearer(SLOW));
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, 60]);
  });
});

describe('limits', () => {
  it('refuse a body, but not one for the sake of form', async () => {
    const post = (body: string) =>
      fetch(`${api.url}/v1/manager/pause`, { method: 'POST', headers: bearer(OPERATOR), body });
    expect((await post('{}')).status).toBe(200);
    expect((await post('x'.repeat(2_000))).status).toBe(413);
  });

  it('refuse one listener too many, and let another in when one has gone', async () => {
    const listen = async () => {
      const ending = new AbortController();
      const { status } = await fetch(`${api.url}/v1/manager/events`, {
        headers: bearer(READER),
        signal: ending.signal,
      });
      return { status, ending };
    };
    const listeners = await Promise.all(Array.from({ length: 64 }, listen));
    expect(listeners.every(({ status }) => status === 200)).toBe(true);
    const refused = await ask('GET', '/v1/manager/events', bearer(READER));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    for (const { ending } of listeners) ending.abort();
    await expect.poll(() => run.listenerCount).toBe(0);
    expect((await listen()).status).toBe(200);
  });

  it('cut off who does not end its request, and say so', async () => {
    await using hasty = await startApi(run, { port: 0, headersTimeoutMs: 100 }, new Gate(keys));
    const { hostname, port } = new URL(hasty.url);
    const sockets = Array.from({ length: 20 }, () => createConnection(Number(port), hostname));
    const answers = sockets.map(async (socket) => {
      socket.write('GET /v1/manager HTTP/1.1\r\nHost: ');
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return text;
    });
    for (const text of await Promise.all(answers)) {
      expect(text).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"REQUEST_TIMEOUT"/);
    }
  });

  it('say what is no HTTP', async () => {
    const { hostname, port } = new URL(api.url);
    const socket = createConnection(Number(port), hostname);
    socket.end('nonsense\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"REQUEST_INVALID"/);
  });
});

it('without keys only this machine is listened on', async () => {
  for (const host of ['0.0.0.0', '::', '', '192.0.2.1', 'nowhere.invalid']) {
    await expect(apiGate(host, undefined)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      errors: [{ pointer: '/api/host' }],
    });
    expect((await apiGate(host, keys)).hasKeys).toBe(true);
  }
  for (const host of ['127.0.0.1', '127.0.0.2', '::1', 'localhost']) {
    expect((await apiGate(host, undefined)).hasKeys).toBe(false);
  }
});

it('without keys other names of this machine are refused, and pages', async () => {
  await using local = await startApi(run, { port: 0 });
  const status = async (headers: Record<string, string>): Promise<number> => {
    const { hostname, port } = new URL(local.url);
    const socket = createConnection(Number(port), hostname);
    const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}`);
    socket.end(['GET /v1/manager HTTP/1.1', ...lines, '', ''].join('\r\n'));
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return Number(text.split(' ')[1]);
  };
  expect(await status({ host: 'localhost:8081' })).toBe(200);
  expect(await status({ host: 'rebound.example' })).toBe(403);
  expect(await status({ host: 'localhost', origin: 'http://localhost:3000' })).toBe(403);
});
