/**
 * What a neighbor may be told while updates are under way: each session tells what it does in any one of several states,
 * whatever the others tell.
 */
import { OfferList } from './offer-list.ts';
import { compareOffers, type Offers } from './offers.ts';

/** The offers of one session in the states. */
interface Told {
  /** Index into `model.points`. */
  readonly point: number;
  /** Index of the best and of the worst one, by what a missing MED may count as. */
  readonly best: number[];
  readonly worst: number[];
  /** In so many states it is sure to tell one. */
  sureCount: number;
}

export class OfferRange {
  readonly #sessions: readonly { readonly point: number }[];
  readonly #medsOfNone: readonly number[];
  readonly #told = new Map<number, Told>();
  readonly #list = new OfferList();
  #stateCount = 0;

  /** `sessions`: of the network; `medsOfNone`: what the neighbor may take a missing MED for. */
  constructor(sessions: readonly { readonly point: number }[], medsOfNone: readonly number[]) {
    this.#sessions = sessions;
    this.#medsOfNone = medsOfNone;
  }

  clear(): void {
    this.#told.clear();
    this.#list.clear();
    this.#stateCount = 0;
  }

  /** One more state; the offers are copied. */
  add(offers: Offers): void {
    this.#stateCount++;
    for (let o = 0; o < offers.count; o++) {
      const session = offers.session[o];
      let told = this.#told.get(session);
      if (told === undefined) {
        told = { point: this.#sessions[session].point, best: [], worst: [], sureCount: 0 };
        this.#told.set(session, told);
      }
      told.sureCount += offers.isSure[o];
      const copy = this.#list.push(offers, o);
      for (const [view, none] of this.#medsOfNone.entries()) {
        const { best, worst } = told;
        if (compareOffers(this.#list.offers, copy, best[view] ?? copy, none) <= 0) best[view] = copy;
        if (compareOffers(this.#list.offers, copy, worst[view] ?? copy, none) >= 0) worst[view] = copy;
      }
    }
  }

  /** Whether there may be nothing that the neighbor is told. */
  get mayBeSilent(): boolean {
    return [...this.#told.values()].every((told) => this.#mayLack(told));
  }

  /** The points where the neighbor may enter: its best offer there is as good as the worst of each session elsewhere. */
  possibleIngress(): number[] {
    const all = [...this.#told.values()];
    const { offers } = this.#list;
    const isPossible = ({ point, best }: Told): boolean =>
      this.#medsOfNone.some((none, view) =>
        all.every(
          (other) =>
            other.point === point ||
            this.#mayLack(other) ||
            compareOffers(offers, best[view], other.worst[view], none) <= 0,
        ),
      );
    return [...new Set(all.filter(isPossible).map(({ point }) => point))];
  }

  #mayLack({ sureCount }: Told): boolean {
    return sureCount < this.#stateCount;
  }
}
