/**
 * The ways of a pair while updates of one phase are under way: each session tells its neighbor what it does in any state of the
 * phase, whatever the others tell, and each router may already, or still, send traffic on as in any of them.
 */
import type { NetworkModel } from '../model/network-model.ts';
import { OfferRange } from './bgp/offer-range.ts';
import { medsOfNone } from './bgp/offers.ts';
import type { PairWays } from './bgp/pair-ways.ts';
import type { Setting } from './setting.ts';

export class TransientWays {
  readonly #neighbor: number;
  readonly #prefix: number;
  readonly #points: NetworkModel['points'];
  /** Where the neighbor may enter at all. */
  readonly #entries: readonly number[];
  readonly #range: OfferRange;
  readonly #egress = new Map<number, Set<number>>();

  constructor({ network, model, bgp }: Pick<Setting, 'network' | 'model' | 'bgp'>, neighbor: number, prefix: number) {
    this.#neighbor = neighbor;
    this.#prefix = prefix;
    this.#points = model.points;
    this.#entries = [...new Set(Array.from(network.sessionsOf[neighbor], (s) => network.sessions[s].point))];
    this.#range = new OfferRange(network.sessions, medsOfNone(bgp.neighborMissingMed));
  }

  /** The first state of a phase, at rest. */
  start(ways: PairWays): void {
    this.#range.clear();
    this.#egress.clear();
    this.add(ways);
  }

  /** One more of its states. */
  add(ways: PairWays): void {
    this.#range.add(ways.offers(this.#neighbor, this.#prefix));
    for (const point of this.#entries) {
      const found = this.#egress.get(point) ?? new Set<number>();
      for (const egress of ways.possibleEgress(this.#prefix, this.#points[point].router)) found.add(egress);
      this.#egress.set(point, found);
    }
  }

  get mayBeUntold(): boolean {
    return this.#range.mayBeSilent;
  }

  /** Points where it may leave, by point where it may enter. */
  get ways(): ReadonlyMap<number, readonly number[]> {
    return new Map(this.#range.possibleIngress().map((point) => [point, [...(this.#egress.get(point) ?? [])]]));
  }
}
