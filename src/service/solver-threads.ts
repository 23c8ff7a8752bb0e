/** The worker threads: starts, watches and replaces them. The only user of Piscina. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HeapInfo } from 'node:v8';
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Answer, LoadedMessage, Success, Task, TaskMessage, ThreadMessage } from './task.ts';

export interface ThreadOptions {
  readonly threads: number;
  /** Module whose default export resolves to `(task: Task) => Promise<Answer>`. */
  readonly worker?: URL;
  /** JavaScript heap that a thread may have; array buffers and WebAssembly memory are not in it. */
  readonly heapMegabytes?: number;
  readonly onMessage: (message: TaskMessage) => void;
  /** A thread has loaded, or the last thread is gone. */
  readonly onChange: () => void;
  /** Told of a thread that died while it ran nothing. */
  readonly onThreadError: (error: Error) => void;
}

// The same file from source and from build/dist: the ending is that of this module.
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** Loaded, and idle until another thread dies: a new one takes most of a second to load solver and kernels. */
const SPARE_THREADS = 1;
const HEAP_MEGABYTES = 4096;
/** A thread in one long call, or in garbage collection, answers afterwards. */
const LONGEST_ANSWER_MS = 500;
/**
 * Of the heap that a thread may have, as the limit that V8 knows: where one array is larger than what is left, V8 ends the
 * whole process. A thread that has more than it may is ended long before.
 */
const HEAP_MARGIN = 2;

export class SolverThreads {
  readonly #piscina: Piscina;
  readonly #heapBytes: number;
  readonly #loaded = new Set<number>();

  constructor(options: ThreadOptions) {
    const { threads, worker = WORKER, heapMegabytes = HEAP_MEGABYTES, onMessage, onChange, onThreadError } = options;
    this.#heapBytes = heapMegabytes * 2 ** 20;
    this.#piscina = new Piscina({
      filename: worker.href,
      minThreads: threads + SPARE_THREADS,
      maxThreads: threads + SPARE_THREADS,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MARGIN * heapMegabytes },
    });
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

  /** Threads that are alive and in which solver and kernels have run. */
  get loadedCount(): number {
    return this.#piscina.threads.filter(({ threadId }) => this.#loaded.has(threadId)).length;
  }

  /** Runs a task; `kill` ends its thread, and another one is started. Throws where the thread is gone. */
  run(task: Task, kill: AbortSignal): Promise<Answer> {
    return this.#piscina.run(task, { signal: kill });
  }

  /** Whether a thread has more heap than it may. Waits while the thread is in one long call. */
  async isExhausted(threadId: number): Promise<boolean> {
    const thread = this.#piscina.threads.find((candidate) => candidate.threadId === threadId);
    const heap = thread === undefined ? undefined : await heapOf(thread);
    return heap !== undefined && heap.total_heap_size > this.#heapBytes;
  }

  /** Heap, array buffers and WebAssembly memory of each thread, bytes; 0 of one that is too busy to tell. */
  memory(): Promise<number[]> {
    return Promise.all(
      this.#piscina.threads.map(async (thread) => {
        const heap = await Promise.race([heapOf(thread), delay(LONGEST_ANSWER_MS, undefined, { ref: false })]);
        return heap === undefined ? 0 : heap.total_heap_size + heap.external_memory;
      }),
    );
  }

  /** Another thread is started in its place. */
  async end(threadId: number): Promise<void> {
    await this.#piscina.threads.find((thread) => thread.threadId === threadId)?.terminate();
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}

/** Undefined where the thread is gone before it answers. */
function heapOf(thread: Worker): Promise<HeapInfo | undefined> {
  return thread.getHeapStatistics().catch(() => undefined);
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
