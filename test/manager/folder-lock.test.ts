import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderLock } from '../../src/manager/folder-lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is had by one, until it is given back', () => {
  {
    using _ = new FolderLock(path);
    expect(() => new FolderLock(path)).toThrow(expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }));
  }
  expect(existsSync(path)).toBe(false);
  using _ = new FolderLock(path);
});

it('is taken over from a process that was killed, and not from one that runs', async () => {
  const script = `const { FolderLock } = await import(${JSON.stringify(import.meta.resolve('../../src/manager/folder-lock.ts'))});
    new FolderLock(${JSON.stringify(path)}); process.stdout.write('taken'); setInterval(() => {}, 1000);`;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  expect(() => new FolderLock(path)).toThrow(`process ${child.pid} runs a manager`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  using _ = new FolderLock(path);
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
});

it.each(['', '{', '{"pid":1,"mark":"another"}', `{"pid":${process.pid},"mark":"another"}`])(
  'is taken over where it says %j',
  (text) => {
    writeFileSync(path, text);
    using _ = new FolderLock(path);
    expect(() => new FolderLock(path)).toThrow();
  },
);

it('tells why it cannot be had', () => {
  expect(() => new FolderLock(join(folder, 'nowhere', 'lock'))).toThrow(
    expect.objectContaining({ code: 'FILE_UNREADABLE' }),
  );
});
