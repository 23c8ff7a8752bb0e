/** Writes `src/client/operations.ts` from the OpenAPI document of this checkout. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ProblemSchema } from '../src/http/problem.ts';
import { ModelSchema } from '../src/model/schema.ts';
import { PlanSchema } from '../src/plan/plan.ts';
import { buildApp } from '../src/service/app.ts';
import { BatchSchema, ItemSchema } from '../src/service/jobs/batch-view.ts';
import { JobSchema } from '../src/service/jobs/job-view.ts';
import { SolverPool } from '../src/service/pool.ts';
import { clientTypes, type OpenApiDocument, type Schema } from './client-types.ts';

const NAMED = {
  Model: ModelSchema,
  Plan: PlanSchema,
  Problem: ProblemSchema,
  Job: JobSchema,
  Batch: BatchSchema,
  BatchItem: ItemSchema,
} as unknown as Record<string, Schema>;

/** Formatted, as it stands in the file. */
export async function generateClient(): Promise<string> {
  const pool = new SolverPool({ threads: 1, queueLimit: 1 });
  const app = await buildApp(pool, { logger: false });
  const document: OpenApiDocument = (await app.inject('/openapi.json')).json();
  await app.close();
  return formatted(clientTypes(document, NAMED));
}

function formatted(text: string): string {
  const { status, stdout, stderr } = spawnSync('biome', ['format', '--stdin-file-path=operations.ts'], {
    input: text,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../src/client/operations.ts', import.meta.url), await generateClient());
}
