/** A worker thread: decodes, validates, solves, encodes. It never throws; a fault is an answer. */
import { parentPort, threadId } from 'node:worker_threads';
import { EgressoError, ERROR_CATALOG, type Fault } from '../errors.ts';
import { decodeBody, encodeBody } from '../formats/codec.ts';
import { assign } from '../gap.ts';
import { summarize, type Validation } from '../model/validate-model.ts';
import { denseGap } from '../optimizer/gap-instance.ts';
import type { RunControl } from '../optimizer/run-control.ts';
import { solveModel } from '../solve.ts';
import { transferred } from './pool.ts';
import { asEgressoError } from './problem.ts';
import { below, parseGapRequest, parseSolveRequest } from './requests.ts';
import type { Answer, Failure, LoadedMessage, Operation, Task } from './task.ts';

type Run = (body: unknown, isCancelled: () => boolean) => Promise<unknown>;

const OPERATIONS: Record<Operation, Run> = { solve, gap, validate };

export default load();

/** An assignment of one job to one machine: the thread is of use only when solver and kernels have run in it. */
async function load(): Promise<(task: Task) => Promise<Answer>> {
  const one = Float64Array.of(1);
  await assign(denseGap({ machineCount: 1, jobCount: 1, costs: one, weights: one, capacities: one }));
  parentPort?.postMessage({ loadedThread: threadId } satisfies LoadedMessage);
  return async (task) => transferred(await answer(task));
}

async function answer({ operation, body, bodyType, answerType, cancel }: Task): Promise<Answer> {
  const flag = new Int32Array(cancel);
  try {
    const started = performance.now();
    const decoded = decodeBody(new Uint8Array(body), bodyType);
    const decodedAt = performance.now();
    const result = await OPERATIONS[operation](decoded, () => Atomics.load(flag, 0) === 1);
    const ranAt = performance.now();
    const bytes = ownBuffer(encodeBody(result, answerType));
    const timing = { decode: decodedAt - started, run: ranAt - decodedAt, encode: performance.now() - ranAt };
    return { ok: true, body: bytes, timing };
  } catch (error) {
    return failureOf(error);
  }
}

async function solve(body: unknown, isCancelled: () => boolean): Promise<unknown> {
  const { model, options } = parseSolveRequest(body);
  try {
    return await solveModel(model, options, limitedTo(options.timeLimitMs, isCancelled));
  } catch (error) {
    throw error instanceof EgressoError ? withPointer(error) : error;
  }
}

async function gap(body: unknown, isCancelled: () => boolean): Promise<unknown> {
  const { instance, options } = parseGapRequest(body);
  return assign(instance, limitedTo(options.timeLimitMs, isCancelled));
}

async function validate(body: unknown): Promise<Validation> {
  try {
    const { model } = parseSolveRequest(body);
    return { valid: true, errors: [], errorCount: 0, summary: summarize(model) };
  } catch (error) {
    if (!(error instanceof EgressoError) || ERROR_CATALOG[error.code].status !== 400) throw error;
    return { valid: false, errors: error.errors, errorCount: error.errorCount, summary: null };
  }
}

function limitedTo(timeLimitMs: number, cancelled: () => boolean): RunControl {
  const end = performance.now() + timeLimitMs;
  return { remainingMs: () => end - performance.now(), cancelled, report: () => {} };
}

/** A sound model may still have no plan to look for: the faults of a solve are those of the model or of its method. */
function withPointer(error: EgressoError): EgressoError {
  if (error.code !== 'EXACT_TOO_LARGE') return below('/model', error);
  const fault: Fault = { pointer: '/options/method', message: error.message };
  return new EgressoError(error.code, error.message, [fault]);
}

/** Bytes in a buffer of their own: an encoder's buffer may be shared, and a transfer would take all of it. */
function ownBuffer(bytes: Uint8Array): ArrayBuffer {
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
