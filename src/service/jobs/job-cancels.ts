/** Cancels of jobs: written down, and told to whoever runs them. */
import { EgressoError } from '../../errors.ts';
import { hasEnded, type Job, type JobState } from './job.ts';
import type { JobRunner } from './job-runner.ts';
import type { JobStore } from './job-store.ts';
import { isStorageFault } from './storage-fault.ts';

export interface CancelParts {
  readonly store: JobStore;
  readonly runner: JobRunner;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of every job whose cancel was written, and how many items it ended that waited. */
  readonly onCancel: (job: Job) => void;
  readonly onItems: (state: JobState, count: number) => void;
}

export class JobCancels {
  readonly #parts: CancelParts;
  /** Of jobs whose cancel could not be written, and is tried again as long as this process lives. */
  readonly #unwritten = new Set<string>();

  constructor(parts: CancelParts) {
    this.#parts = parts;
  }

  /**
   * Durable when it resolves; null where there is no such job.
   *
   * Errors: STORAGE_UNAVAILABLE. What runs is asked to end all the same.
   */
  async cancel(id: string): Promise<Job | null> {
    const { store } = this.#parts;
    const job = await store.find(id);
    if (job === null || hasEnded(job)) return job;
    try {
      return await this.#write(id);
    } catch (error) {
      if (!(error instanceof EgressoError) || !isStorageFault(error)) throw error;
      this.#unwritten.add(id);
      await this.#endRuns(id);
      const message = `${error.message}; what runs was asked to end, and the cancel is written as soon as it can be`;
      throw new EgressoError(error.code, message);
    }
  }

  /** Writes what could not be written before. */
  async retry(): Promise<void> {
    for (const id of this.#unwritten) {
      try {
        const job = await this.#parts.store.find(id);
        if (job !== null && !hasEnded(job)) await this.#write(id);
        this.#unwritten.delete(id);
      } catch (error) {
        // Its client was told.
        if (!isStorageFault(error)) throw error;
        return;
      }
    }
  }

  async #write(id: string): Promise<Job | null> {
    const { store, now, onCancel, onItems } = this.#parts;
    const before = (await store.itemCounts(id)).cancelled;
    const job = await store.requestCancel(id, now());
    if (job === null) return null;
    const cancelled = (await store.itemCounts(id)).cancelled - before;
    if (cancelled > 0) onItems('cancelled', cancelled);
    await this.#endRuns(id);
    onCancel(job);
    return job;
  }

  /** Of a job, or of the items of a batch. */
  async #endRuns(id: string): Promise<void> {
    this.#parts.runner.cancel(id);
    await this.endItems(id);
  }

  /** Asks what runs of a batch to end. */
  async endItems(id: string): Promise<void> {
    const { store, runner } = this.#parts;
    for (const item of await store.runningItems(id)) runner.cancel(item.id);
  }
}
