import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeDirectory } from '../../../src/service/jobs/data-directory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'egresso-data-'));
});
afterEach(() => rmSync(root, { recursive: true }));

it('makes a directory and those above it, once', () => {
  const path = join(root, 'a', 'b', 'c');
  for (let twice = 0; twice < 2; twice++) makeDirectory(path);
  expect(statSync(path).isDirectory()).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

it('says so where it cannot be made, and comes back', () => {
  expect(() => makeDirectory('/proc/nothing/below')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  writeFileSync(join(root, 'file'), '');
  expect(() => makeDirectory(join(root, 'file', 'below'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
});
