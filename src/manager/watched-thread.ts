/**
 * A thread that is not trusted: one that ends by itself, or does not answer in time, is replaced. For what may throw where nobody
 * catches it, never come back, or take so long that this thread cannot wait: parsers of what comes from the network, and the solver.
 */
import { Worker } from 'node:worker_threads';

/** Said once, when the thread is loaded. */
export const READY = 'ready';
/** Ends the answer to a question; whatever comes before is part of it. */
export const ANSWERED = 'answered';

const LOAD_LIMIT_MS = 10_000;

export class WatchedThread<Question, Reply> implements AsyncDisposable {
  readonly #script: URL;
  readonly #workerData: unknown;
  readonly #loadLimitMs: number;
  #worker: Worker | null = null;
  /** Whether the thread was loaded before it was lost. */
  #loading = Promise.withResolvers<boolean>();
  #isLoaded = false;
  #loadTimer: NodeJS.Timeout | undefined;
  #listener: ((reply: Reply) => void) | null = null;
  #settle: ((isAnswered: boolean) => void) | null = null;
  #isClosed = false;
  /** Threads that ended by themselves, or were ended. */
  lostCount = 0;

  constructor(script: URL, workerData: unknown = null, loadLimitMs = LOAD_LIMIT_MS) {
    this.#script = script;
    this.#workerData = workerData;
    this.#loadLimitMs = loadLimitMs;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Starts a thread where there is none. False where it was lost before it had loaded. */
  load(): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    if (this.#worker === null) this.#start();
    return this.#loading.promise;
  }

  /** One question at a time. False where the thread was lost; `listener` may have been told parts of the answer. */
  async ask(question: Question, limitMs: number, listener: (reply: Reply) => void): Promise<boolean> {
    if (!this.#isLoaded) await this.load();
    const worker = this.#worker;
    if (!this.#isLoaded || worker === null) return false;
    const answered = Promise.withResolvers<boolean>();
    let isOpen = true;
    // What has come while this thread was busy is heard first.
    const timer = setTimeout(() => setImmediate(() => isOpen && this.#lose(worker)), limitMs);
    this.#listener = listener;
    this.#settle = answered.resolve;
    worker.postMessage(question);
    try {
      return await answered.promise;
    } finally {
      isOpen = false;
      clearTimeout(timer);
      this.#listener = null;
      this.#settle = null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  #start(): void {
    const worker = new Worker(this.#script, { workerData: this.#workerData });
    worker.on('message', (message: Reply | typeof READY | typeof ANSWERED) => this.#receive(worker, message));
    worker.on('error', () => this.#lose(worker));
    worker.on('exit', () => this.#lose(worker));
    this.#worker = worker;
    this.#loading = Promise.withResolvers();
    this.#loadTimer = setTimeout(() => this.#lose(worker), this.#loadLimitMs);
  }

  #receive(worker: Worker, message: Reply | typeof READY | typeof ANSWERED): void {
    if (worker !== this.#worker) return;
    if (message === ANSWERED) this.#settle?.(true);
    else if (message !== READY) this.#listener?.(message as Reply);
    else {
      clearTimeout(this.#loadTimer);
      this.#isLoaded = true;
      this.#loading.resolve(true);
    }
  }

  #lose(worker: Worker): void {
    if (worker !== this.#worker) return;
    this.lostCount++;
    void this.#end();
  }

  /** Whoever waits hears of it. */
  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#isLoaded = false;
    clearTimeout(this.#loadTimer);
    this.#loading.resolve(false);
    this.#settle?.(false);
    await worker?.terminate();
  }
}
