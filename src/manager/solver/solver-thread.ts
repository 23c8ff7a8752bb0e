/**
 * The optimizer in a thread of its own: while it solves, leases, the kill switch, the routes' stream, the API and signals do not wait.
 * A thread that dies, or has not answered in time, is replaced, and what it was asked is without an answer, as where the clock cut it.
 */
import { extname } from 'node:path';
import type { Reallocation, ReallocationRequest } from '../decision/reallocator.ts';
import { WatchedThread } from '../watched-thread.ts';
import { within } from '../within.ts';
import type { SolverQuestion } from './messages.ts';

// The same module from source and from build/dist: the ending is that of this one.
const THREAD = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url);

/** A minute: nobody waits for it but a manager that starts. */
const LOAD_LIMIT_MS = 60_000;
/** Beyond the limit of a question: the solver looks at its clock now and then only. */
const SILENCE_MS = 1000;

const NO_ANSWER: Reallocation = { fits: null, moves: [] };

export class SolverThread implements AsyncDisposable {
  readonly #thread: WatchedThread<SolverQuestion, Reallocation>;

  /** `script`: for tests, of a thread that speaks as `thread.ts` does. */
  constructor(script = THREAD) {
    this.#thread = new WatchedThread(script, null, LOAD_LIMIT_MS);
  }

  /** Threads that were lost. */
  get lostCount(): number {
    return this.#thread.lostCount;
  }

  /** False where no thread can be started. */
  load(): Promise<boolean> {
    return this.#thread.load();
  }

  /** One question at a time, answered at most a second after its limit. `fits` is null where there is no answer. */
  async ask(request: ReallocationRequest, limitMs: number): Promise<Reallocation> {
    const end = performance.now() + limitMs;
    // One that replaces another may still load.
    await within(this.load(), limitMs);
    if (!this.#thread.isLoaded) return NO_ANSWER;
    const leftMs = Math.max(0, end - performance.now());
    let answer = NO_ANSWER;
    const isAnswered = await this.#thread.ask({ request, limitMs: leftMs }, leftMs + SILENCE_MS, (reply) => {
      answer = reply;
    });
    if (isAnswered) return answer;
    // For the next question.
    void this.load();
    return NO_ANSWER;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]();
  }
}
