/**
 * The solver in a thread of its own. HiGHS and the kernels never yield, so a command that ran them in its own thread
 * could neither draw progress nor hear an interrupt.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { EgressoError } from '../errors.ts';
import type { ImportOptions } from '../formats/import-options.ts';
import type { GapResult } from '../gap.ts';
import type { GapOptions, SolveOptions } from '../model/options.ts';
import type { ModelSummary } from '../model/validate-model.ts';
import type { Progress } from '../optimizer/run/run-control.ts';
import type { Plan } from '../plan/plan.ts';
import type { GapInstance } from '../problem/gap-instance.ts';
import type { ModelBytes } from './model-file.ts';
import type { Reply, Task, ThreadData, ThreadFault } from './solver-task.ts';

export type ProgressListener = (progress: Progress) => void;

interface Running {
  readonly task: Task;
  readonly onProgress: ProgressListener;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: EgressoError) => void;
}

// The same module from source and from build/dist: the ending is that of this one.
const THREAD = new URL(`./solver-thread${extname(import.meta.filename)}`, import.meta.url);

export class Solver implements AsyncDisposable {
  readonly #cancel = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  #running: Running | null = null;

  constructor() {
    const workerData: ThreadData = { cancel: this.#cancel };
    this.#worker = new Worker(THREAD, { workerData });
    this.#worker.on('message', (reply: Reply) => this.#receive(reply));
    this.#worker.on('error', (error) => {
      this.#settle((running) => running.reject(new EgressoError('INTERNAL', `the solver ended: ${error.message}`)));
    });
  }

  get isCancelled(): boolean {
    return Atomics.load(this.#cancel, 0) === 1;
  }

  /** Sets the model of the plans to come. Errors: BODY_MALFORMED, MODEL_INVALID. */
  async decode(model: ModelBytes): Promise<ModelSummary> {
    const task: Task = { kind: 'decode', model };
    return (await this.#run(task, () => {}, [model.bytes.buffer as ArrayBuffer])) as ModelSummary;
  }

  /** The same from files, which are paths. Errors: as `importNetwork`. */
  async import(options: ImportOptions): Promise<{ summary: ModelSummary; reports: string[] }> {
    return (await this.#run({ kind: 'import', options })) as { summary: ModelSummary; reports: string[] };
  }

  async solve(options: SolveOptions, onProgress?: ProgressListener): Promise<Plan> {
    return (await this.#run({ kind: 'solve', options }, onProgress)) as Plan;
  }

  async assign(instance: GapInstance, options: GapOptions, onProgress?: ProgressListener): Promise<GapResult> {
    return (await this.#run({ kind: 'assign', instance, options }, onProgress)) as GapResult;
  }

  /** A solve ends with the best plan so far; what has no plan yet fails with INTERRUPTED. */
  cancel(): void {
    Atomics.store(this.#cancel, 0, 1);
    const kind = this.#running?.task.kind;
    if (kind === 'solve' || kind === 'assign') return;
    this.#settle((running) => running.reject(interrupted()));
    void this.#worker.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #run(task: Task, onProgress: ProgressListener = () => {}, transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.isCancelled) return Promise.reject(interrupted());
    return new Promise((resolve, reject) => {
      this.#running = { task, onProgress, resolve, reject };
      this.#worker.postMessage(task, transfer);
    });
  }

  #receive(reply: Reply): void {
    if (reply.kind === 'progress') this.#running?.onProgress(reply.progress);
    else if (reply.kind === 'result') this.#settle((running) => running.resolve(reply.result));
    else this.#settle((running) => running.reject(asError(reply.fault)));
  }

  #settle(how: (running: Running) => void): void {
    const running = this.#running;
    this.#running = null;
    if (running !== null) how(running);
  }
}

function interrupted(): EgressoError {
  return new EgressoError('INTERRUPTED', 'the run was interrupted before there was a plan');
}

function asError({ code, message, errors, errorCount, stack }: ThreadFault): EgressoError {
  const error = new EgressoError(code, message, errors, errorCount);
  if (stack !== undefined) error.stack = stack;
  return error;
}
