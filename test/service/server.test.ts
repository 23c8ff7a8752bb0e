import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startServer } from '../../src/service/server.ts';
import { solve } from '../../src/solve.ts';

const model = JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));

it('listens on this machine alone, is ready at once, answers as the library does, and closes', async () => {
  const server = await startServer({ port: 0, threads: 1, logger: false });
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  const response = await fetch(`${server.url}/v1/solve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, options: { variant: 'mes' } }),
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(JSON.stringify(await solve(model, { variant: 'mes' })));
  await server.close();
  await expect(fetch(server.url)).rejects.toThrow();
});

it('says that it cannot listen where the port is taken', async () => {
  const first = await startServer({ port: 0, threads: 1, logger: false });
  const port = Number(new URL(first.url).port);
  await expect(startServer({ port, threads: 1, logger: false })).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: expect.stringContaining(String(port)),
  });
  await first.close();
});
