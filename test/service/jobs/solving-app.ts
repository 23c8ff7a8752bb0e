/** An app with jobs on a thread that solves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../../src/service/app.ts';
import { SolverPool } from '../../../src/service/pool.ts';

export interface SolvingApp extends AsyncDisposable {
  readonly app: FastifyInstance;
  /** Closes the app, and opens another over the same directory. */
  reopen(): Promise<SolvingApp>;
}

export async function startSolvingApp(
  directory = mkdtempSync(join(tmpdir(), 'egresso-solving-')),
): Promise<SolvingApp> {
  const pool = new SolverPool({ threads: 1, queueLimit: 4 });
  await pool.whenReady();
  const app = await buildApp(pool, { logger: false, jobs: { dataDirectory: directory }, closeGraceMs: 100 });
  return {
    app,
    async reopen() {
      await app.close();
      return startSolvingApp(directory);
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
