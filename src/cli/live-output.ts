/** Shows what is newest, and holds up nobody: while a text is not taken by its reader, the next ones are left out. */
import type { Writable } from 'node:stream';
import { within } from '../manager/within.ts';
import { write } from './session.ts';

const FINISH_MS = 1000;

export class LiveOutput {
  readonly #stream: Writable;
  #isBusy = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** What comes last, once what is under way is taken; a reader that does not take it is not waited for. */
  async finish(text: string): Promise<void> {
    await within(
      write(this.#stream, text).catch(() => {}),
      FINISH_MS,
    );
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
