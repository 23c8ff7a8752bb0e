/** What only a real connection shows: clients that leave, that are slow, that speak no HTTP, and closing. */
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AppOptions, buildApp } from '../../src/service/app.ts';
import { SolverPool } from '../../src/service/pool.ts';

const OBEDIENT = new URL('./workers/obedient.ts', import.meta.url);

let app: FastifyInstance;
let pool: SolverPool;
let url: string;
const sockets: Socket[] = [];

async function start(options: AppOptions = {}, queueLimit = 0): Promise<void> {
  pool = new SolverPool({ threads: 1, queueLimit, worker: OBEDIENT });
  await pool.whenReady();
  app = await buildApp(pool, { logger: false, ...options });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

const solve = (body: string, signal: AbortSignal | null = null): Promise<Response> =>
  fetch(`${url}/v1/solve`, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal });

async function statusOf(body: string): Promise<number> {
  const response = await solve(body);
  await response.arrayBuffer();
  return response.status;
}

/** Sends text as it is; resolves with everything that comes back until the server hangs up. */
async function sendRaw(text: string): Promise<string> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(received).toString();
}

describe('a client that goes away', () => {
  it('frees the only thread and the only place', async () => {
    await start();
    const client = new AbortController();
    const held = solve('hold', client.signal);
    await vi.waitFor(async () => expect(await statusOf('echo')).toBe(503), { timeout: 10_000 });
    client.abort();
    await expect(held).rejects.toThrow();
    await vi.waitFor(async () => expect(await statusOf('echo')).toBe(200), { timeout: 10_000 });
    // Nobody was told, but whoever watches.
    const { body } = await app.inject('/metrics');
    expect(body).toContain('http_request_duration_seconds_count{method="POST",route="/v1/solve",status="499"} 1\n');
    expect(body).toContain('http_request_duration_seconds_count{method="POST",route="/v1/solve",status="200"} 1\n');
  });

  it('keeps nobody out while it uploads, and holds nothing when it leaves', async () => {
    await start();
    const head =
      'POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\nec';
    const uploads = Array.from({ length: 20 }, () => connect((app.server.address() as AddressInfo).port, '127.0.0.1'));
    sockets.push(...uploads);
    for (const socket of uploads) socket.write(head);
    await delay(50);
    expect(await statusOf('echo')).toBe(200);
    for (const socket of uploads) socket.destroy();
    expect(await statusOf('echo')).toBe(200);
  });
});

describe('Expect: 100-continue', () => {
  const head = (length: number) =>
    `POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;

  it('is answered before the body when the request is taken', async () => {
    await start();
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    socket.write(head(4));
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('echo');
    const [second] = (await once(socket, 'data')) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('is answered with the refusal where it is not', async () => {
    await start({ bodyLimit: 10 });
    const received = await sendRaw(head(11));
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('a connection', () => {
  const problemIn = (received: string) => JSON.parse(received.slice(received.indexOf('\r\n\r\n')));

  it('that carries no HTTP gets a problem document', async () => {
    await start();
    const received = await sendRaw('hello\r\n\r\n');
    expect(received).toMatch(/^HTTP\/1\.1 400 /);
    expect(received).toContain('Content-Type: application/problem+json');
    expect(problemIn(received)).toMatchObject({ code: 'REQUEST_INVALID', status: 400 });
  });

  it.each([
    ['without Host', 'Connection: close', 400, 'REQUEST_INVALID'],
    ['that expects something else', 'Host: localhost\r\nExpect: gold', 417, 'EXPECTATION_FAILED'],
  ])('with a request %s gets a problem document', async (_name, fields, status, code) => {
    await start();
    const head = `GET /health/live HTTP/1.1\r\n${fields}\r\nConnection: close\r\n\r\n`;
    expect(problemIn(await sendRaw(head))).toMatchObject({ status, code });
  });

  it('with too many header fields gets 431', async () => {
    await start();
    const received = await sendRaw(`GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(problemIn(received)).toMatchObject({ code: 'HEADERS_TOO_LARGE', status: 431 });
  });

  it('that does not finish its header fields or its body gets 408', async () => {
    await start({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
    const head = 'POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    const received = await Promise.all([sendRaw(head), sendRaw(`${head}Content-Length: 100\r\n\r\nabc`)]);
    for (const text of received) expect(problemIn(text)).toMatchObject({ code: 'REQUEST_TIMEOUT', status: 408 });
    const { body } = await app.inject('/metrics');
    expect(body).toContain('egresso_rejects_total{code="REQUEST_TIMEOUT"} 2');
  });

  it('that sends a body in chunks without end gets 413, and is closed a moment later', async () => {
    await start({ bodyLimit: 1000 });
    const chunk = `200\r\n${'x'.repeat(512)}\r\n`;
    const head =
      'POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n';
    const received = await sendRaw(`${head}\r\n${chunk}${chunk}${chunk}`);
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that has sent all of a body that nobody takes is kept, and so are those who use it after that', async () => {
    await start({ bodyLimit: 1000 });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    const received: string[] = [];
    socket.setEncoding('utf8').on('data', (text: string) => received.push(text));
    const head =
      'POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    // All of it is there before the answer leaves.
    socket.write(`${head}7d0\r\n${'x'.repeat(2000)}\r\n0\r\n\r\n`);
    await vi.waitFor(() => expect(received.join('')).toMatch(/^HTTP\/1\.1 413 /), { timeout: 10_000 });
    await delay(1200);
    expect(socket.closed).toBe(false);
    socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await vi.waitFor(() => expect(received.join('')).toMatch(/HTTP\/1\.1 200 /), { timeout: 10_000 });
  });

  it('that asks for a close and still sends a body that nobody takes reads the answer', async () => {
    await start();
    const sender = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(sender);
    let received = '';
    sender.setEncoding('utf8').on('data', (text: string) => {
      received += text;
    });
    const failed = new Promise<Error>((resolve) => sender.once('error', resolve));
    const head =
      'POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n';
    sender.write(`${head}Content-Length: ${17 * 2 ** 20}\r\n\r\n`);
    for (let sent = 0; sent < 20; sent++) {
      if (!sender.writable) break;
      sender.write('x'.repeat(2 ** 16));
      await delay(5);
    }
    const answered = vi.waitFor(() => expect(received).toMatch(/^HTTP\/1\.1 413 /)).then(() => 'answered');
    expect(await Promise.race([failed, answered])).toBe('answered');
  });

  it.each(['gzip', 'zstd'])('that goes on to send damaged %s reads the answer, and is kept', async (encoding) => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'egresso-'));
    await start({ jobs: { dataDirectory: directory.path } });
    const sender = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(sender);
    let received = '';
    sender.setEncoding('utf8').on('data', (text: string) => {
      received += text;
    });
    const body = Buffer.alloc(9 * 2 ** 20, 'no compression');
    const head = `POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Encoding: ${encoding}\r\n`;
    sender.write(`${head}Content-Length: ${body.length}\r\n\r\n`);
    sender.write(body);
    await vi.waitFor(() => expect(received).toMatch(/^HTTP\/1\.1 400 /), { timeout: 10_000 });
    await delay(1200);
    sender.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await vi.waitFor(() => expect(received).toMatch(/HTTP\/1\.1 200 /), { timeout: 10_000 });
  });

  it('that still sends a body that nobody takes reads the answer', async () => {
    await start();
    for (let i = 0; i < 5; i++) {
      const response = await solve(' '.repeat(17 * 2 ** 20));
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ code: 'BODY_TOO_LARGE' });
    }
    expect(await statusOf('echo')).toBe(200);
  });
});

describe('closing', () => {
  it('lets requests in flight end in their time, then asks them to', async () => {
    await start({ closeGraceMs: 100 }, 4);
    const held = solve('hold');
    const waiting = solve('echo');
    await vi.waitFor(() => expect(pool.load).toEqual({ waiting: 1, running: 1 }), { timeout: 10_000 });
    const closed = app.close();
    expect((await held).status).toBe(200);
    expect(await (await held).text()).toContain('hold');
    expect((await waiting).status).toBe(503);
    expect(await (await waiting).json()).toMatchObject({ code: 'INTERRUPTED' });
    await closed;
    await expect(solve('echo')).rejects.toThrow();
  });

  it('gives requests more time than a framework gives to its hooks', async () => {
    await start({ closeGraceMs: 10_500 });
    const held = solve('hold');
    await vi.waitFor(() => expect(pool.load.running).toBe(1), { timeout: 10_000 });
    const started = performance.now();
    const closed = app.close();
    expect((await held).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(10_400);
    await closed;
  });

  it('refuses what comes while it closes', async () => {
    await start({ closeGraceMs: 500 }, 4);
    const held = solve('hold');
    await vi.waitFor(() => expect(pool.load.running).toBe(1), { timeout: 10_000 });
    const closed = app.close();
    const response = await solve('echo');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect((await held).status).toBe(200);
    await closed;
  });

  it('does not wait for a connection that never sends a request', async () => {
    await start();
    const accepted = once(app.server, 'connection');
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    await accepted;
    const hungUp = once(socket, 'close');
    await app.close();
    await hungUp;
  });
});
