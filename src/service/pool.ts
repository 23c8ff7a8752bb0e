/**
 * The queue before the worker threads: who is admitted, who is next, who has to end.
 *
 * Admission and order are ours: Piscina ignores `maxQueue` for tasks that can be aborted, so it is handed no more tasks
 * than it has threads. Every request ends in an `Answer`: a fault, a cancel and a dead thread too.
 */
import { EgressoError } from '../errors.ts';
import { failure, Run, type RunListener } from './run.ts';
import { RunTurns, type TurnOptions } from './run-turns.ts';
import { SolverThreads, type ThreadOptions } from './solver-threads.ts';
import type { Answer, TaskRequest } from './task.ts';

export interface PoolOptions extends Pick<ThreadOptions, 'threads' | 'worker' | 'heapMegabytes'>, TurnOptions {
  /** Requests that may wait beyond those that run. */
  readonly queueLimit: number;
  /** The longest time limit that a request may ask for. */
  readonly maxTimeLimitMs?: number | undefined;
}

export interface RunOptions extends RunListener {
  /** An abort takes the request out of the queue, or asks its run to end. */
  readonly signal: AbortSignal;
  /** After an abort somebody still waits for the best plan so far. */
  readonly keepsBest?: boolean;
}

/** A run that had a thread, and is over. */
export interface EndedRun {
  readonly request: TaskRequest;
  readonly answer: Answer;
  /** In the queue, and in threads. */
  readonly waitedMs: number;
  readonly ranMs: number;
}

const MAX_TIME_LIMIT_MS = 600_000;
/** For runs that were cancelled when the pool closes; a large model may take longer to be silent than an end may take. */
const LAST_WORDS_MS = 10_000;

export class SolverPool {
  readonly threads: number;
  readonly #limit: number;
  readonly #maxTimeLimitMs: number;
  readonly #threads: SolverThreads;
  readonly #turns: RunTurns;
  readonly #queue: Run[] = [];
  readonly #runs = new Map<number, Run>();
  #nextId = 1;
  #admitted = 0;
  #closing = false;
  /** Called, and forgotten, whenever a thread has loaded, the last thread is gone, or the last task has ended. */
  #watchers: (() => void)[] = [];
  #onFree: () => void = () => {};
  #onEnd: (ended: EndedRun) => void = () => {};

  constructor({ queueLimit, threads, maxTimeLimitMs = MAX_TIME_LIMIT_MS, ...options }: PoolOptions) {
    const { worker, heapMegabytes, onThreadError = () => {} } = options;
    this.threads = threads;
    this.#limit = threads + queueLimit;
    this.#maxTimeLimitMs = maxTimeLimitMs;
    this.#threads = new SolverThreads({
      threads,
      ...(worker !== undefined && { worker }),
      ...(heapMegabytes !== undefined && { heapMegabytes }),
      onMessage: (message) => this.#runs.get(message.task)?.hear(message),
      onChange: () => this.#threadsChanged(),
      onThreadError,
    });
    this.#turns = new RunTurns(this.#threads, options);
  }

  /** A thread is alive in which solver and kernels have run. */
  get isReady(): boolean {
    return !this.#closing && this.#threads.loadedCount > 0;
  }

  /** Threads in which solver and kernels have run, the spare one among them. */
  get loadedThreads(): number {
    return this.#threads.loadedCount;
  }

  /** Threads that have loaded and that nobody uses or waits for. */
  get freeThreads(): number {
    if (this.#closing) return 0;
    const loaded = Math.min(this.threads, this.#threads.loadedCount);
    return Math.max(0, loaded - this.#turns.count - this.#queue.length);
  }

  /** Runs that wait for a thread, and that have one. */
  get load(): { waiting: number; running: number } {
    return { waiting: this.#queue.length, running: this.#turns.count };
  }

  /** Requests that have a thread. */
  get runningRequests(): TaskRequest[] {
    return this.#turns.runs.map(({ request }) => request);
  }

  /** Heap, array buffers and WebAssembly memory of each thread, bytes. */
  threadMemory(): Promise<number[]> {
    return this.#threads.memory();
  }

  /** `listener` is told of every run that had a thread. */
  onEnd(listener: (ended: EndedRun) => void): void {
    this.#onEnd = listener;
  }

  /** `listener` is told whenever a thread may have become free. */
  onFree(listener: () => void): void {
    this.#onFree = listener;
  }

  /** Errors: SERVICE_UNAVAILABLE where no thread starts. */
  async whenReady(): Promise<void> {
    while (!this.isReady) {
      if (this.#closing || this.#threads.count === 0) {
        throw new EgressoError('SERVICE_UNAVAILABLE', 'no worker thread could be started');
      }
      await this.#nextWake();
    }
  }

  /** Takes one of the places that bound memory and waiting time. Errors: SERVICE_BUSY, SERVICE_UNAVAILABLE. */
  admit(): Disposable {
    if (this.#closing) throw new EgressoError('SERVICE_UNAVAILABLE', 'the service is closing');
    if (this.#admitted >= this.#limit) {
      throw new EgressoError('SERVICE_BUSY', `${this.#limit} requests are running or waiting, which is the limit`);
    }
    this.#admitted++;
    let held = true;
    const release = (): void => {
      if (held) this.#admitted--;
      held = false;
    };
    return { [Symbol.dispose]: release };
  }

  /** Runs a request, first come, first served. It is at once in the queue, or in a thread. */
  run(request: TaskRequest, { signal, keepsBest = false, ...listener }: RunOptions): Run {
    const run = new Run(this.#nextId++, request, listener, this.#maxTimeLimitMs);
    if (this.#closing || signal.aborted) {
      run.end(failure('INTERRUPTED', 'the request was cancelled'));
      return run;
    }
    const cancel = (): void => {
      if (!keepsBest) run.forsake();
      this.#cancel(run);
    };
    signal.addEventListener('abort', cancel, { once: true });
    run.answer.then(() => signal.removeEventListener('abort', cancel));
    this.#runs.set(run.id, run);
    this.#queue.push(run);
    this.#startNext();
    return run;
  }

  /**
   * Takes no more requests, gives those in flight `graceMs`, then cancels them, and ends the threads of those that have not
   * ended `lastWordsMs` later; resolves when none is left.
   */
  async drain(graceMs: number, lastWordsMs = LAST_WORDS_MS): Promise<void> {
    this.#closing = true;
    const timers = [
      setTimeout(() => {
        for (const run of [...this.#queue, ...this.#turns.runs]) this.#cancel(run);
      }, graceMs),
      setTimeout(() => this.#turns.abandonAll(), graceMs + lastWordsMs),
    ];
    while (this.#turns.count > 0) await this.#nextWake();
    for (const timer of timers) clearTimeout(timer);
  }

  async close(): Promise<void> {
    await this.drain(0);
    await this.#threads.close();
  }

  #startNext(): void {
    while (this.#turns.count < this.threads) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      void this.#start(next);
    }
    this.#tellFree();
  }

  async #start(run: Run): Promise<void> {
    const startedAt = performance.now();
    const answer = await this.#turns.take(run);
    this.#turns.leave(run);
    this.#runs.delete(run.id);
    run.end(answer);
    const { request, queuedAt } = run;
    this.#onEnd({ request, answer, waitedMs: startedAt - queuedAt, ranMs: performance.now() - startedAt });
    this.#startNext();
    if (this.#turns.count === 0) this.#wakeWatchers();
  }

  #cancel(run: Run): void {
    const place = this.#queue.indexOf(run);
    if (place >= 0) {
      this.#queue.splice(place, 1);
      this.#runs.delete(run.id);
      run.end(failure('INTERRUPTED', 'the request was cancelled while it waited'));
      return;
    }
    this.#turns.cancel(run);
  }

  /** Piscina starts no thread by itself after one failed to load, and leaves what waits for it waiting. */
  #threadsChanged(): void {
    if (this.#threads.count === 0) this.#turns.abandonAll();
    this.#wakeWatchers();
    this.#tellFree();
  }

  #tellFree(): void {
    if (this.freeThreads > 0) this.#onFree();
  }

  #nextWake(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  #wakeWatchers(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const wake of watchers) wake();
  }
}
