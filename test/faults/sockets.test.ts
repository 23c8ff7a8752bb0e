/** Clients that send their header or their body a byte at a time: all are cut off, and nobody else notices. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { figure, PATIENCE, percentile, scaled } from './scale.ts';
import { ServiceProcess } from './service-process.ts';

const TIMEOUT_SECONDS = 5;
/** How often the service looks for connections that are late. */
const CHECK_MS = 1000;
const BYTE_INTERVAL_MS = 400;
const model = readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8');
const SOLVE = `{"model": ${model}, "options": {"method": "biggest-first"}}`;
const JSON_HEADER = { 'content-type': 'application/json' };
const HEAD = 'POST /v1/solve HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

let service: ServiceProcess;
beforeAll(async () => {
  service = await ServiceProcess.start(['--threads', '1', '--request-timeout', String(TIMEOUT_SECONDS)]);
});
afterAll(() => service.stop());

/** Resolves with the time that the service took to hang up, ms, and what it said. */
async function dawdle(start: string): Promise<{ ms: number; said: string }> {
  const socket: Socket = connect(service.port, '127.0.0.1');
  const said: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => said.push(chunk));
  socket.on('error', () => {});
  await once(socket, 'connect');
  const started = performance.now();
  socket.write(start);
  const timer = setInterval(() => socket.write('x'), BYTE_INTERVAL_MS);
  await once(socket, 'close');
  clearInterval(timer);
  return { ms: performance.now() - started, said: Buffer.concat(said).toString() };
}

async function latencies(durationMs: number): Promise<number[]> {
  const times: number[] = [];
  for (const end = performance.now() + durationMs; performance.now() < end; ) {
    const started = performance.now();
    const { status } = await service.send({ path: '/v1/solve', headers: JSON_HEADER, body: SOLVE });
    times.push(performance.now() - started);
    expect(status).toBe(200);
    await delay(5);
  }
  return times;
}

it('slow headers and slow bodies are cut off in time, and normal requests go on', async () => {
  await latencies(1000);
  const before = await latencies(3000);
  const count = scaled(500) / 2;
  const slow = [
    ...Array.from({ length: count }, () => dawdle(`${HEAD}X-Slow: `)),
    ...Array.from({ length: count }, () => dawdle(`${HEAD}Content-Length: 100000\r\n\r\n{`)),
  ];
  const during = await latencies(TIMEOUT_SECONDS * 1000 - 500);
  const ends = await Promise.all(slow);
  for (const { ms, said } of ends) {
    expect(ms).toBeLessThan(TIMEOUT_SECONDS * 1000 + 2 * CHECK_MS + 1000);
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
  }
  const [calm, busy] = [before, during].map((times) => percentile(times, 0.99));
  expect(busy).toBeLessThan(2 * PATIENCE * calm);
  const last = Math.max(...ends.map(({ ms }) => ms)) / 1000;
  const told = `${ends.length} cut off with 408, the last after ${last.toFixed(1)} s (timeout ${TIMEOUT_SECONDS} s)`;
  figure('slow sockets', `${told}; p99 of normal solves ${calm.toFixed(1)} ms before, ${busy.toFixed(1)} ms meanwhile`);
}, 60_000);
