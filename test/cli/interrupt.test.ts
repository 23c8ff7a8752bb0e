import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { longInstance } from './long-instance.ts';
import { runHere, runProcess, STACK_TRACE } from './run-cli.ts';

const INPUT = JSON.stringify(longInstance());
const LONG = ['--gap-target', '0', '--time-limit', '50'];
/** The progress bar tells of a first plan. */
const SOLVING = /\w, best /;

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
  const ended: Promise<unknown>[] = [];
  const { code } = await runProcess(['serve', '--port', '0'], {
    onOutput: ({ stdout }, kill) => {
      const port = /http:\/\/\S+:(\d+)/.exec(stdout)?.[1];
      if (port === undefined || ended.length > 0) return;
      // A request that never ends, which an orderly end would wait for.
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          'POST /v1/solve HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
        );
        setTimeout(() => kill('SIGINT'), 200);
        setTimeout(() => kill('SIGINT'), 700);
      });
      ended.push(new Promise((resolve) => socket.on('close', resolve).on('error', () => {})));
    },
  });
  await Promise.all(ended);
  expect(code).toBe(130);
});
