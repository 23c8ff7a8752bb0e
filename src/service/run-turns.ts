/**
 * How a run comes to its answer: a search in one thread, and where that was ended or has failed, the plan of the best choice that
 * it has left, made by another.
 *
 * A thread is ended where it answers nothing after its cancel or its time limit, where its memory runs out, and where it is of
 * no more use or holds too much after its run.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Run, Turn } from './run.ts';
import type { SolverThreads } from './solver-threads.ts';
import type { Answer } from './task.ts';
import { now } from './task-state.ts';
import { failureOf } from './turn-failure.ts';
import { WATCHDOG_LIMITS, type WatchdogLimits } from './watchdog.ts';

export interface TurnOptions {
  readonly watchdog?: WatchdogLimits;
  /** A thread that holds more after a run is replaced, bytes: WebAssembly memory never shrinks. */
  readonly threadMemoryBytes?: number;
  /** Told of a thread that died while it ran nothing, or failed in a run that another thread then answered. */
  readonly onThreadError?: (error: Error) => void;
}

const WATCH_INTERVAL_MS = 100;
const THREAD_MEMORY_BYTES = 2 ** 30;

export class RunTurns {
  readonly #threads: SolverThreads;
  readonly #watchdog: WatchdogLimits;
  readonly #threadMemoryBytes: number;
  readonly #onThreadError: (error: Error) => void;
  /** The turn of each run that has a thread. */
  readonly #turns = new Map<Run, Turn>();

  constructor(threads: SolverThreads, options: TurnOptions) {
    const { watchdog = WATCHDOG_LIMITS, threadMemoryBytes = THREAD_MEMORY_BYTES, onThreadError = () => {} } = options;
    this.#threads = threads;
    this.#watchdog = watchdog;
    this.#threadMemoryBytes = threadMemoryBytes;
    this.#onThreadError = onThreadError;
  }

  get count(): number {
    return this.#turns.size;
  }

  /** Those that have a thread. */
  get runs(): Run[] {
    return [...this.#turns.keys()];
  }

  /** Its answer, when it is over. Its place among those that have a thread is kept until it has left. Never rejects. */
  async take(run: Run): Promise<Answer> {
    const search = run.take(this.#watchdog);
    const answer = await this.#runTurn(search);
    const stopped = search.killed ?? (hasFailed(answer) ? 'failed' : null);
    // What the thread told before its end comes by another channel than that.
    if (stopped !== null) await nextTurn();
    const remains = stopped === null || run.isForsaken ? undefined : run.remains(stopped);
    if (remains === undefined) return answer;
    const finished = await this.#runTurn(run.take(this.#watchdog, remains));
    if (!finished.ok) return answer;
    if (stopped === 'failed' && !answer.ok) this.#onThreadError(new Error(answer.stack ?? answer.message));
    return finished;
  }

  leave(run: Run): void {
    this.#turns.delete(run);
  }

  /** Asks a search to end with what it has. A turn that only writes down what was found is let end. */
  cancel(run: Run): void {
    const turn = this.#turns.get(run);
    if (turn?.isSearch) turn.state.cancel();
  }

  /** Ends all threads that run something. */
  abandonAll(): void {
    for (const turn of this.#turns.values()) turn.abandon();
  }

  async #runTurn(turn: Turn): Promise<Answer> {
    this.#turns.set(turn.run, turn);
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
      if (isExhausted && this.#turns.get(turn.run) === turn) turn.exhaust();
    });
  }

  /** Where it is of no more use, or holds too much. */
  async #endThreadOf(answer: Answer): Promise<void> {
    const { thread } = answer;
    if (!answer.ok && answer.spentThread !== undefined) await this.#threads.end(answer.spentThread);
    else if (thread !== undefined && thread.memoryBytes > this.#threadMemoryBytes) await this.#threads.end(thread.id);
  }
}

/** The thread or its solver, not the request. */
function hasFailed(answer: Answer): boolean {
  return !answer.ok && ['WORKER_DIED', 'SOLVER_FAILED', 'INTERNAL'].includes(answer.code);
}
