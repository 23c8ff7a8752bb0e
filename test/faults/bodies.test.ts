/** Damaged and hostile bodies, sent to a real process: it neither falls nor grows, and says what is wrong. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOMBS } from './bombs.ts';
import { mutatedBodies, SOLVER_SEEDS } from './mutations.ts';
import { expectReason } from './reasons.ts';
import { figure, scaled } from './scale.ts';
import { ServiceProcess } from './service-process.ts';

const SENDERS = 8;
const MEGABYTE = 1e6;

let service: ServiceProcess;
beforeAll(async () => {
  service = await ServiceProcess.start(['--threads', '1', '--memory', '20000']);
});
afterAll(() => service.stop());

describe('bombs', () => {
  it('are many', () => expect(BOMBS.length).toBeGreaterThanOrEqual(40));

  it.each(BOMBS)('$name: $status', async ({ type, encoding, body, status }) => {
    const headers = { 'content-type': type, ...(encoding !== undefined && { 'content-encoding': encoding }) };
    const reply = await service.send({ path: '/v1/solve', headers, body });
    expect([reply.status, reply.body.toString('utf8', 0, 300)]).toEqual([status, expect.any(String)]);
    if (status !== 200) expectReason(reply);
    expect(service.isAlive).toBe(true);
  });

  it('leave the service as it was', async () => {
    const ready = await service.send({ method: 'GET', path: '/health/ready' });
    expect(ready.status).toBe(200);
    figure('payload bombs', `${BOMBS.length} sent, 0 crashes, 0 × 5xx`);
  });
});

it('mutated bodies are answered or refused with a reason, in flat memory', async () => {
  const count = scaled(100_000);
  const bodies = mutatedBodies(SOLVER_SEEDS, 7, count);
  const statuses = new Map<number, number>();
  const memory: number[] = [];
  let sent = 0;
  const send = async (): Promise<void> => {
    for (const { path, type, body } of bodies) {
      const reply = await service.send({ path, headers: { 'content-type': type }, body });
      statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
      if (reply.status !== 200) expectReason(reply);
      if (++sent % (count / 20) === 0) memory.push(service.residentBytes / MEGABYTE);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  expect([...statuses.values()].reduce((sum, n) => sum + n)).toBe(count);
  expect([...statuses.keys()].filter((status) => status !== 200 && status !== 400)).toEqual([]);
  expect(Math.max(...memory.slice(10))).toBeLessThan(1.2 * Math.max(...memory.slice(0, 10)) + 50);
  expect(service.isAlive).toBe(true);
  const told = [...statuses].map(([status, n]) => `${n} × ${status}`).join(', ');
  figure(
    'mutated bodies',
    `${count} sent: ${told}; resident ${memory[1].toFixed(0)} MB, at the end ${memory.at(-1)?.toFixed(0)} MB`,
  );
}, 600_000);
