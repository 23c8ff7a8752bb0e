/** A worker thread: decodes, validates, solves, encodes. It never throws; a fault is an answer. */
import { getHeapStatistics } from 'node:v8';
import { parentPort, threadId } from 'node:worker_threads';
import { EgressoError, ERROR_CATALOG, type Fault } from '../errors.ts';
import { decodeBody, encodeBody } from '../formats/codec.ts';
import { decompress } from '../formats/compression.ts';
import { assign, assignmentOfRemains, type GapResult } from '../gap.ts';
import { asEgressoError } from '../http/problem.ts';
import { summarize, type Validation } from '../model/validate-model.ts';
import { startMeter } from '../optimizer/run/meter.ts';
import type { Plan } from '../plan/plan.ts';
import { denseGap } from '../problem/gap-instance.ts';
import { planOfRemains, solveModel } from '../solve.ts';
import { keptChoice } from './choice-keeper.ts';
import { LastBatch } from './last-batch.ts';
import { explain, policy } from './plan-operations.ts';
import { summaryOf } from './plan-summary.ts';
import { below, parseGapRequest, parseSolveRequest, type SolveRequest } from './requests.ts';
import { RunMeter } from './run-meter.ts';
import { transferred } from './solver-threads.ts';
import type { Answer, Failure, Operation, RemainsOfTask, Success, Task, ThreadMessage, ThreadReport } from './task.ts';
import { TaskState } from './task-state.ts';
import { ThreadControl } from './thread-control.ts';
import { type Batch, parseBatch, varied } from './variations.ts';

type Operate = (body: unknown, task: Task, state: TaskState) => Promise<unknown>;

const OPERATIONS: Record<Operation, Operate> = {
  solve,
  gap,
  validate,
  policy,
  explain,
  recode: async (body) => body,
  split: async (body) => parseBatch(body).variations.map(({ id }) => id),
  vary: (batch, task, state) => solve(varied(batch as Batch, task.item ?? 0), task, state),
};

const batches = new LastBatch();
const meter = new RunMeter(startMeter(() => performance.now()));

export default load();

/** An assignment of one job to one machine: the thread is of use only when solver and kernels have run in it. */
async function load(): Promise<(task: Task) => Promise<Answer>> {
  const one = Float64Array.of(1);
  await assign(denseGap({ machineCount: 1, jobCount: 1, costs: one, weights: one, capacities: one }));
  post({ loadedThread: threadId });
  return async (task) => transferred({ ...(await answer(task)), thread: threadReport() });
}

function threadReport(): ThreadReport {
  const { total_heap_size, external_memory } = getHeapStatistics();
  return { id: threadId, memoryBytes: total_heap_size + external_memory };
}

async function answer(task: Task): Promise<Answer> {
  const state = new TaskState(task.state);
  try {
    const started = performance.now();
    state.takenBy(threadId);
    const decoded =
      task.operation === 'vary' ? batches.of(task, decodedBatch) : decodeBody(plainBytes(task), task.bodyType);
    const decodedAt = performance.now();
    meter.begin();
    const result = await OPERATIONS[task.operation](decoded, task, state);
    const ranAt = performance.now();
    state.enter('encoding');
    const body = encoded(result, task);
    return {
      ok: true,
      body,
      timing: { decode: decodedAt - started, run: ranAt - decodedAt, encode: performance.now() - ranAt },
      measures: meter.measures,
      ...gist(result, task),
    };
  } catch (error) {
    return failureOf(error);
  } finally {
    batches.rest();
  }
}

function decodedBatch(task: Task): Batch {
  return parseBatch(decodeBody(plainBytes(task), task.bodyType));
}

function plainBytes({ body, compressed }: Task): Uint8Array {
  // A copy: decoders and hashes take no shared memory.
  const bytes = new Uint8Array(body).slice();
  return compressed === undefined ? bytes : decompress(bytes, compressed.compression, compressed.decodedLimit);
}

/** What the main thread has to know of a result, which it does not decode. */
function gist(result: unknown, { operation }: Task): Pick<Success, 'summary' | 'names'> {
  if (operation === 'solve' || operation === 'vary') return { summary: summaryOf(result as Plan) };
  return operation === 'split' ? { names: result as string[] } : {};
}

async function solve(body: unknown, task: Task, state: TaskState): Promise<Plan> {
  const request = parseSolveRequest(body, task.maxTimeLimitMs);
  if (task.remains !== undefined) return finish(request, task.remains, state);
  const { model, options } = request;
  const control = new ThreadControl({
    task: task.id,
    state,
    timeLimitMs: options.timeLimitMs,
    deadline: task.deadline,
    post,
    meter,
    onAsked: (choice, lowerBound) => {
      if (choice === null) postBest(task, noPlanYet());
      else
        postBest(
          task,
          answerSoFar(() => planOfRemains(model, options, { choice, lowerBound, stopped: 'time' }), task),
        );
    },
  });
  try {
    return await solveModel(model, options, control);
  } catch (error) {
    throw error instanceof EgressoError ? withPointer(error) : error;
  }
}

/** What the thread before this one left. */
function finish({ model, options }: SolveRequest, { choices, ...rest }: RemainsOfTask, state: TaskState): Plan {
  state.enter('encoding');
  const choice = keptChoice(choices);
  if (choice === null) throw noPlanYet();
  return planOfRemains(model, options, { choice, ...rest });
}

/** An assignment lies where a choice does, twice. */
async function gap(body: unknown, task: Task, state: TaskState): Promise<GapResult> {
  const { instance, options } = parseGapRequest(body, task.maxTimeLimitMs);
  const { timeLimitMs } = options;
  if (task.remains !== undefined) {
    state.enter('encoding');
    const left = keptChoice(task.remains.choices);
    if (left === null) throw noPlanYet();
    return assignmentOfRemains(instance, left.slot, task.remains.lowerBound);
  }
  const control = new ThreadControl({
    task: task.id,
    state,
    timeLimitMs,
    post,
    meter,
    onAsked: (best, bound) => {
      if (best === null) postBest(task, noPlanYet());
      else
        postBest(
          task,
          answerSoFar(() => assignmentOfRemains(instance, best.slot, bound), task),
        );
    },
  });
  return assign(instance, { ...control, met: (slot) => control.improved({ ingress: slot, slot }) });
}

async function validate(body: unknown, task: Task): Promise<Validation> {
  try {
    const { model } = parseSolveRequest(body, task.maxTimeLimitMs);
    return { valid: true, errors: [], errorCount: 0, summary: summarize(model) };
  } catch (error) {
    if (!(error instanceof EgressoError) || ERROR_CATALOG[error.code].status !== 400) throw error;
    return { valid: false, errors: error.errors, errorCount: error.errorCount, summary: null };
  }
}

/** A fault in it is an answer: the run goes on. */
function answerSoFar(result: () => unknown, task: Task): Answer {
  const started = performance.now();
  try {
    const found = result();
    const planned = performance.now();
    const body = encoded(found, task);
    return { ok: true, body, timing: { decode: 0, run: planned - started, encode: performance.now() - planned } };
  } catch (error) {
    return failureOf(error);
  }
}

function noPlanYet(): EgressoError {
  return new EgressoError('PLAN_NOT_FOUND', 'there is no plan yet');
}

function postBest({ id }: Task, best: Answer | EgressoError): void {
  const answer = best instanceof EgressoError ? failureOf(best) : best;
  post({ task: id, kind: 'best', answer }, answer.ok ? [answer.body] : []);
}

function post(message: ThreadMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** A sound model may still have no plan to look for: the faults of a solve are those of the model or of its method. */
function withPointer(error: EgressoError): EgressoError {
  if (error.code !== 'EXACT_TOO_LARGE') return below('/model', error);
  const fault: Fault = { pointer: '/options/method', message: error.message };
  return new EgressoError(error.code, error.message, [fault]);
}

/** Bytes in a buffer of their own: an encoder's buffer may be shared, and a transfer would take all of it. */
function encoded(result: unknown, { answerType }: Task): ArrayBuffer {
  const bytes = encodeBody(result, answerType);
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return whole ? (bytes.buffer as ArrayBuffer) : new Uint8Array(bytes).buffer;
}

function failureOf(error: unknown): Failure {
  const { code, message, errors, errorCount, kind } = asEgressoError(error);
  if (kind.status !== 500) return { ok: false, code, message, errors, errorCount };
  const stack = error instanceof Error ? error.stack : String(error);
  // After an abort of a solver's wasm every later call in this thread would fail.
  return { ok: false, code, message, errors, errorCount, stack, spentThread: threadId };
}
