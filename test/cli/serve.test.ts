import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { EXAMPLE, runHere, runProcess } from './run-cli.ts';

const URL_LINE = /^egresso listens on (http:\/\/\S+)\n/;

it.each(['SIGTERM', 'SIGINT'] as const)('serves, and ends in order on %s', async (signal) => {
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
