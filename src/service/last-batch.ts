/** The batch that a thread has decoded last: its items come one after the other, and all of them need all of it. */
import type { Task } from './task.ts';
import type { Batch } from './variations.ts';

const KEPT_MS = 1000;

export class LastBatch {
  #name: string | undefined;
  #batch: Batch | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param decode for a batch that is not the last, or has no name. Its values are shared, never changed. */
  of(task: Task, decode: (task: Task) => Batch): Batch {
    clearTimeout(this.#timer);
    const isKnown = this.#batch !== undefined && task.batch !== undefined && task.batch === this.#name;
    // Never two of them at one time.
    if (!isKnown) this.#batch = undefined;
    this.#batch ??= decode(task);
    this.#name = task.batch;
    return this.#batch;
  }

  /** Kept for a while after its last item. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#batch = undefined;
    }, KEPT_MS).unref();
  }
}
