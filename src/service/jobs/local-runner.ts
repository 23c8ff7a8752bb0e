/** Runs the jobs of a store in this process, as many at one time as its pool has free threads. */
import type { Answer } from '../task.ts';
import { type ExecutorParts, JobExecutor } from './job-executor.ts';
import type { JobRunner } from './job-runner.ts';
import type { ClaimingStore } from './job-store.ts';

export interface LocalRunnerParts extends ExecutorParts {
  readonly store: ClaimingStore;
  readonly now: () => number;
}

const RETRY_MS = 1000;

export class LocalRunner implements JobRunner {
  readonly #parts: LocalRunnerParts;
  readonly #executor: JobExecutor;
  #isClaiming = false;
  #isAsked = false;

  constructor(parts: LocalRunnerParts) {
    this.#parts = parts;
    this.#executor = new JobExecutor(parts);
    parts.pool.onFree(() => this.wake());
    this.wake();
  }

  wake(): void {
    this.#isAsked = true;
    if (this.#isClaiming) return;
    this.#isClaiming = true;
    this.#claimAll()
      .catch((error) => {
        this.#parts.onFault(error);
        setTimeout(() => this.wake(), RETRY_MS).unref();
      })
      .finally(() => {
        this.#isClaiming = false;
      });
  }

  cancel(id: string): void {
    this.#executor.cancel(id);
  }

  bestPlan(id: string): Promise<Answer | null> {
    return this.#executor.bestPlan(id);
  }

  close(): Promise<void> {
    return this.#executor.close();
  }

  /** Requests whose clients wait come first; but however many they are, one job is in line with them. */
  get #hasRoom(): boolean {
    const { count, startingCount, isClosing } = this.#executor;
    return !isClosing && (this.#parts.pool.freeThreads > startingCount || count === 0);
  }

  async #claimAll(): Promise<void> {
    while (this.#isAsked && this.#hasRoom) {
      this.#isAsked = false;
      const job = await this.#parts.store.claim(this.#parts.now());
      if (job === null) continue;
      this.#isAsked = true;
      void this.#executor.perform(job).then(() => this.wake());
    }
  }
}
