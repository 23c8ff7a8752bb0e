/**
 * What the service costs over the library: median latency of the same small solves, by HTTP over one kept connection and
 * by calling `solve` in this process, taken in turns. The service runs in a process of its own.
 *
 *     node bench/service.ts [rounds]
 */
import { strict as assert } from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { startServer } from '../src/service/server.ts';
import { solve } from '../src/solve.ts';

const WARM_UP = 300;
const SERVE = '--serve';
const model = JSON.parse(readFileSync(new URL('../examples/patent-example-1.json', import.meta.url), 'utf8'));
const CASES = [
  { name: 'example 1, hot-potato', options: { method: 'hot-potato' } },
  { name: 'example 1, ses', options: { variant: 'ses' } },
  { name: 'example 1, mes', options: { variant: 'mes' } },
];

if (process.argv[2] === SERVE) await serve();
else await measure(Number(process.argv[2] ?? 1000));

async function serve(): Promise<void> {
  const { url, close } = await startServer({ port: 0, threads: 1, logger: { level: 'warn' } });
  process.send?.(url);
  process.once('disconnect', close);
}

async function measure(rounds: number): Promise<void> {
  assert(rounds > 0, 'rounds must be a positive number');
  const child = fork(new URL(import.meta.url), [SERVE]);
  const [url] = (await once(child, 'message')) as [string];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  print(`node ${process.version}, ${rounds} rounds each, milliseconds: median (min)`);
  for (const { name, options } of CASES) {
    const body = Buffer.from(JSON.stringify({ model, options }));
    const byHttp = () => post(`${url}/v1/solve`, body, agent);
    // From text to text, as the worker does it: what is left is HTTP and threads.
    const byCall = async () => {
      const decoded = JSON.parse(body.toString());
      return Buffer.from(JSON.stringify(await solve(decoded.model, decoded.options)));
    };
    assert((await byHttp()).equals(await byCall()), 'service and library must do the same work');
    const [service, library] = await inTurns(rounds, [byHttp, byCall]);
    const overhead = median(service) - median(library);
    print(`${name}: service ${shown(service)}, library ${shown(library)}, overhead ${overhead.toFixed(3)}`);
  }
  agent.destroy();
  await stop(child);
}

/** Times of each task, one run of each after the other, sorted. */
async function inTurns(rounds: number, tasks: (() => Promise<Buffer>)[]): Promise<number[][]> {
  const times = tasks.map((): number[] => []);
  let sink = 0;
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [t, task] of tasks.entries()) {
      const started = performance.now();
      sink += (await task()).length;
      if (round >= 0) times[t].push(performance.now() - started);
    }
  }
  assert(sink > 0);
  return times.map((list) => list.sort((a, b) => a - b));
}

async function post(url: string, body: Buffer, agent: Agent): Promise<Buffer> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const sent = request(url, { method: 'POST', agent, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const received = await buffer(response);
  assert.equal(response.statusCode, 200, received.toString());
  return received;
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

function median(sorted: number[]): number {
  return sorted[sorted.length >> 1];
}

function shown(sorted: number[]): string {
  return `${median(sorted).toFixed(3)} (${sorted[0].toFixed(3)})`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
