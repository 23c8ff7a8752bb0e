/**
 * The queue before the worker threads: who is admitted, who is next, who has to end.
 *
 * Admission and order are ours: Piscina ignores `maxQueue` for tasks that can be aborted, so it is handed no more tasks
 * than it has threads. Every request ends in an `Answer`: a fault, a cancel and a dead thread too. A thread that answers
 * nothing after its cancel or its time limit is ended, and another one makes the plan of the best choice that it has left;
 * so it does where a thread died or its solver failed.
 */
import { EgressoError } from '../errors.ts';
import { failure, Run, type RunListener, type Turn } from './run.ts';
import { SolverThreads, type ThreadOptions } from './solver-threads.ts';
import type { Answer, TaskRequest } from './task.ts';
import { now } from './task-state.ts';
import { failureOf } from './turn-failure.ts';
import { WATCHDOG_LIMITS, type WatchdogLimits } from './watchdog.ts';

export interface PoolOptions extends Pick<ThreadOptions, 'threads' | 'worker' | 'heapMegabytes'> {
  /** Requests that may wait beyond those that run. */
  readonly queueLimit: number;
  readonly watchdog?: WatchdogLimits;
  /** The longest time limit that a request may ask for. */
  readonly maxTimeLimitMs?: number | undefined;
  /** A thread that holds more after a run is replaced, bytes: WebAssembly memory never shrinks. */
  readonly threadMemoryBytes?: number;
  /** Told of a thread that died while it ran nothing, or failed in a run that another thread then answered. */
  readonly onThreadError?: (error: Error) => void;
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

const WATCH_INTERVAL_MS = 100;
const THREAD_MEMORY_BYTES = 2 ** 30;
const MAX_TIME_LIMIT_MS = 600_000;
/** For runs that were cancelled when the pool closes; a large model may take longer to be silent than an end may take. */
const LAST_WORDS_MS = 10_000;

export class SolverPool {
  readonly threads: number;
  readonly #limit: number;
  readonly #watchdog: WatchdogLimits;
  readonly #onThreadError: (error: Error) => void;
  readonly #maxTimeLimitMs: number;
  readonly #threadMemoryBytes: number;
  readonly #threads: SolverThreads;
  readonly #queue: Run[] = [];
  /** The turn of each run that has a thread. */
  readonly #running = new Map<Run, Turn>();
  readonly #runs = new Map<number, Run>();
  /** Runs that were cancelled and whose plan nobody waits for. */
  readonly #forsaken = new WeakSet<Run>();
  #nextId = 1;
  #admitted = 0;
  #closing = false;
  /** Called, and forgotten, whenever a thread has loaded, the last thread is gone, or the last task has ended. */
  #watchers: (() => void)[] = [];
  #onFree: () => void = () => {};
  #onEnd: (ended: EndedRun) => void = () => {};

  constructor({ queueLimit, watchdog = WATCHDOG_LIMITS, onThreadError = () => {}, ...options }: PoolOptions) {
    const {
      threads,
      worker,
      heapMegabytes,
      threadMemoryBytes = THREAD_MEMORY_BYTES,
      maxTimeLimitMs = MAX_TIME_LIMIT_MS,
    } = options;
    this.threads = threads;
    this.#threadMemoryBytes = threadMemoryBytes;
    this.#limit = threads + queueLimit;
    this.#watchdog = watchdog;
    this.#onThreadError = onThreadError;
    this.#maxTimeLimitMs = maxTimeLimitMs;
    this.#threads = new SolverThreads({
      threads,
      ...(worker !== undefined && { worker }),
      ...(heapMegabytes !== undefined && { heapMegabytes }),
      onMessage: (message) => this.#runs.get(message.task)?.hear(message),
      onChange: () => this.#threadsChanged(),
      onThreadError,
    });
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
    return Math.max(0, loaded - this.#running.size - this.#queue.length);
  }

  /** Runs that wait for a thread, and that have one. */
  get load(): { waiting: number; running: number } {
    return { waiting: this.#queue.length, running: this.#running.size };
  }

  /** Requests that have a thread. */
  get runningRequests(): TaskRequest[] {
    return [...this.#running.keys()].map(({ request }) => request);
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
      if (!keepsBest) this.#forsaken.add(run);
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
        for (const run of [...this.#queue, ...this.#running.keys()]) this.#cancel(run);
      }, graceMs),
      setTimeout(() => {
        for (const turn of this.#running.values()) turn.abandon();
      }, graceMs + lastWordsMs),
    ];
    while (this.#running.size > 0) await this.#nextWake();
    for (const timer of timers) clearTimeout(timer);
  }

  async close(): Promise<void> {
    await this.drain(0);
    await this.#threads.close();
  }

  #startNext(): void {
    while (this.#running.size < this.threads) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      void this.#start(next);
    }
    this.#tellFree();
  }

  async #start(run: Run): Promise<void> {
    const startedAt = performance.now();
    const answer = await this.#runToTheEnd(run);
    this.#running.delete(run);
    this.#runs.delete(run.id);
    run.end(answer);
    const { request, queuedAt } = run;
    this.#onEnd({ request, answer, waitedMs: startedAt - queuedAt, ranMs: performance.now() - startedAt });
    this.#startNext();
    if (this.#running.size === 0) this.#wakeWatchers();
  }

  async #runToTheEnd(run: Run): Promise<Answer> {
    const search = run.take(this.#watchdog);
    const answer = await this.#runTurn(search);
    const stopped = search.killed ?? (hasFailed(answer) ? 'failed' : null);
    const remains = stopped === null || this.#forsaken.has(run) ? undefined : run.remains(stopped);
    if (remains === undefined) return answer;
    const finished = await this.#runTurn(run.take(this.#watchdog, remains));
    if (!finished.ok) return answer;
    if (stopped === 'failed' && !answer.ok) this.#onThreadError(new Error(answer.stack ?? answer.message));
    return finished;
  }

  async #runTurn(turn: Turn): Promise<Answer> {
    this.#running.set(turn.run, turn);
    const watch = setInterval(() => this.#watch(turn), WATCH_INTERVAL_MS);
    try {
      const answer = await this.#threads.run(turn.task, turn.kill);
      await this.#endThreadOf(answer);
      return answer;
    } catch (error) {
      return failureOf(turn, error);
    } finally {
      clearInterval(watch);
    }
  }

  #watch(turn: Turn): void {
    turn.watch(now());
    void this.#threads.isExhausted(turn.state.thread).then((isExhausted) => {
      if (isExhausted && this.#running.get(turn.run) === turn) turn.exhaust();
    });
  }

  /** Where it is of no more use, or holds too much. */
  async #endThreadOf(answer: Answer): Promise<void> {
    const { thread } = answer;
    if (!answer.ok && answer.spentThread !== undefined) await this.#threads.end(answer.spentThread);
    else if (thread !== undefined && thread.memoryBytes > this.#threadMemoryBytes) await this.#threads.end(thread.id);
  }

  #cancel(run: Run): void {
    const place = this.#queue.indexOf(run);
    if (place >= 0) {
      this.#queue.splice(place, 1);
      this.#runs.delete(run.id);
      run.end(failure('INTERRUPTED', 'the request was cancelled while it waited'));
      return;
    }
    // A turn that only writes down what was found is let end.
    const turn = this.#running.get(run);
    if (turn?.isSearch) turn.state.cancel();
  }

  /** Piscina starts no thread by itself after one failed to load, and leaves what waits for it waiting. */
  #threadsChanged(): void {
    if (this.#threads.count === 0) for (const turn of this.#running.values()) turn.abandon();
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

/** The thread or its solver, not the request. */
function hasFailed(answer: Answer): boolean {
  return !answer.ok && ['WORKER_DIED', 'SOLVER_FAILED', 'INTERNAL'].includes(answer.code);
}
