/**
 * How soon does a run end that is cancelled at a random moment? GÉANT, 20 neighbors, the 2,000 heaviest RouteViews prefixes, `auto`,
 * by turns SES and MES: `solve` as a library, whose control says so from a moment on, and in a worker thread, to which another
 * thread says so. From the moment to the plan, which is assembled and checked.
 *
 *     node bench/cancel.ts [--count 40] [--seconds 30] [--json]
 *
 * Moments are seeded, and uniform over the seconds.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { NetworkModel } from '../src/model/network-model.ts';
import { parseOptions } from '../src/model/options.ts';
import { uniform } from '../src/optimizer/run/random.ts';
import { UNLIMITED } from '../src/optimizer/run/run-control.ts';
import { solveModel } from '../src/solve.ts';
import { environment } from './measure.ts';
import { type Instance, modelOf } from './quality-case.ts';

const LIMIT_MS = 300;
const MEDIUM: Instance = {
  kind: 'import',
  topology: 'examples/data/Geant2012.graphml',
  rib: 'examples/data/routeviews-2014-05-23-sample.bgpdump.txt.gz',
  neighbors: 20,
  top: 2000,
};
const SEED = 1;

interface Asked {
  readonly variant: 'ses' | 'mes';
  /** After the run has begun. */
  readonly momentMs: number;
}

interface Cancelled extends Asked {
  readonly reactionMs: number;
  /** What the run was at. */
  readonly phase: string;
}

if (isMainThread) await main();
else await serve(workerData);

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      count: { type: 'string', default: '40' },
      seconds: { type: 'string', default: '30' },
      json: { type: 'boolean', default: false },
    },
  });
  const random = uniform(SEED);
  const asked = Array.from({ length: Number(flags.count) }, (_, at): Asked => {
    return { variant: at % 2 === 0 ? 'ses' : 'mes', momentMs: 1000 * Number(flags.seconds) * random() };
  });
  const model = await modelOf(MEDIUM, SEED);
  // What is compiled at first is no business of a cancel.
  for (const variant of ['ses', 'mes'] as const) await inLibrary(model, { variant, momentMs: 2000 });
  const library: Cancelled[] = [];
  for (const one of asked) library.push(await inLibrary(model, one));
  const thread = await inThread(asked);
  if (flags.json) process.stdout.write(`${JSON.stringify({ environment: environment(), library, thread }, null, 2)}\n`);
  else {
    process.stdout.write(`${Object.values(environment()).join(', ')}\n`);
    process.stdout.write(`${lineOf('library', library)}\n${lineOf('worker thread', thread)}\n`);
  }
}

function lineOf(name: string, cancels: readonly Cancelled[]): string {
  const times = cancels.map(({ reactionMs }) => reactionMs).sort((a, b) => a - b);
  const late = cancels.filter(({ reactionMs }) => reactionMs > LIMIT_MS);
  const shown = late.map(({ phase, variant, reactionMs }) => `${variant} at ${phase} ${reactionMs.toFixed(0)} ms`);
  return (
    `${name}: ${times.length} cancels, median ${times[times.length >> 1].toFixed(0)} ms, longest ${times.at(-1)?.toFixed(0)} ms, ` +
    `${late.length} above ${LIMIT_MS} ms${shown.map((one) => `\n  ${one}`).join('')}`
  );
}

/** Runs until `cancelled` says so; tells the phase it was at by then. */
async function runUntil(model: NetworkModel, variant: string, cancelled: () => boolean): Promise<string> {
  let phase = 'start';
  await solveModel(model, parseOptions({ variant, method: 'auto', gapTarget: 0, timeLimitMs: 3_600_000 }), {
    ...UNLIMITED,
    remainingMs: () => 3_600_000,
    cancelled,
    report(progress) {
      if (!cancelled()) phase = progress.phase;
    },
  });
  return phase;
}

async function inLibrary(model: NetworkModel, asked: Asked): Promise<Cancelled> {
  const moment = performance.now() + asked.momentMs;
  const phase = await runUntil(model, asked.variant, () => performance.now() >= moment);
  return reacted(asked, phase, performance.now() - moment);
}

/** A run that has ended before its moment says nothing. */
function reacted(asked: Asked, phase: string, reactionMs: number): Cancelled {
  if (reactionMs < 0) throw new Error(`the run of ${asked.variant} ended by itself before ${asked.momentMs} ms`);
  return { ...asked, phase, reactionMs };
}

async function inThread(asked: readonly Asked[]): Promise<Cancelled[]> {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: flag });
  const cancels: Cancelled[] = [];
  await once(worker, 'message');
  for (const { variant, momentMs } of asked) {
    Atomics.store(flag, 0, 0);
    worker.postMessage(variant);
    let begin = 0;
    const timer = setTimeout(() => {
      Atomics.store(flag, 0, 1);
      begin = performance.now();
    }, momentMs);
    const [phase] = await once(worker, 'message');
    clearTimeout(timer);
    cancels.push(reacted({ variant, momentMs }, phase, begin === 0 ? -1 : performance.now() - begin));
  }
  await worker.terminate();
  return cancels;
}

async function serve(flag: Int32Array): Promise<void> {
  const model = await modelOf(MEDIUM, SEED);
  parentPort?.on('message', async (variant: string) => {
    parentPort?.postMessage(await runUntil(model, variant, () => Atomics.load(flag, 0) === 1));
  });
  parentPort?.postMessage('ready');
}
