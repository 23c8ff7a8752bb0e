/** The words that the main thread and a worker thread share while a task runs; each side may be silent for long. */

/** Waiting: for a thread that is still loading. */
export type Stage = 'waiting' | 'decoding' | 'solving' | 'encoding';

/** Handed to the thread as part of its task. */
export interface TaskWords {
  /** Int32 [5]: cancel, beat, stage, how often the best plan was asked for, thread. */
  readonly words: SharedArrayBuffer;
  /** Float64 [1]: when the time limit ends, as `now` tells; Infinity before it began. */
  readonly end: SharedArrayBuffer;
}

const CANCEL = 0;
const BEAT = 1;
const STAGE = 2;
const ASKED = 3;
const THREAD = 4;
const STAGES: readonly Stage[] = ['waiting', 'decoding', 'solving', 'encoding'];

/** Milliseconds on a clock that all threads of the process read alike, and that no one sets. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

export class TaskState {
  readonly shared: TaskWords;
  readonly #words: Int32Array;
  readonly #end: Float64Array;

  /** New words where none are given. */
  constructor(shared?: TaskWords) {
    this.shared = shared ?? {
      words: new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT),
      end: new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT),
    };
    this.#words = new Int32Array(this.shared.words);
    this.#end = new Float64Array(this.shared.end);
    if (shared === undefined) this.#end[0] = Number.POSITIVE_INFINITY;
  }

  cancel(): void {
    Atomics.store(this.#words, CANCEL, 1);
  }

  get isCancelled(): boolean {
    return Atomics.load(this.#words, CANCEL) === 1;
  }

  /** A sign of life of the thread. */
  beat(): void {
    Atomics.add(this.#words, BEAT, 1);
  }

  /** Changes with every sign of life. */
  get pulse(): number {
    return Atomics.load(this.#words, BEAT);
  }

  /** Told by the thread that has taken the task. */
  takenBy(threadId: number): void {
    Atomics.store(this.#words, THREAD, threadId);
    this.enter('decoding');
  }

  /** The thread that has taken the task; 0, which is the main thread, before one has. */
  get thread(): number {
    return Atomics.load(this.#words, THREAD);
  }

  enter(stage: Stage): void {
    Atomics.store(this.#words, STAGE, STAGES.indexOf(stage));
    this.beat();
  }

  get stage(): Stage {
    return STAGES[Atomics.load(this.#words, STAGE)];
  }

  /** The time limit runs from now on. */
  startLimit(end: number): void {
    this.#end[0] = end;
    this.enter('solving');
  }

  /** As `now` tells. */
  get end(): number {
    return this.#end[0];
  }

  askForBest(): void {
    Atomics.add(this.#words, ASKED, 1);
  }

  get asked(): number {
    return Atomics.load(this.#words, ASKED);
  }
}
