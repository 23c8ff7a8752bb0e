import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { longInstance } from './long-instance.ts';
import { runHere, runProcess, STACK_TRACE } from './run-cli.ts';

const INPUT = JSON.stringify(longInstance());
const LONG = ['--gap-target', '0', '--time-limit', '50'];
/** The progress bar tells of the first iteration. */
const SOLVING = /alternating, best/;

describe('an interrupt', () => {
  it.each(['ses', 'mes'])('ends a solve (%s) with the best plan so far', async (variant) => {
    const started = performance.now();
    const { code, stdout, stderr } = await runHere(['solve', '-', '--json', '--variant', variant, ...LONG], {
      input: INPUT,
      interruptOn: SOLVING,
    });
    expect(stderr).toContain('stopping with the best plan so far');
    expect(stderr).not.toMatch(STACK_TRACE);
    expect(JSON.parse(stdout)).toMatchObject({ variant, stopped: 'cancelled', status: 'feasible' });
    expect(code).toBe(130);
    expect(performance.now() - started).toBeLessThan(40_000);
  });

  it('still writes the plan to its file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'egresso-'));
    try {
      const path = join(folder, 'plan.json');
      const options = { input: INPUT, interruptOn: SOLVING };
      const { code, stdout } = await runHere(['solve', '-', '-o', path, ...LONG], options);
      expect(code).toBe(130);
      expect(stdout).toMatch(/^Status +feasible; it was interrupted$/m);
      expect((JSON.parse(await readFile(path, 'utf8')) as Plan).stopped).toBe('cancelled');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

it('a second interrupt ends the process at once', async () => {
  const requests: Promise<unknown>[] = [];
  const { code } = await runProcess(['serve', '--port', '0'], {
    onOutput: ({ stdout }, kill) => {
      const url = /http:\/\/\S+/.exec(stdout)?.[0];
      if (url === undefined || requests.length > 0) return;
      // A request in flight, which an orderly end would wait for.
      const body = JSON.stringify({ model: longInstance(), options: { gapTarget: 0, timeLimitMs: 50_000 } });
      const headers = { 'content-type': 'application/json' };
      requests.push(fetch(`${url}/v1/solve`, { method: 'POST', headers, body }).catch(() => null));
      setTimeout(() => kill('SIGINT'), 1000);
      setTimeout(() => kill('SIGINT'), 1500);
    },
  });
  expect(await Promise.all(requests)).toEqual([null]);
  expect(code).toBe(130);
});
