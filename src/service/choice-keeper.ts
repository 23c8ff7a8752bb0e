/** The best choice of a run, in memory that outlives its thread. */
import type { Choice } from '../problem/choice.ts';

/** Two places for a choice: one is whole while the other is written. */
export interface KeptChoices {
  /** Int32 [1]: the place that is whole, -1 before there is one. */
  readonly whole: SharedArrayBuffer;
  /** Int32 [pairs] each: ingress, slot; twice. */
  readonly places: readonly (readonly [ingress: SharedArrayBuffer, slot: SharedArrayBuffer])[];
}

export class ChoiceKeeper {
  readonly kept: KeptChoices;
  readonly #whole: Int32Array;

  constructor(pairCount: number) {
    const array = () => new SharedArrayBuffer(pairCount * Int32Array.BYTES_PER_ELEMENT);
    this.kept = {
      whole: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
      places: [
        [array(), array()],
        [array(), array()],
      ],
    };
    this.#whole = new Int32Array(this.kept.whole);
    this.#whole[0] = -1;
  }

  /** The thread may be ended at any moment: the place that is read changes only when the other is complete. */
  keep({ ingress, slot }: Choice): void {
    const next = Atomics.load(this.#whole, 0) === 0 ? 1 : 0;
    const [ingressPlace, slotPlace] = this.kept.places[next];
    new Int32Array(ingressPlace).set(ingress);
    new Int32Array(slotPlace).set(slot);
    Atomics.store(this.#whole, 0, next);
  }
}

/** A copy; null where none was kept. Not to be read while its thread writes. */
export function keptChoice({ whole, places }: KeptChoices): Choice | null {
  const place = Atomics.load(new Int32Array(whole), 0);
  if (place < 0) return null;
  const [ingress, slot] = places[place].map((shared) => new Int32Array(shared).slice());
  return { ingress, slot };
}
