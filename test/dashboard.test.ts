/** The Grafana dashboard asks for metrics that the service tells, by labels that they have. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildApp } from '../src/service/app.ts';
import { SolverPool } from '../src/service/pool.ts';

interface Panel {
  readonly title: string;
  readonly gridPos: { x: number; y: number; w: number; h: number };
  readonly targets: { expr: string; legendFormat: string }[];
}

const dashboard = JSON.parse(readFileSync(new URL('../deploy/grafana-dashboard.json', import.meta.url), 'utf8'));
const panels: readonly Panel[] = dashboard.panels;

let told: string;
let close: () => Promise<void>;
beforeAll(async () => {
  const pool = new SolverPool({ threads: 1, queueLimit: 1 });
  await pool.whenReady();
  const directory = mkdtempSync(join(tmpdir(), 'egresso-'));
  const app = await buildApp(pool, { logger: false, jobs: { dataDirectory: directory } });
  close = async () => {
    await app.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const model = JSON.parse(readFileSync(new URL('./fixtures/patent-example-1.json', import.meta.url), 'utf8'));
  for (const payload of [{ model }, {}]) await app.inject({ method: 'POST', url: '/v1/solve', payload });
  await app.inject({ method: 'POST', url: '/v1/jobs', payload: { model } });
  told = (await app.inject('/metrics')).body;
});
afterAll(() => close());

it.each(panels)('$title', ({ targets, gridPos }) => {
  expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  expect(targets.length).toBeGreaterThan(0);
  for (const { expr, legendFormat } of targets) {
    const names = [...expr.matchAll(/\b((?:egresso|process|nodejs)_\w+)\{/g)].map(([, name]) => name);
    expect(names).toHaveLength(1);
    expect(told).toMatch(new RegExp(`^${names[0]}[ {]`, 'm'));
    // Of the scraper, not of the service.
    const own = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label).filter((l) => l !== 'instance');
    for (const label of own) expect(told).toMatch(new RegExp(`^${names[0]}\\{[^}]*\\b${label}="`, 'm'));
    expect(expr.split('(').length).toBe(expr.split(')').length);
  }
});

it('panels do not lie on each other, and every metric of our own is shown', () => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  const shown = JSON.stringify(panels);
  const own = [...told.matchAll(/^# TYPE (egresso_\w+) /gm)].map(([, name]) => name);
  for (const name of own.filter((metric) => metric !== 'egresso_threads_loaded')) expect(shown).toContain(name);
});
