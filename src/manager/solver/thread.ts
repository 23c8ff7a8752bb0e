/** The thread that solves: each question is answered with a reallocation, then with `ANSWERED`. */
import { parentPort } from 'node:worker_threads';
import { UNLIMITED } from '../../optimizer/run/run-control.ts';
import { ANSWERED, READY } from '../watched-thread.ts';
import type { SolverQuestion } from './messages.ts';
import { loadSolver, solverReallocator } from './solver-reallocator.ts';

const loaded = loadSolver();

// Before it is loaded: a port that nobody listens to keeps no thread alive.
parentPort?.on('message', async ({ request, limitMs }: SolverQuestion) => {
  await loaded;
  const end = performance.now() + limitMs;
  const reallocate = solverReallocator(() => ({ ...UNLIMITED, remainingMs: () => end - performance.now() }));
  parentPort?.postMessage(await reallocate(request));
  parentPort?.postMessage(ANSWERED);
});

await loaded;
parentPort?.postMessage(READY);
