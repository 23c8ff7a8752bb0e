/** The worker of the service, but for bodies that order how it fails. */
import { threadId } from 'node:worker_threads';
import type { Answer, Operation, Task } from '../../../src/service/task.ts';
import { now, TaskState } from '../../../src/service/task-state.ts';
import solver from '../../../src/service/worker.ts';
import { sharedBytes } from '../../service/shared-bytes.ts';

export type Failing = 'exit' | 'grow' | 'trap' | 'loop' | 'hold';

/** Time limit of what loops, ms. */
export const LOOP_LIMIT_MS = 50;

const run = await solver;

export default async function fail(task: Task): Promise<Answer> {
  const order = new TextDecoder().decode(new Uint8Array(task.body).slice());
  const state = new TaskState(task.state);
  state.takenBy(threadId);
  switch (order as Failing) {
    case 'exit':
      process.exit(0);
      break;
    case 'grow':
      return grow([]);
    case 'trap':
      // Looked up by the worker of the service, which then meets the trap as it would one of a solver.
      return run({ ...task, body: sharedBytes('{}'), operation: { toString: trap } as unknown as Operation });
    case 'loop':
      state.startLimit(now() + LOOP_LIMIT_MS);
      for (;;);
    case 'hold':
      state.startLimit(Number.POSITIVE_INFINITY);
      while (!state.isCancelled) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return { ok: true, body: new ArrayBuffer(0), timing: { decode: 0, run: 0, encode: 0 } };
    default:
      return run(task);
  }
}

/** (module (func (export "f") unreachable)) */
const UNREACHABLE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b],
);

function trap(): string {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(UNREACHABLE), {});
  (exports as { f: () => void }).f();
  return 'it went on';
}

function grow(kept: object[]): never {
  for (;;) kept.push({ size: kept.length });
}
