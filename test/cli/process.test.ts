import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { EXAMPLE, fixture, MAIN, runProcess, STACK_TRACE } from './run-cli.ts';

const example = JSON.parse(await readFile(EXAMPLE, 'utf8'));

it('solves a file, and a model on stdin', async () => {
  const fromFile = await runProcess(['solve', EXAMPLE, '--json']);
  expect(fromFile).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(fromFile.stdout)).toMatchObject({ cost: 1850 });
  const fromStdin = await runProcess(['solve', '-', '--json'], { input: JSON.stringify(example) });
  expect(fromStdin).toEqual(fromFile);
});

it.each([
  ['0, done', ['validate', EXAMPLE], 0],
  ['2, no such file', ['solve', 'nowhere.json'], 2],
  ['2, no model', ['solve', fixture('bgp/ris-excerpt.bgpdump.txt')], 2],
  ['2, usage', ['solve', '--frobnicate'], 2],
  ['2, no command', [], 2],
])('exit code %s', async (_name, argv, expected) => {
  const { code, stderr } = await runProcess(argv);
  expect(stderr).not.toMatch(STACK_TRACE);
  expect(code).toBe(expected);
});

it('exit code 3, overloaded', async () => {
  const routers = example.routers.map((router: object) => ({ ...router, ingressCapacity: 1 }));
  const { code, stdout } = await runProcess(['solve', '-'], { input: JSON.stringify({ ...example, routers }) });
  expect(stdout).toMatch(/^Status +overloaded/m);
  expect(code).toBe(3);
});

it('shows a stack trace only when asked to', async () => {
  const { stderr } = await runProcess(['solve', 'nowhere.json'], { env: { EGRESSO_DEBUG: '1' } });
  expect(stderr).toMatch(/^egresso: FILE_UNREADABLE: /);
  expect(stderr).toMatch(STACK_TRACE);
});

it('writes no escape sequences where nothing is a terminal, whatever the colors asked for', async () => {
  for (const env of [{ NO_COLOR: '1' }, { FORCE_COLOR: '1' }]) {
    const { stdout, stderr } = await runProcess(['solve', EXAMPLE], { env });
    expect(stdout + stderr).not.toContain('\u001b');
  }
});

it('minds neither a reader that leaves nor one that was never there', async () => {
  // Larger than a pipe holds.
  const traffic = Array.from({ length: 6000 }, (_, k) => ({ neighbor: 'A1', prefix: `Q${k}`, volume: 0.001 }));
  const prefixes = traffic.map(({ prefix }, k) => ({
    id: prefix,
    prefix: `10.${k >> 8}.${k & 255}.0/24`,
    egress: ['b3'],
  }));
  const child = spawn(process.execPath, [MAIN, 'solve', '-', '--json', '--method', 'hot-potato', '--time-limit', '1']);
  child.stdout.once('data', () => child.stdout.destroy());
  const said = text(child.stderr);
  child.stdin.end(JSON.stringify({ ...example, prefixes, traffic }));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(await said).toBe('');
  expect(code).toBe(0);
});

it('tells of a stdout that cannot be written', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [MAIN, 'validate', EXAMPLE], { stdio: ['ignore', full, 'pipe'] });
  const said = text(child.stderr as NonNullable<typeof child.stderr>);
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(await said).toMatch(/^egresso: FILE_UNREADABLE: the output cannot be written: ENOSPC.*\n$/);
  expect(code).toBe(2);
});
