/** Offers of several moments side by side, so that they can be compared. */
import { emptyOffers, type Offers } from './offers.ts';

export class OfferList {
  #offers: Offers = emptyOffers(16);

  /** Valid until the next `push`. */
  get offers(): Offers {
    return this.#offers;
  }

  /** Adds a copy of an offer; its index. */
  push(from: Offers, o: number): number {
    if (this.#offers.count === this.#offers.med.length) this.#offers = grown(this.#offers);
    const to = this.#offers;
    const at = to.count++;
    for (const column of COLUMNS) to[column][at] = from[column][o];
    return at;
  }

  clear(): void {
    this.#offers.count = 0;
  }
}

const COLUMNS = ['session', 'asPathLength', 'origin', 'med', 'isSure'] as const;

function grown(offers: Offers): Offers {
  const larger = emptyOffers(2 * offers.med.length);
  larger.count = offers.count;
  for (const column of COLUMNS) larger[column].set(offers[column]);
  return larger;
}
