/**
 * What HTTP costs: solves over HTTP beside the bare pool of threads, two threads beside one, /health/live beside an empty Fastify
 * route, and the processor time that a request takes of the main thread.
 *
 * The service runs in a process of its own, autocannon in this one. Contenders take turns; what is compared is the best turn of each, the one that
 * others on the machine have disturbed least.
 *
 *     node bench/http.ts [seconds of a turn] [turns]
 */
import { strict as assert } from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import autocannon, { type Options } from 'autocannon';
import Fastify from 'fastify';
import { SolverPool } from '../src/service/pool.ts';
import { startServer } from '../src/service/server.ts';
import type { Operation } from '../src/service/task.ts';
import { longInstance } from '../test/cli/long-instance.ts';
import { environment } from './measure.ts';

const ROLE = '--role';
const SOLVE_MS = 60;
const TYPE = 'application/json';
const model = JSON.parse(readFileSync(new URL('../examples/patent-example-1.json', import.meta.url), 'utf8'));
const SMALL = JSON.stringify({ model, options: { variant: 'ses' } });
const LONG = JSON.stringify({
  model: longInstance(),
  options: { variant: 'ses', method: 'joint', timeLimitMs: SOLVE_MS, gapTarget: 0 },
});

/** What the parent asks of a service: processor time so far; or of its pool: solves for some seconds, so many at one time. */
type Order =
  | { readonly kind: 'cpu' }
  | {
      readonly kind: 'pool';
      readonly operation: Operation;
      readonly seconds: number;
      readonly inFlight: number;
    };
/** Microseconds of processor time of the main thread; solves. */
type Reply = { readonly cpuMicros: number } | { readonly solves: number };

const [flag, role, threads] = process.argv.slice(2);
if (flag === ROLE) await play(role, Number(threads));
else await measure(Number(process.argv[2] ?? 4), Number(process.argv[3] ?? 3));

async function measure(seconds: number, turns: number): Promise<void> {
  assert(availableParallelism() >= 2, 'two threads need two cores');
  print(`${Object.values(environment()).join(', ')}; ${turns} turns of ${seconds} s`);
  const [one, two, empty] = await Promise.all([start('service', 1), start('service', 2), start('empty', 0)]);
  const over = (service: Running, body: string, connections: number): Promise<number> =>
    perSecond(
      { url: `${service.url}/v1/solve`, method: 'POST', headers: { 'content-type': TYPE }, body, connections },
      seconds,
    );
  const bare = async (service: Running, inFlight: number): Promise<number> => {
    const { solves } = (await ask(service.child, { kind: 'pool', operation: 'solve', seconds, inFlight })) as {
      solves: number;
    };
    return solves / seconds;
  };
  await over(one, SMALL, 2);
  await bare(one, 2);

  const small = await inTurns(turns, [() => over(one, SMALL, 2), () => bare(one, 2)]);
  print(`small solves a second, one thread: HTTP ${shown(small[0])}, bare pool ${shown(small[1])}: ${percent(small)}`);
  const long = await inTurns(turns, [() => over(two, LONG, 2), () => over(one, LONG, 1)]);
  print(
    `solves of ${SOLVE_MS} ms a second: two threads ${shown(long[0])}, one ${shown(long[1])}: ${ratio(long)} times`,
  );
  const live = await inTurns(turns, [
    () => perSecond({ url: `${one.url}/health/live`, connections: 10 }, seconds),
    () => perSecond({ url: empty.url, connections: 10 }, seconds),
  ]);
  print(`requests a second: /health/live ${shown(live[0])}, an empty route ${shown(live[1])}: ${percent(live)}`);
  const dispatches: number[] = [];
  for (let turn = 0; turn < turns; turn++) dispatches.push(await dispatchMicros(one, seconds));
  print(
    `dispatch: ${shown(median(dispatches))} µs of the main thread for each run, without HTTP, median of ${dispatches.map((micros) => micros.toFixed(0)).join(', ')}`,
  );
  await Promise.all([one, two, empty].map(({ child }) => stop(child)));
}

/** The best turn of each contender. */
async function inTurns(turns: number, contenders: readonly (() => Promise<number>)[]): Promise<number[]> {
  const results = contenders.map((): number[] => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [c, contender] of contenders.entries()) results[c].push(await contender());
  }
  return results.map((values) => Math.max(...values));
}

async function perSecond(options: Options, seconds: number): Promise<number> {
  const { errors, non2xx, requests, duration } = await autocannon({ ...options, duration: seconds });
  assert.deepEqual([errors, non2xx], [0, 0], 'every request must be answered');
  return requests.total / duration;
}

/** Runs through the pool alone: the time of the main thread, and nothing of HTTP. */
async function dispatchMicros({ child }: Running, seconds: number): Promise<number> {
  const cpu = async (): Promise<number> => ((await ask(child, { kind: 'cpu' })) as { cpuMicros: number }).cpuMicros;
  const before = await cpu();
  const { solves } = (await ask(child, { kind: 'pool', operation: 'validate', seconds, inFlight: 2 })) as {
    solves: number;
  };
  return ((await cpu()) - before) / solves;
}

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(name: string, count: number): Promise<Running> {
  const child = fork(new URL(import.meta.url), [ROLE, name, String(count)], {
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  const [url] = (await once(child, 'message')) as [string];
  return { child, url };
}

async function ask(child: ChildProcess, order: Order): Promise<Reply> {
  child.send(order);
  return ((await once(child, 'message')) as [Reply])[0];
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

async function play(name: string, count: number): Promise<void> {
  if (name === 'empty') {
    const app = Fastify({ logger: false });
    app.get('/', async () => ({ status: 'live' }));
    process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }));
    process.once('disconnect', () => app.close());
    return;
  }
  const server = await startServer({ port: 0, threads: count });
  const pool = new SolverPool({ threads: count, queueLimit: 16 });
  await pool.whenReady();
  process.on('message', async (order: Order) => {
    if (order.kind === 'cpu') {
      const { user, system } = process.threadCpuUsage();
      process.send?.({ cpuMicros: user + system } satisfies Reply);
    } else process.send?.({ solves: await solvesOf(pool, order) } satisfies Reply);
  });
  process.once('disconnect', async () => {
    await pool.close();
    await server.close();
  });
  process.send?.(server.url);
}

async function solvesOf(pool: SolverPool, order: Extract<Order, { kind: 'pool' }>): Promise<number> {
  const { operation, seconds, inFlight } = order;
  const end = performance.now() + seconds * 1000;
  const { signal } = new AbortController();
  let solves = 0;
  const solveOn = async (): Promise<void> => {
    while (performance.now() < end) {
      const body = new SharedArrayBuffer(SMALL.length);
      new Uint8Array(body).set(Buffer.from(SMALL));
      const { ok } = await pool.run({ operation, body, bodyType: TYPE, answerType: TYPE }, { signal }).answer;
      assert(ok);
      solves++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, solveOn));
  return solves;
}

function shown(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}

function ratio([a, b]: number[]): string {
  return (a / b).toFixed(2);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function percent([a, b]: number[]): string {
  return `${((100 * a) / b).toFixed(0)} %`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
