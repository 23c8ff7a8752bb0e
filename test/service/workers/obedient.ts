/** A worker that does what the body says: `echo`, `hold` until cancelled, `hang` whatever happens, `die`, `throw`, `spend`. */
import { parentPort, threadId } from 'node:worker_threads';
import { transferred } from '../../../src/service/pool.ts';
import type { Answer, Failure, Task } from '../../../src/service/task.ts';

parentPort?.postMessage({ loadedThread: threadId });

export default async function obey({ body, cancel }: Task): Promise<Answer> {
  const flag = new Int32Array(cancel);
  const order = new TextDecoder().decode(body);
  if (order === 'die') process.exit(3);
  if (order === 'throw') throw new Error('a secret');
  if (order === 'spend') return { ...fault, spentThread: threadId };
  if (order === 'hang') for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (order === 'hold') while (Atomics.load(flag, 0) === 0) Atomics.wait(flag, 0, 0, 5);
  const said = new TextEncoder().encode(`${threadId} ${order}`).buffer;
  return transferred({ ok: true, body: said, timing: { decode: 0, run: 1, encode: 0 } });
}

const fault: Failure = {
  ok: false,
  code: 'SOLVER_FAILED',
  message: 'spent',
  errors: [],
  errorCount: 0,
  stack: 'a secret',
};
