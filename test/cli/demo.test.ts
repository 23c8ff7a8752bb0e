import { expect, it } from 'vitest';
import type { DemoRow } from '../../src/cli/demo-table.ts';
import { withSharedBounds } from '../../src/cli/demo-table.ts';
import { runProcess } from './run-cli.ts';

/** Asked for is less than a minute; asserted is ten times that, as machines that test do other things too. */
const LONGEST_MS = 600_000;

it('solves the example network', { timeout: LONGEST_MS + 60_000 }, async () => {
  const started = performance.now();
  const { code, stdout, stderr } = await runProcess(['demo']);
  const tookMs = performance.now() - started;
  process.stdout.write(`figure: demo: ${(tookMs / 1000).toFixed(1)} s (60 s)\n`);
  expect(tookMs).toBeLessThan(LONGEST_MS);
  expect(code).toBe(0);
  expect(
    stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/:.*/, '')),
  ).toEqual([
    ...['import', 'ses auto', 'ses biggest-first', 'ses hot-potato'],
    ...['mes auto', 'mes biggest-first', 'mes hot-potato'],
  ]);
  expect(stdout).toContain('36 points, 10 neighbors, 82,377 prefixes, 452,018 advertisements, 823,770 pairs');
  for (const head of ['Cost', 'Lower bound', 'Gap', 'Overload', 'Highest use', 'Time']) expect(stdout).toContain(head);
  for (const variant of ['ses', 'mes']) {
    expect(stdout).toMatch(new RegExp(`^${variant} +auto +(feasible|optimal) +[\\d,]+ +[\\d,]+ +[\\d.]+ % +0 +`, 'm'));
    expect(stdout).toMatch(new RegExp(`^${variant} +biggest-first `, 'm'));
    expect(stdout).toMatch(new RegExp(`^${variant} +hot-potato +overloaded `, 'm'));
  }
  expect(stdout).toContain('The traffic is synthetic');
  for (const source of ['Internet Topology Zoo', 'RIPE\nRIS', 'CC BY 4.0']) expect(stdout).toContain(source);
});

it('ends with what it has when it is interrupted', async () => {
  let interrupted = false;
  const { code, stdout, stderr } = await runProcess(['demo', '--json'], {
    onOutput: ({ stderr: said }, kill) => {
      if (interrupted || !said.includes('import: ')) return;
      interrupted = true;
      // The solve has just begun.
      setTimeout(() => kill('SIGINT'), 300);
    },
  });
  expect(code).toBe(130);
  expect(stderr).not.toContain('biggest-first');
  expect(JSON.parse(stdout)).toMatchObject([{ variant: 'ses', method: 'auto' }]);
});

it('shares the bounds of a variant among its rows', () => {
  const row = (variant: 'ses' | 'mes', cost: number, lowerBound: number | null): DemoRow => {
    const status = cost < 50 ? ('overloaded' as const) : ('feasible' as const);
    return { variant, method: '', status, cost, lowerBound, gap: 1, overload: 0, highestUtilization: 1, timeMs: 0 };
  };
  const rows = [row('ses', 100, 80), row('ses', 160, 10), row('ses', 40, 90), row('mes', 100, null), row('mes', 40, 5)];
  expect(withSharedBounds(rows).map(({ lowerBound, gap }) => [lowerBound, gap])).toEqual([
    [90, 0.1],
    [90, 70 / 160],
    [90, null],
    [null, null],
    [null, null],
  ]);
});
