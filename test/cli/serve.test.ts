import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { EXAMPLE, runHere, runProcess } from './run-cli.ts';

const URL_LINE = /^egresso listens on (http:\/\/\S+)\n/;

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('serves, and ends in order on %s', async (signal) => {
  const answers: Promise<unknown>[] = [];
  const { code, stdout } = await runProcess(['serve', '--port', '0'], {
    onOutput: (soFar, kill) => {
      const url = URL_LINE.exec(soFar.stdout)?.[1];
      if (url === undefined || answers.length > 0) return;
      answers.push(solveExample(url).finally(() => kill(signal)));
    },
  });
  expect(await Promise.all(answers)).toMatchObject([{ cost: 1850 }]);
  expect(stdout).toMatch(URL_LINE);
  expect(code).toBe(0);
});

async function solveExample(url: string): Promise<unknown> {
  const model = JSON.parse(await readFile(EXAMPLE, 'utf8'));
  const response = await fetch(`${url}/v1/solve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model }),
  });
  return response.json();
}

it('ends with 5 where the port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const { code, stdout, stderr } = await runProcess(['serve', '--port', String(port)]);
    expect(stderr).toMatch(/^egresso: SERVICE_UNAVAILABLE: .*EADDRINUSE/m);
    expect(stdout).toBe('');
    expect(code).toBe(5);
  } finally {
    other.close();
  }
});

it.each(['-1', '65536', '80.5', 'http'])('port %s ends with 2', async (port) => {
  const { code, stderr } = await runHere(['serve', '--port', port]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^egresso: USAGE: .*--port/);
});

it.each([
  ['serve', '--port', '0'],
  ['worker', '--redis', 'redis://127.0.0.1:1'],
])('%s of more threads than there is memory for ends with 2, and says for how many there is', async (...argv) => {
  const { code, stderr } = await runHere([...argv, '--threads', '1000000']);
  expect(stderr).toMatch(
    /^egresso: USAGE: 1000000 threads are more than this machine has memory for; it has for \d+\n/,
  );
  expect(code).toBe(2);
});

describe('keys', () => {
  const key = 'k'.repeat(32);
  const list = JSON.stringify([{ id: 'planner', role: 'solve', key }]);

  it.each(['0.0.0.0', '::', '192.0.2.1'])('without them %s ends with 2, before anything listens', async (host) => {
    const { code, stdout, stderr } = await runHere(['serve', '--port', '0', '--host', host]);
    expect(stderr).toMatch(/^egresso: USAGE: without keys .*EGRESSO_KEYS/);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('with them it listens on every address, and asks for one', async () => {
    const statuses: Promise<number[]>[] = [];
    const { code } = await runProcess(['serve', '--port', '0', '--host', '0.0.0.0'], {
      env: { EGRESSO_KEYS: list },
      onOutput: (soFar, kill) => {
        const port = /http:\/\/\S+:(\d+)\n/.exec(soFar.stdout)?.[1];
        if (port === undefined || statuses.length > 0) return;
        statuses.push(statusesWith(`http://127.0.0.1:${port}/v1/validate`, key).finally(() => kill('SIGTERM')));
      },
    });
    expect(await Promise.all(statuses)).toEqual([[401, 200]]);
    expect(code).toBe(0);
  });

  it.each([
    ['a file that is not there', ['--keys', '/nowhere/keys.json'], {}, 'FILE_UNREADABLE'],
    ['an empty variable', [], { EGRESSO_KEYS: '' }, 'FORMAT_INVALID'],
    ['a short key', [], { EGRESSO_KEYS: '[{"id":"a","role":"solve","key":"x"}]' }, 'FORMAT_INVALID'],
  ])('%s ends with 2', async (_name, argv, env, fault) => {
    const { code, stderr } = await runProcess(['serve', '--port', '0', ...argv], { env });
    expect(stderr).toContain(`egresso: ${fault}: `);
    expect(code).toBe(2);
  });
});

async function statusesWith(url: string, key: string): Promise<number[]> {
  const statuses: number[] = [];
  for (const authorization of ['', `Bearer ${key}`]) {
    const headers = { 'content-type': 'application/json', authorization };
    statuses.push((await fetch(url, { method: 'POST', headers, body: '{}' })).status);
  }
  return statuses;
}
