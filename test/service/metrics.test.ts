import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../src/service/app.ts';
import { SolverPool } from '../../src/service/pool.ts';

const model = JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));

let app: FastifyInstance;
let pool: SolverPool;
beforeAll(async () => {
  pool = new SolverPool({ threads: 1, queueLimit: 4 });
  await pool.whenReady();
  app = await buildApp(pool, { logger: false, memoryBytes: 1e9 });
});
afterAll(() => app.close());

const solve = (options: object) => app.inject({ method: 'POST', url: '/v1/solve', payload: { model, options } });

/** The samples by name and labels, as Prometheus would read them. */
async function samples(): Promise<Map<string, number>> {
  const response = await app.inject('/metrics');
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = response.body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

describe('GET /metrics', () => {
  it('counts requests, waits, runs, steps, phases, plans and gaps', async () => {
    for (const variant of ['ses', 'mes']) expect((await solve({ variant })).statusCode).toBe(200);
    const told = await samples();
    const requests = 'egresso_http_request_duration_seconds_count{method="POST",route="/v1/solve",status="200"}';
    expect(told.get(requests)).toBe(2);
    expect(told.get('egresso_queue_wait_seconds_count{operation="solve"}')).toBe(2);
    expect(told.get('egresso_run_duration_seconds_count{operation="solve",outcome="done"}')).toBe(2);
    expect(told.get('egresso_plans_total{status="optimal",stopped="done"}')).toBe(2);
    expect(told.get('egresso_plan_gap_bucket{le="0.0001"}')).toBe(2);
    const run = told.get('egresso_step_seconds_total{operation="solve",step="run"}') as number;
    expect(run).toBeGreaterThan(0);
    const phases = [...told].filter(([name]) => name.startsWith('egresso_phase_seconds_total'));
    expect(phases.map(([name]) => name)).toContain('egresso_phase_seconds_total{phase="bound"}');
    expect(phases.reduce((sum, [, seconds]) => sum + seconds, 0)).toBeLessThanOrEqual(run * 1.001);
    for (const part of ['kernels', 'highs']) {
      const seconds = told.get(`egresso_solver_seconds_total{part="${part}"}`) as number;
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThan(run);
    }
  });

  it('counts refusals by code, whatever the path', async () => {
    await solve({ variant: 'both' });
    for (const path of ['/v1/nothing', '/etc/passwd']) await app.inject(path);
    const told = await samples();
    expect(told.get('egresso_rejects_total{code="OPTIONS_INVALID"}')).toBe(1);
    expect(told.get('egresso_rejects_total{code="ROUTE_NOT_FOUND"}')).toBe(2);
    expect([...told.keys()].join()).not.toMatch(/passwd|nothing/);
  });

  it('tells the state of the queue, of the threads and of the memory', async () => {
    const told = await samples();
    expect(told.get('egresso_queue_length')).toBe(0);
    expect(told.get('egresso_runs_in_flight')).toBe(0);
    expect(told.get('egresso_threads')).toBe(1);
    expect(told.get('egresso_threads_loaded')).toBeGreaterThanOrEqual(1);
    expect(told.get('egresso_admitted_bytes')).toBe(0);
    expect(told.get('egresso_admission_limit_bytes')).toBe(1e9);
    expect(told.get('egresso_thread_memory_bytes{thread="0"}')).toBeGreaterThan(1e6);
    expect(told.get('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect([...told.keys()].some((name) => name.startsWith('nodejs_eventloop_lag'))).toBe(true);
  });
});
