/** The clients that are shipped, against a service. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateClient } from '../scripts/generate-client.ts';
import { type BatchItem, EgressoClient, type Plan, ProblemError } from '../src/client/client.ts';
import { solve } from '../src/solve.ts';
import { longInstance } from './cli/long-instance.ts';
import { EXAMPLE } from './cli/run-cli.ts';
import { type Served, serveIn } from './service/jobs/serve-process.ts';

const model = JSON.parse(readFileSync(EXAMPLE, 'utf8'));
const directory = mkdtempSync(join(tmpdir(), 'egresso-clients-'));

let service: Served;
beforeAll(async () => {
  service = await serveIn(directory);
});
afterAll(async () => {
  await service.kill('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
});

describe('the TypeScript client', () => {
  const client = (): EgressoClient => new EgressoClient(service.url);

  it('has the types of the OpenAPI document as it is', async () => {
    expect(readFileSync(new URL('../src/client/operations.ts', import.meta.url), 'utf8')).toBe(await generateClient());
  });

  it('solves, now and as a job', async () => {
    const body = { model, options: { variant: 'mes' } } as const;
    const plan = (await client().request('POST /v1/solve', { body })) as Plan;
    expect(plan.cost).toBe(1250);
    const header = { 'idempotency-key': 'client' };
    const { id } = await client().request('POST /v1/jobs', { body, query: { priority: 9 }, header });
    const ended = await client().untilEnded(id, 50);
    expect(ended).toMatchObject({ state: 'done', priority: 9, summary: { cost: 1250 } });
    expect(await client().request('GET /v1/jobs/{id}/plan', { path: { id } })).toEqual(plan);
    const { jobs } = await client().request('GET /v1/jobs', { query: { limit: 1, state: 'done' } });
    expect(jobs.map((job) => job.id)).toEqual([id]);
    expect(await client().request('GET /v1/jobs/{id}/events', { path: { id } })).toContain('event: state');
    expect((await client().request('DELETE /v1/jobs/{id}', { path: { id } })).state).toBe('done');
  });

  it('follows a batch', async () => {
    const variations = [{ id: 'ses' }, { id: 'mes', options: { variant: 'mes' } }];
    const { id } = await client().request('POST /v1/batches', { body: { model, variations } });
    const items: BatchItem[] = [];
    for await (const item of client().results(id)) items.push(item);
    const costs = items.sort((a, b) => a.item - b.item).map((item) => [item.id, item.summary?.cost]);
    expect(costs).toEqual([
      ['ses', 1850],
      ['mes', 1250],
    ]);
  });

  it('throws the problem that the service tells', async () => {
    const refused = client().request('GET /v1/jobs/{id}', { path: { id: 'a/b?' } });
    await expect(refused).rejects.toThrow(ProblemError);
    await expect(refused).rejects.toMatchObject({ problem: { code: 'JOB_NOT_FOUND', status: 404 } });
  });
});

describe('the TypeScript client of a service that comes and goes', () => {
  const item = (sequence: number) => `${JSON.stringify({ sequence })}\n`;
  const busy = () => Response.json({ code: 'SERVICE_BUSY', detail: 'later', status: 503 }, { status: 503 });
  /** Breaks off after some lines. */
  const broken = (...lines: string[]) =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (const line of lines) controller.enqueue(new TextEncoder().encode(line));
        },
        pull: () => Promise.reject(new TypeError('terminated')),
      }),
    );

  it('goes on with results behind the last item', async () => {
    const answers = [busy(), broken(item(1), item(2)), broken('{"sequ'), new Response(item(3))];
    const asked: (string | null)[] = [];
    const client = new EgressoClient('http://service', {
      fetch: async (url) => {
        asked.push(new URL(String(url)).searchParams.get('after'));
        return answers.shift() as Response;
      },
    });
    const sequences: number[] = [];
    for await (const { sequence } of client.results('b')) sequences.push(sequence);
    expect([sequences, asked]).toEqual([
      [1, 2, 3],
      ['0', '0', '2', '2'],
    ]);
  });

  it('waits for the end of a job, and no longer than its signal', async () => {
    const answers = [busy(), Response.json({ endedAt: null }), new Response('<html>', { status: 502 })];
    const client = new EgressoClient('http://service', {
      fetch: async () => answers.shift() ?? Response.json({ endedAt: 'now' }),
    });
    expect((await client.untilEnded('j', 1)).endedAt).toBe('now');
    const endless = new EgressoClient('http://service', { fetch: async () => Response.json({ endedAt: null }) });
    const started = performance.now();
    await expect(endless.untilEnded('j', 60_000, AbortSignal.timeout(50))).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('tells as a problem what a proxy answers', async () => {
    const client = new EgressoClient('http://proxy', { fetch: async () => new Response('<html>', { status: 418 }) });
    await expect(client.request('GET /v1/jobs/{id}', { path: { id: 'j' } })).rejects.toMatchObject({
      problem: { status: 418, detail: '<html>' },
    });
  });
});

describe('solve_job.py', () => {
  const script = fileURLToPath(new URL('../examples/clients/solve_job.py', import.meta.url));

  async function run(argv: string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = spawn('python3', [script, '--url', service.url, ...argv]);
    child.stdin.end(input);
    const closed = new Promise<number>((resolve) => child.on('close', resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await closed, stdout, stderr };
  }

  it('comes again where the service is busy, or a connection is lost', async () => {
    const seen = new Map<string, number>();
    const proxy = createServer(async (request, response) => {
      const count = (seen.get(request.url as string) ?? 0) + 1;
      seen.set(request.url as string, count);
      const body = await text(request);
      if (count === 1) {
        const problem = { code: 'SERVICE_BUSY', detail: 'later', errors: [] };
        response.writeHead(503, { 'retry-after': '0' }).end(JSON.stringify(problem));
        return;
      }
      if (count === 2) {
        response.writeHead(200, { 'content-length': '1000' }).write('{');
        setTimeout(() => response.destroy(), 20);
        return;
      }
      const { method = 'GET', headers } = request;
      const sent = new Headers({ 'content-type': 'application/json' });
      for (const name of ['idempotency-key', 'last-event-id']) {
        const value = headers[name];
        if (typeof value === 'string') sent.set(name, value);
      }
      const url = `${service.url}${request.url}`;
      const answer = await fetch(url, { method, headers: sent, ...(body !== '' && { body }) });
      const type = answer.headers.get('content-type') ?? '';
      response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    try {
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const { code, stdout } = await run([EXAMPLE, '--variant', 'mes', '--time-limit', '29', '--url', url]);
      expect([code, JSON.parse(stdout).cost]).toEqual([0, 1250]);
      expect([...seen.values()].every((count) => count >= 3)).toBe(true);
      expect(seen.size).toBe(3);
    } finally {
      proxy.close();
    }
  });

  it('prints the plan, and tells states and progress; the same model is the same job', async () => {
    const { code, stdout, stderr } = await run([EXAMPLE, '--variant', 'mes']);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^job \S+\n[\s\S]*done\n$/)]);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(await solve(model, { variant: 'mes' }))));
    const long = await run(['-', '--time-limit', '2'], JSON.stringify(longInstance()));
    expect(long.stderr).toMatch(/best \d+.*, bound \d+/);
    const again = await run(['-', '--variant', 'mes'], JSON.stringify(model));
    expect(again.stdout).toBe(stdout);
    expect(again.stderr.split('\n')[0]).toBe(stderr.split('\n')[0]);
  });

  it('tells what is wrong with a model', async () => {
    const { code, stdout, stderr } = await run(['-'], '{"version": 1, "routers": []}');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/MODEL_INVALID: /);
  });

  it('tells a refusal', async () => {
    const { code, stderr } = await run(['-', '--time-limit', '-1'], JSON.stringify(model));
    expect(code).toBe(1);
    expect(stderr).toMatch(/OPTIONS_INVALID/);
  });
});
