/** Shows what is newest, and holds up nobody: while a text is not taken by its reader, the next ones are left out. */
import type { Writable } from 'node:stream';
import { write } from './session.ts';

export class LiveOutput {
  readonly #stream: Writable;
  #isBusy = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** `text` is made only if it is shown. */
  offer(text: () => string): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    // A full disk is no fault of what is shown.
    void write(this.#stream, text())
      .catch(() => {})
      .finally(() => {
        this.#isBusy = false;
      });
  }
}
