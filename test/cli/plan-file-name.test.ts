import { expect, it } from 'vitest';
import { planFileName } from '../../src/cli/plan-file-name.ts';

it('names files by ids', () => {
  expect(planFileName('monday 8:00')).toBe('monday%208%3A00.json');
  expect(planFileName('..')).toBe('...json');
});

it.each([
  ['é'.repeat(200), `${'é'.repeat(199)}e`],
  ['\ud800', '\ufffd'],
])('keeps names short, and apart', (one, another) => {
  const names = [planFileName(one), planFileName(another)];
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^[\w.%~]{1,210}$/);
});
