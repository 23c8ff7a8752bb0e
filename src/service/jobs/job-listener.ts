/** Waits for events of one job. What comes while nobody waits is not missed. */
export class JobListener implements Disposable {
  readonly #stop: () => void;
  #isTold = false;
  #wake: () => void = () => {};

  constructor(stop: () => void) {
    this.#stop = stop;
  }

  tell = (): void => {
    this.#isTold = true;
    this.#wake();
  };

  /** Whether there was an event since the last call; waits for one until `milliseconds` have passed or `signal` aborts. */
  async next(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#isTold && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = resolve;
      const stop = (): void => resolve();
      signal.addEventListener('abort', stop);
      await promise;
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
    const isTold = this.#isTold;
    this.#isTold = false;
    return isTold;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
