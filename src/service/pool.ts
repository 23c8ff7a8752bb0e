/**
 * The worker threads and the queue before them; the only user of Piscina.
 *
 * Admission and order are ours: Piscina ignores `maxQueue` for tasks that can be aborted, so it is handed no more tasks
 * than it has threads. Every request ends in an `Answer`: a fault, a cancel and a dead thread too.
 */
import { Piscina } from 'piscina';
import { EgressoError } from '../errors.ts';
import type { Answer, Failure, LoadedMessage, Success, TaskRequest } from './task.ts';

export interface PoolOptions {
  readonly threads: number;
  /** Requests that may wait beyond those that run. */
  readonly queueLimit: number;
  /** Module whose default export resolves to `(task: Task) => Promise<Answer>`. */
  readonly worker?: URL;
  /** A cancelled task that has not ended after this time loses its thread. */
  readonly cancelGraceMs?: number;
  /** Told of a thread that died while it ran nothing. */
  readonly onThreadError?: (error: Error) => void;
}

interface Waiting {
  readonly request: TaskRequest;
  readonly flag: Int32Array;
  /** Ends the thread that runs the task. */
  readonly kill: AbortController;
  readonly settle: (answer: Answer) => void;
}

// The same file from source and from build/dist: the ending is that of this module.
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export class SolverPool {
  readonly threads: number;
  readonly #limit: number;
  readonly #cancelGraceMs: number;
  readonly #piscina: Piscina;
  readonly #loadedThreads = new Set<number>();
  readonly #queue: Waiting[] = [];
  readonly #running = new Set<Waiting>();
  #admitted = 0;
  #closing = false;
  /** Called, and forgotten, whenever a thread has loaded, the last thread is gone, or the last task has ended. */
  #watchers: (() => void)[] = [];

  constructor({ threads, queueLimit, worker = WORKER, cancelGraceMs = 2000, onThreadError = () => {} }: PoolOptions) {
    this.threads = threads;
    this.#limit = threads + queueLimit;
    this.#cancelGraceMs = cancelGraceMs;
    this.#piscina = new Piscina({ filename: worker.href, minThreads: threads, maxThreads: threads });
    this.#piscina.on('message', ({ loadedThread }: LoadedMessage) => {
      this.#loadedThreads.add(loadedThread);
      this.#wakeWatchers();
    });
    // Without a listener the death of an idle thread would end the process.
    this.#piscina.on('error', onThreadError);
    // Piscina tells of the end before it removes the thread and starts another.
    this.#piscina.on('workerDestroy', () => setImmediate(() => this.#failIfWithoutThreads()));
  }

  /** A thread is alive in which solver and kernels have run. */
  get isReady(): boolean {
    return !this.#closing && this.#piscina.threads.some(({ threadId }) => this.#loadedThreads.has(threadId));
  }

  /** Errors: SERVICE_UNAVAILABLE where no thread starts. */
  async whenReady(): Promise<void> {
    while (!this.isReady) {
      if (this.#closing || this.#piscina.threads.length === 0) {
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

  /**
   * Runs a request that was admitted, first come, first served. `request.body` is detached. An abort takes it out of the
   * queue, or asks its run to end.
   */
  run(request: TaskRequest, signal: AbortSignal): Promise<Answer> {
    if (this.#closing || signal.aborted) return Promise.resolve(failure('INTERRUPTED', 'the request was cancelled'));
    return new Promise((settle) => {
      const flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const waiting = { request, flag, kill: new AbortController(), settle };
      signal.addEventListener('abort', () => this.#cancel(waiting), { once: true });
      this.#queue.push(waiting);
      this.#startNext();
    });
  }

  /** Takes no more requests, gives those in flight `graceMs`, then cancels them; resolves when none is left. */
  async drain(graceMs: number): Promise<void> {
    this.#closing = true;
    const timer = setTimeout(() => {
      for (const waiting of [...this.#queue, ...this.#running]) this.#cancel(waiting);
    }, graceMs);
    while (this.#running.size > 0) await this.#nextWake();
    clearTimeout(timer);
  }

  async close(): Promise<void> {
    await this.drain(0);
    await this.#piscina.destroy();
  }

  #startNext(): void {
    while (this.#running.size < this.threads) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      void this.#start(next);
    }
  }

  async #start(waiting: Waiting): Promise<void> {
    this.#running.add(waiting);
    const answer = await this.#runInThread(waiting);
    if (!answer.ok && answer.spentThread !== undefined) await this.#end(answer.spentThread);
    this.#running.delete(waiting);
    waiting.settle(answer);
    this.#startNext();
    if (this.#running.size === 0) this.#wakeWatchers();
  }

  async #runInThread({ request, flag, kill }: Waiting): Promise<Answer> {
    try {
      const task = { ...request, cancel: flag.buffer };
      return await this.#piscina.run(task, { transferList: [request.body], signal: kill.signal });
    } catch (error) {
      if (flag[0] === 1) return failure('INTERRUPTED', 'the request was cancelled');
      return { ...failure('INTERNAL', 'the worker thread ended unexpectedly'), stack: String(error) };
    }
  }

  #cancel(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting);
    if (place >= 0) {
      this.#queue.splice(place, 1);
      waiting.settle(failure('INTERRUPTED', 'the request was cancelled while it waited'));
      return;
    }
    if (!this.#running.has(waiting)) return;
    Atomics.store(waiting.flag, 0, 1);
    // Not every step looks at the flag: decoding does not, and a solver may be late.
    setTimeout(() => {
      if (this.#running.has(waiting)) waiting.kill.abort();
    }, this.#cancelGraceMs).unref();
  }

  /** Piscina starts another thread in its place. */
  async #end(threadId: number): Promise<void> {
    await this.#piscina.threads.find((thread) => thread.threadId === threadId)?.terminate();
  }

  /** Piscina starts no thread by itself after one failed to load, and leaves what waits for it waiting. */
  #failIfWithoutThreads(): void {
    if (this.#piscina.threads.length > 0) return;
    for (const { kill } of this.#running) kill.abort();
    this.#wakeWatchers();
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

/** Marks the bytes of an answer for transfer; for worker modules. */
export function transferred(answer: Answer): Answer {
  if (!answer.ok) return answer;
  const movable = { [Piscina.transferableSymbol]: answer.body, [Piscina.valueSymbol]: answer };
  return Piscina.move(movable as never) as unknown as Success;
}

function failure(code: Failure['code'], message: string): Failure {
  return { ok: false, code, message, errors: [], errorCount: 0 };
}
