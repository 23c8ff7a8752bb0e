import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { runProgress, stepProgress } from '../../src/cli/progress.ts';

function stream(isTTY: boolean): PassThrough & { isTTY: boolean } {
  return Object.assign(new PassThrough({ highWaterMark: 2 ** 24 }), { isTTY, columns: 200 });
}

const NEWS = { phase: 'exact', incumbent: 2000, bound: 1900 };
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('a run draws a bar on a terminal, moving by itself, and clears it', async () => {
  const stderr = stream(true);
  const progress = runProgress(stderr, 400);
  progress.report(NEWS);
  await sleep(500);
  progress.end();
  progress.end();
  stderr.end();
  const drawn = await text(stderr);
  expect(drawn).toContain('exact, best 2,000, bound 1,900, gap 5 %');
  expect(drawn).toContain(`[${'='.repeat(24)}]`);
  expect(new Set(drawn.match(/\[=* *\]/g)).size).toBeGreaterThan(2);
  expect(drawn.endsWith('\u001b[2K')).toBe(true);
});

it('a run says nothing where stderr is no terminal', async () => {
  const stderr = stream(false);
  const progress = runProgress(stderr, 400);
  progress.report(NEWS);
  await sleep(150);
  progress.end();
  stderr.end();
  expect(await text(stderr)).toBe('');
});

it('steps give a line each where stderr is no terminal', async () => {
  const stderr = stream(false);
  const progress = stepProgress(stderr, 2);
  const { result, ms } = await progress.step('first', async (report) => {
    report(NEWS);
    await sleep(20);
    return 7;
  });
  await progress.step('second', async () => {});
  progress.end();
  stderr.end();
  expect(result).toBe(7);
  expect(ms).toBeGreaterThanOrEqual(15);
  expect(await text(stderr)).toMatch(/^first: 0\.\d\d s\nsecond: 0\.00 s\n$/);
});

it('steps share one bar on a terminal', async () => {
  const stderr = stream(true);
  const progress = stepProgress(stderr, 2);
  await progress.step('first', () => sleep(150));
  await progress.step('second', async (report) => {
    report(NEWS);
    await sleep(250);
  });
  progress.end();
  stderr.end();
  const drawn = await text(stderr);
  expect(drawn).toContain('first');
  expect(drawn).toMatch(/\[={12} {12}\] \d\.\d\d s second exact/);
});
