import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { drawInstance, keepInstance, loadInstance } from '../../src/manager/instance.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-instance-'));
  path = join(folder, 'instance');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a folder draws its mark once', () => {
  expect(loadInstance(path)).toBeNull();
  const instance = keepInstance(path);
  expect([keepInstance(path), loadInstance(path), readFileSync(path, 'utf8')]).toEqual([
    instance,
    instance,
    `${instance}\n`,
  ]);
  expect(keepInstance(join(folder, 'other'))).not.toBe(instance);
});

it('a mark is a number that GoBGP keeps, and never that of nobody', () => {
  for (let k = 0; k < 1000; k++) {
    const instance = drawInstance();
    expect([Number.isInteger(instance), instance > 0, instance < 2 ** 32]).toEqual([true, true, true]);
  }
});

it.each(['', 'abc', '0', '-1', '1.5', '4294967296', '1e400'])('%j is no mark', (text) => {
  writeFileSync(path, text);
  expect(() => keepInstance(path)).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
});

it('a mark that cannot be kept is not used', () => {
  expect(() => keepInstance(join(folder, 'nowhere', 'instance'))).toThrow(
    expect.objectContaining({ code: 'FILE_UNREADABLE' }),
  );
});
