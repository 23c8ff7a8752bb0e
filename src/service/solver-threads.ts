/** The worker threads: starts, watches and replaces them. The only user of Piscina. */
import { Piscina } from 'piscina';
import type { Answer, LoadedMessage, Success, Task, TaskMessage, ThreadMessage } from './task.ts';

export interface ThreadOptions {
  readonly threads: number;
  /** Module whose default export resolves to `(task: Task) => Promise<Answer>`. */
  readonly worker?: URL;
  readonly onMessage: (message: TaskMessage) => void;
  /** A thread has loaded, or the last thread is gone. */
  readonly onChange: () => void;
  /** Told of a thread that died while it ran nothing. */
  readonly onThreadError: (error: Error) => void;
}

// The same file from source and from build/dist: the ending is that of this module.
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export class SolverThreads {
  readonly #piscina: Piscina;
  readonly #loaded = new Set<number>();

  constructor({ threads, worker = WORKER, onMessage, onChange, onThreadError }: ThreadOptions) {
    this.#piscina = new Piscina({ filename: worker.href, minThreads: threads, maxThreads: threads });
    this.#piscina.on('message', (message: ThreadMessage) => {
      if (!isLoaded(message)) return onMessage(message);
      this.#loaded.add(message.loadedThread);
      onChange();
    });
    // Without a listener the death of an idle thread would end the process.
    this.#piscina.on('error', onThreadError);
    // Piscina tells of the end before it removes the thread and starts another.
    this.#piscina.on('workerDestroy', () => setImmediate(onChange));
  }

  /** Threads that are alive, loaded or not. */
  get count(): number {
    return this.#piscina.threads.length;
  }

  /** A thread is alive in which solver and kernels have run. */
  get hasLoaded(): boolean {
    return this.#piscina.threads.some(({ threadId }) => this.#loaded.has(threadId));
  }

  /** Runs a task; `kill` ends its thread, and another one is started. Throws where the thread is gone. */
  run(task: Task, kill: AbortSignal): Promise<Answer> {
    return this.#piscina.run(task, { signal: kill });
  }

  /** Another thread is started in its place. */
  async end(threadId: number): Promise<void> {
    await this.#piscina.threads.find((thread) => thread.threadId === threadId)?.terminate();
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}

function isLoaded(message: ThreadMessage): message is LoadedMessage {
  return 'loadedThread' in message;
}

/** Marks the bytes of an answer for transfer; for worker modules. */
export function transferred(answer: Answer): Answer {
  if (!answer.ok) return answer;
  const movable = { [Piscina.transferableSymbol]: answer.body, [Piscina.valueSymbol]: answer };
  return Piscina.move(movable as never) as unknown as Success;
}
