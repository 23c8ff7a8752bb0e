/**
 * What the service costs over the library: median latency of the same small solves, by HTTP over one kept connection and
 * by calling `solve` in this process, taken in turns. The service runs in a process of its own, with its default log.
 *
 *     node bench/service.ts [rounds]
 */
import { strict as assert } from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { startServer } from '../src/service/server.ts';
import { solve } from '../src/solve.ts';

const WARM_UP = 300;
/** Runs of one before the other has its turn: a worker that has just slept is colder than one that serves. */
const TURN = 20;
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
  const { url, close } = await startServer({ port: 0, threads: 1 });
  process.send?.(url);
  process.once('disconnect', close);
}

async function measure(rounds: number): Promise<void> {
  assert(rounds > 0, 'rounds must be a positive number');
  const child = fork(new URL(import.meta.url), [SERVE], { stdio: ['ignore', 'inherit', 'ignore', 'ipc'] });
  const [url] = (await once(child, 'message')) as [string];
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setNoDelay();
  print(`node ${process.version}, ${rounds} rounds each, milliseconds: median (min)`);
  for (const { name, options } of CASES) {
    const body = Buffer.from(JSON.stringify({ model, options }));
    const byHttp = () => post(socket, body);
    // From text to text, as the worker does it: what is left is HTTP and threads.
    const byCall = async () => {
      const decoded = JSON.parse(body.toString());
      return Buffer.from(JSON.stringify(await solve(decoded.model, decoded.options)));
    };
    assert((await byHttp()).equals(await byCall()), 'service and library must do the same work');
    const [service, library] = await inTurns(rounds, [byHttp, byCall]);
    const overhead = `${(median(service) - median(library)).toFixed(3)} (${(service[0] - library[0]).toFixed(3)})`;
    print(`${name}: service ${shown(service)}, library ${shown(library)}, overhead ${overhead}`);
  }
  socket.destroy();
  await stop(child);
}

/** Times of each task, sorted. */
async function inTurns(rounds: number, tasks: (() => Promise<Buffer>)[]): Promise<number[][]> {
  const times = tasks.map((): number[] => []);
  let sink = 0;
  for (let round = -WARM_UP; round < rounds; round += TURN) {
    for (const [t, task] of tasks.entries()) {
      for (let run = 0; run < TURN; run++) {
        const started = performance.now();
        sink += (await task()).length;
        if (round >= 0) times[t].push(performance.now() - started);
      }
    }
  }
  assert(sink > 0);
  return times.map((list) => list.sort((a, b) => a - b));
}

/**
 * One request on the wire and its answer, without the cost of an HTTP client: what is to be measured is the service.
 *
 * @returns the body of the answer.
 */
async function post(socket: Socket, body: Buffer): Promise<Buffer> {
  const head = [
    'POST /v1/solve HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
  let received = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    received = Buffer.concat([received, chunk]);
    const headEnd = received.indexOf('\r\n\r\n') + 4;
    if (headEnd < 4) continue;
    const answerHead = received.toString('latin1', 0, headEnd);
    assert.match(answerHead, /^HTTP\/1\.1 200 /, answerHead);
    const length = Number(/content-length: (\d+)/i.exec(answerHead)?.[1]);
    if (received.length >= headEnd + length) return received.subarray(headEnd);
  }
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
