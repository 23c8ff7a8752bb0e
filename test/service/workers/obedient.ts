/**
 * A worker that does what the body says: `echo`, `hold` until cancelled, `hang` whatever happens, `die`, `throw`, `spend`,
 * `grow` without end, `swell N` to hold N MB afterwards, `leave die` and `leave throw`: two choices and a bound, then it fails, or `find N`: two choices and a bound, then it hangs beyond its time limit of N ms.
 */
import { parentPort, threadId } from 'node:worker_threads';
import { keptChoice } from '../../../src/service/choice-keeper.ts';
import type { Answer, Failure, RemainsOfTask, Success, Task } from '../../../src/service/task.ts';
import { now, TaskState } from '../../../src/service/task-state.ts';
import { ThreadControl } from '../../../src/service/thread-control.ts';

parentPort?.postMessage({ loadedThread: threadId });

export default async function obey(task: Task): Promise<Answer> {
  const state = new TaskState(task.state);
  state.takenBy(threadId);
  const order = new TextDecoder().decode(new Uint8Array(task.body).slice()).trimEnd();
  if (order === 'die') process.exit(3);
  if (order === 'throw') throw new Error('a secret');
  if (order === 'spend') return { ...fault, spentThread: threadId };
  if (order === 'hang') for (;;) pause();
  if (order.startsWith('hold')) return hold(state, order);
  if (order === 'grow') for (const kept: object[] = []; ; ) kept.push({ size: kept.length });
  if (task.remains !== undefined) return said(`${order} ${told(task.remains)}`);
  if (order.startsWith('leave ')) leave(task, state, order);
  if (order.startsWith('find ')) find(task, state, Number(order.slice('find '.length)));
  const answer = said(`${threadId} ${order}`);
  if (!order.startsWith('swell ')) return answer;
  return { ...answer, thread: { id: threadId, memoryBytes: 1e6 * Number(order.slice('swell '.length)) } };
}

/** Its plan says that it was cancelled. */
function hold(state: TaskState, order: string): Answer {
  while (!state.isCancelled) pause();
  const summary = { status: 'feasible', stopped: 'cancelled', cost: 1, objective: 1, lowerBound: 1, gap: 0 } as const;
  return { ...said(`${threadId} ${order}`), summary: { ...summary, overload: 0, changes: 0 } };
}

function leave(task: Task, state: TaskState, order: string): never {
  tell(task, state, 60_000);
  if (order === 'leave die') {
    // What was posted is on its way.
    pause();
    process.exit(3);
  }
  throw new Error('a secret');
}

/** Answers for 100 ms, and then no more. */
function find(task: Task, state: TaskState, timeLimitMs: number): void {
  const control = tell(task, state, timeLimitMs);
  for (const end = now() + 100; now() < end; ) control.cancelled();
  for (;;) pause();
}

/** Two choices and a bound. */
function tell({ id }: Task, state: TaskState, timeLimitMs: number): ThreadControl {
  const control = new ThreadControl({
    task: id,
    state,
    timeLimitMs,
    post: (message) => parentPort?.postMessage(message),
    onAsked: (best) => parentPort?.postMessage({ task: id, kind: 'best', answer: said(`so far ${best?.slot}`) }),
  });
  for (const slot of [7, 8]) control.improved({ ingress: Int32Array.of(1), slot: Int32Array.of(slot) });
  control.report({ phase: 'finding', incumbent: 2, bound: 1 });
  return control;
}

function told({ choices, lowerBound, stopped }: RemainsOfTask): string {
  return `${stopped} ${lowerBound} ${keptChoice(choices)?.slot}`;
}

function said(text: string): Success {
  return { ok: true, body: new TextEncoder().encode(text).buffer, timing: { decode: 0, run: 1, encode: 0 } };
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

const fault: Failure = {
  ok: false,
  code: 'SOLVER_FAILED',
  message: 'spent',
  errors: [],
  errorCount: 0,
  stack: 'a secret',
};
