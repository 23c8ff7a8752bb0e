/** The service with its real workers, and what it answers. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import Value from 'typebox/value';
import { expect } from 'vitest';
import { buildApp } from '../../src/service/app.ts';
import { SolverPool } from '../../src/service/pool.ts';
import { ProblemSchema } from '../../src/service/problem.ts';

export const model = JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));

export async function startSolver(threads: number, maxTimeLimitMs?: number): Promise<FastifyInstance> {
  const pool = new SolverPool({ threads, queueLimit: 32, maxTimeLimitMs });
  await pool.whenReady();
  return buildApp(pool, { logger: false });
}

export const send = (app: FastifyInstance, url: string, body: unknown): Promise<LightMyRequestResponse> =>
  app.inject({ method: 'POST', url, payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

/** Checks the problem document and gives its pointers. */
export function faultsOf(response: LightMyRequestResponse, code: string): string[] {
  expect(response.statusCode).toBe(400);
  expect(response.headers['content-type']).toBe('application/problem+json');
  expect(response.body).not.toMatch(/\bat .*\.(ts|js):\d|TypeError|undefined/);
  const problem = response.json();
  expect(Value.Check(ProblemSchema, problem)).toBe(true);
  expect(problem.code).toBe(code);
  expect(problem.errorCount).toBeGreaterThanOrEqual(problem.errors.length);
  return problem.errors.map(({ pointer }: { pointer: string }) => pointer);
}
