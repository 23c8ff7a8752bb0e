/** The clients that are shipped, against a service. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { solve } from '../src/solve.ts';
import { EXAMPLE } from './cli/run-cli.ts';
import { type Served, serveIn } from './service/jobs/serve-process.ts';

const model = JSON.parse(readFileSync(EXAMPLE, 'utf8'));
const directory = mkdtempSync(join(tmpdir(), 'egresso-clients-'));

let service: Served;
beforeAll(async () => {
  service = await serveIn(directory);
});
afterAll(async () => {
  await service.kill('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
});

describe('solve_job.py', () => {
  const script = fileURLToPath(new URL('../examples/clients/solve_job.py', import.meta.url));

  async function run(argv: string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = spawn('python3', [script, '--url', service.url, ...argv]);
    child.stdin.end(input);
    const closed = new Promise<number>((resolve) => child.on('close', resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await closed, stdout, stderr };
  }

  it('prints the plan, and tells states and progress; the same model is the same job', async () => {
    const { code, stdout, stderr } = await run([EXAMPLE, '--variant', 'mes']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^job \S+\n[\s\S]*done\n$/)]);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(await solve(model, { variant: 'mes' }))));
    expect(stderr).toMatch(/best \d+.*, bound \d+/);
    const again = await run(['-', '--variant', 'mes'], JSON.stringify(model));
    expect(again.stdout).toBe(stdout);
    expect(again.stderr.split('\n')[0]).toBe(stderr.split('\n')[0]);
  });

  it('tells what is wrong with a model', async () => {
    const { code, stdout, stderr } = await run(['-'], '{"version": 1, "routers": []}');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/MODEL_INVALID: /);
  });

  it('tells a refusal', async () => {
    const { code, stderr } = await run(['-', '--time-limit', '-1'], JSON.stringify(model));
    expect(code).toBe(1);
    expect(stderr).toMatch(/OPTIONS_INVALID/);
  });
});
