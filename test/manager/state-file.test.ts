import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { INITIAL_STATE } from '../../src/manager/decision/state.ts';
import { loadState, saveState } from '../../src/manager/state-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-state-'));
  path = join(folder, 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is what was kept, or new where nothing was', () => {
  expect(loadState(path)).toEqual(INITIAL_STATE);
  saveState(path, { ...INITIAL_STATE, tick: 7 });
  expect(loadState(path)).toEqual({ ...INITIAL_STATE, tick: 7 });
});

it('is not new where it cannot be read, nor where it is something else', () => {
  mkdirSync(path);
  expect(() => loadState(path)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  rmSync(path, { recursive: true });
  writeFileSync(path, '{"version":2,"state":{"overrides":[]}}');
  expect(() => loadState(path)).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
});

it('tells why it cannot be kept', () => {
  const nowhere = join(folder, 'nowhere', 'state.json');
  expect(() => saveState(nowhere, INITIAL_STATE)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
});
