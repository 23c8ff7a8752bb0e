import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

it('is taken over where one was killed while it took it over', () => {
  writeFileSync(path, '{"pid":1,"mark":"another"}');
  writeFileSync(`${path}.turn`, '{"pid":1,"mark":"another"}');
  using _ = new FolderLock(path);
  expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
  expect(readdirSync(folder)).toEqual(['lock']);
});

it('is taken over by one only where many find it left', { timeout: 120_000 }, async () => {
  const script = `const { FolderLock } = await import(${JSON.stringify(import.meta.resolve('../../src/manager/folder-lock.ts'))});
    process.stdin.setEncoding('utf8').on('data', (path) => {
      try { new FolderLock(path.trim()); process.stdout.write('1'); } catch { process.stdout.write('0'); }
    });
    process.stdout.write('ready');`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const answers = () => Promise.all(children.map(({ stdout }) => once(stdout, 'data').then(String)));
  try {
    await answers();
    for (let round = 0; round < 200; round++) {
      const left = join(folder, `lock-${round}`);
      writeFileSync(left, '{"pid":1,"mark":"another"}');
      const answered = answers();
      for (const { stdin } of children) stdin.write(`${left}\n`);
      expect((await answered).filter((answer) => answer === '1')).toHaveLength(1);
    }
    expect(readdirSync(folder)).toHaveLength(200);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
});

it('tells why it cannot be had', () => {
  expect(() => new FolderLock(join(folder, 'nowhere', 'lock'))).toThrow(
    expect.objectContaining({ code: 'FILE_UNREADABLE' }),
  );
});
