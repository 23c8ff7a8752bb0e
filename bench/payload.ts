/**
 * What HTTP costs for a large model: a million prefixes and two million pairs, posted as msgpack in binary columns, from the first byte
 * sent to the last byte of the plan; beside the library call on the decoded model. Each in a process of its own, in turns.
 *
 *     node bench/payload.ts [prefixes] [rounds]
 */
import { strict as assert } from 'node:assert';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { decodeBody, encodeBody } from '../src/formats/codec.ts';
import type { Plan } from '../src/plan/plan.ts';
import { startServer } from '../src/service/server.ts';
import { solve } from '../src/solve.ts';
import { environment, type Line } from './measure.ts';
import { LARGE, planeNetwork } from './networks.ts';

const TYPE = 'application/msgpack';
const ROLE = '--role';
const OPTIONS = { variant: 'ses', gapTarget: 0.5, timeLimitMs: 600_000 };

/** Time of one run, and what shows that both did the same work. */
interface Run {
  readonly ms: number;
  readonly cost: number;
  readonly modelHash: string;
}

const [flag, role] = process.argv.slice(2);
if (flag === ROLE) await play(role);
else await measure(Number(process.argv[2] ?? LARGE.prefixes), Number(process.argv[3] ?? 1));

async function measure(prefixes: number, rounds: number): Promise<void> {
  const body = encodeBody({ model: planeNetwork(1, { ...LARGE, prefixes }), options: OPTIONS }, TYPE);
  const times: Record<'library' | 'http', number[]> = { library: [], http: [] };
  for (let round = 0; round < rounds; round++) {
    const library = await inProcess('library', async (child) => {
      child.send(body);
      return ((await once(child, 'message')) as [Run])[0];
    });
    const http = await inProcess('service', async (child) => {
      const [url] = (await once(child, 'message')) as [string];
      return post(url, body);
    });
    assert.equal(http.cost, library.cost, 'service and library must find the same plan');
    assert.equal(http.modelHash, library.modelHash);
    times.library.push(library.ms);
    times.http.push(http.ms);
  }
  print(
    `${Object.values(environment()).join(', ')}; ${prefixes} prefixes, body ${(body.byteLength / 1e6).toFixed(1)} MB`,
  );
  const [library, http] = [line('library', times.library), line('http', times.http)];
  for (const { name, minMs, medianMs, runs } of [library, http]) {
    print(`${name}: min ${(minMs / 1000).toFixed(2)} s, median ${(medianMs / 1000).toFixed(2)} s of ${runs}`);
  }
  print(`http / library: ${(http.minMs / library.minMs).toFixed(3)}`);
}

async function inProcess(name: string, work: (child: ChildProcess) => Promise<Run>): Promise<Run> {
  const child = fork(new URL(import.meta.url), [ROLE, name], {
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  const run = await work(child);
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
  return run;
}

async function play(name: string): Promise<void> {
  if (name === 'service') {
    const { url, close } = await startServer({ port: 0, threads: 1 });
    process.send?.(url);
    process.once('disconnect', close);
    return;
  }
  const [body] = (await once(process, 'message')) as [Uint8Array];
  const { model, options } = decodeBody(body, TYPE) as { model: unknown; options: unknown };
  const started = performance.now();
  const { cost, modelHash } = await solve(model, options);
  process.send?.({ ms: performance.now() - started, cost, modelHash } satisfies Run);
}

async function post(url: string, body: Uint8Array): Promise<Run> {
  const agent = new Agent({ keepAlive: true });
  const started = performance.now();
  const sent = request(`${url}/v1/solve`, {
    method: 'POST',
    agent,
    headers: { 'content-type': TYPE, accept: TYPE, 'content-length': body.byteLength },
  });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  const bytes = Buffer.concat(await answer.toArray());
  const ms = performance.now() - started;
  agent.destroy();
  assert.equal(answer.statusCode, 200, bytes.toString('utf8', 0, 500));
  const { cost, modelHash } = decodeBody(bytes, TYPE) as Plan;
  return { ms, cost, modelHash };
}

function line(name: string, times: readonly number[]): Line {
  const sorted = times.toSorted((a, b) => a - b);
  return { name, runs: sorted.length, minMs: sorted[0], medianMs: sorted[sorted.length >> 1] };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
