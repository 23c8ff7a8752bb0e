/** Runs the jobs of a store in this process, as many at one time as its pool has free threads. */
import type { Answer } from '../task.ts';
import { type ExecutorParts, JobExecutor } from './job-executor.ts';
import type { JobRunner } from './job-runner.ts';
import type { ClaimingStore } from './job-store.ts';

export interface LocalRunnerParts extends ExecutorParts {
  readonly store: ClaimingStore;
  /** Jobs that may run at one time. */
  readonly jobThreads: number;
}

const RETRY_MS = 1000;

export class LocalRunner implements JobRunner {
  readonly #parts: LocalRunnerParts;
  readonly #executor: JobExecutor;
  #claiming: Promise<void> | undefined;
  #isAsked = false;

  constructor(parts: LocalRunnerParts) {
    this.#parts = parts;
    this.#executor = new JobExecutor(parts);
    parts.pool.onFree(() => this.wake());
    parts.gate?.onRoom(() => this.wake());
    this.wake();
  }

  wake(): void {
    this.#isAsked = true;
    this.#claiming ??= this.#claimAll()
      .catch((error) => {
        this.#parts.onFault(error);
        setTimeout(() => this.wake(), RETRY_MS).unref();
      })
      .finally(() => {
        this.#claiming = undefined;
        // Asked while it came to its end.
        if (this.#isAsked && this.#hasRoom) this.wake();
      });
  }

  cancel(id: string): void {
    this.#executor.cancel(id);
  }

  bestPlan(id: string): Promise<Answer | null> {
    return this.#executor.bestPlan(id);
  }

  async close(): Promise<void> {
    await this.#executor.close();
    // What was being claimed meanwhile is put back too.
    await this.#claiming;
    await this.#executor.close();
  }

  /**
   * Requests whose clients wait come first; but however many they are, one job is in line with them. A job that has a plan
   * which cannot be written yet has its place until it is. Before a thread has loaded none is claimed: a process that dies
   * so early, again and again, would use up the attempts of a job that never ran.
   */
  get #hasRoom(): boolean {
    const { count, startingCount, isClosing } = this.#executor;
    const { jobThreads, pool } = this.#parts;
    return !isClosing && pool.isReady && count < jobThreads && (pool.freeThreads > startingCount || count === 0);
  }

  async #claimAll(): Promise<void> {
    while (this.#isAsked && this.#hasRoom) {
      this.#isAsked = false;
      const { store, gate, now } = this.#parts;
      const job = await store.claim(now(), gate === undefined ? undefined : (next) => gate.verdict(next));
      if (job === null) continue;
      this.#isAsked = true;
      void this.#executor.perform(job).then(() => this.wake());
    }
  }
}
