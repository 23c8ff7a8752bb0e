/** A router that takes the whole of its policy at once: each text stands in place of the one before. */
import type { ReadPolicy, RouterState } from './renderer.ts';

export class ReplacedText implements RouterState {
  readonly #create: () => RouterState;
  #current: RouterState;

  /** `create`: what reads one text. */
  constructor(create: () => RouterState) {
    this.#create = create;
    this.#current = create();
  }

  /** An empty text is none: nothing changes. */
  take(text: string): void {
    if (text === '') return;
    this.#current = this.#create();
    this.#current.take(text);
  }

  read(): ReadPolicy {
    return this.#current.read();
  }
}
