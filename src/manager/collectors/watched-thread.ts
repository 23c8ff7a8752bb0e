/**
 * A thread that is not trusted: one that ends by itself, or does not answer in time, is replaced. For parsers of what comes from
 * the network, which may throw where nobody catches it, or never come back.
 */
import { Worker } from 'node:worker_threads';

/** Said once, when the thread is loaded. */
export const READY = 'ready';
/** Ends the answer to a question; whatever comes before is part of it. */
export const ANSWERED = 'answered';

const LOAD_LIMIT_MS = 10_000;

export class WatchedThread<Reply> implements AsyncDisposable {
  readonly #script: URL;
  readonly #workerData: unknown;
  readonly #limitMs: number;
  #worker: Worker | null = null;
  #isReady = false;
  #listener: ((reply: Reply) => void) | null = null;
  #settle: ((isAnswered: boolean) => void) | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** Threads that ended by themselves, or were ended. */
  lostCount = 0;

  /** `limitMs`: for an answer. */
  constructor(script: URL, workerData: unknown, limitMs: number) {
    this.#script = script;
    this.#workerData = workerData;
    this.#limitMs = limitMs;
  }

  /** One question at a time. False where the thread was lost; `listener` may have been told parts of the answer. */
  async ask(listener: (reply: Reply) => void): Promise<boolean> {
    const worker = this.#worker ?? this.#start();
    try {
      return await new Promise<boolean>((resolve) => {
        this.#listener = listener;
        this.#settle = resolve;
        this.#setTimer(worker);
        worker.postMessage(null);
      });
    } finally {
      clearTimeout(this.#timer);
      this.#listener = null;
      this.#settle = null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#settle?.(false);
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#script, { workerData: this.#workerData });
    worker.on('message', (message: Reply | typeof READY | typeof ANSWERED) => this.#receive(worker, message));
    worker.on('error', () => this.#lose(worker));
    worker.on('exit', () => this.#lose(worker));
    this.#worker = worker;
    this.#isReady = false;
    return worker;
  }

  #receive(worker: Worker, message: Reply | typeof READY | typeof ANSWERED): void {
    if (worker !== this.#worker) return;
    if (message === ANSWERED) this.#settle?.(true);
    else if (message !== READY) this.#listener?.(message as Reply);
    else {
      this.#isReady = true;
      if (this.#settle !== null) this.#setTimer(worker);
    }
  }

  #setTimer(worker: Worker): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(worker), this.#isReady ? this.#limitMs : LOAD_LIMIT_MS);
  }

  #lose(worker: Worker): void {
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.lostCount++;
    this.#settle?.(false);
    void worker.terminate();
  }
}
