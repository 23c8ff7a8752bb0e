/** The variations of a model on worker threads of this process. */
import { EgressoError } from '../errors.ts';
import { encodeBody } from '../formats/codec.ts';
import { type Problem, problemOf } from '../http/problem.ts';
import type { PlanSummary } from '../service/plan-summary.ts';
import { SolverPool } from '../service/pool.ts';
import type { Answer, TaskRequest } from '../service/task.ts';
import { inOrderOfEnd } from './in-order-of-end.ts';

export interface BatchItem {
  /** The how manieth that ended, from 1. */
  readonly sequence: number;
  /** Its place in the list of variations, from 0. */
  readonly item: number;
  readonly id: string;
  readonly state: 'done' | 'failed' | 'cancelled';
  readonly summary: PlanSummary | null;
  readonly problem: Problem | null;
  /** JSON. */
  readonly plan: Uint8Array | null;
}

/** The variations as they end. Errors: REQUEST_INVALID for faults of the list; those of a variation are its result. */
export async function* runBatch(batch: object, threads: number, signal: AbortSignal): AsyncGenerator<BatchItem> {
  const pool = new SolverPool({ threads, queueLimit: 0 });
  try {
    await pool.whenReady();
    const request = {
      body: sharedBytes(batch),
      bodyType: 'application/msgpack',
      answerType: 'application/json',
    } as const;
    const names = await namesOf(pool, request, signal);
    // Twice as many as run: a thread has its next one while the results of others are written.
    const ended = inOrderOfEnd(names.length, 2 * threads, async (item) => {
      const { answer } = pool.run({ ...request, operation: 'vary', item, batch: 'this' }, { signal, keepsBest: true });
      return { item, ...endOf(await answer) };
    });
    let sequence = 0;
    for await (const { item, ...end } of ended) yield { sequence: ++sequence, item, id: names[item], ...end };
  } finally {
    await pool.close();
  }
}

async function namesOf(
  pool: SolverPool,
  request: Omit<TaskRequest, 'operation'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const answer = await pool.run({ ...request, operation: 'split' }, { signal }).answer;
  if (answer.ok) return answer.names as readonly string[];
  throw new EgressoError(answer.code, answer.message, answer.errors, answer.errorCount);
}

function endOf(answer: Answer): Omit<BatchItem, 'sequence' | 'item' | 'id'> {
  if (answer.ok) {
    const summary = answer.summary ?? null;
    const state = summary?.stopped === 'cancelled' ? 'cancelled' : 'done';
    return { state, summary, problem: null, plan: new Uint8Array(answer.body) };
  }
  if (answer.code === 'INTERRUPTED') return { state: 'cancelled', summary: null, problem: null, plan: null };
  return { state: 'failed', summary: null, problem: problemOf(answer), plan: null };
}

function sharedBytes(batch: object): SharedArrayBuffer {
  const bytes = encodeBody(batch, 'application/msgpack');
  const shared = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(shared).set(bytes);
  return shared;
}
