/**
 * The order in which neighbors are told what changes, such that while updates are under way, some sessions telling the old
 * and some the new, each still comes in where it does before or where it is to.
 *
 * `offer`: better at the planned point, and where it does not reach what the neighbor takes now. `deter`: worse at third points,
 * where the old offer would win against the one at the planned point. `worsen`: worse where the neighbor comes in now, and at
 * the other third points. `restore`: better at third points, worse at the planned one. So third points are behind what the neighbor
 * takes now until `worsen`, and from then on behind the final offer at the planned point. Up to `worsen` all of it is told of routes
 * that stay, as those that are to be used are preferred before; `restore` is for the final routes, so behind `release`. What happens
 * while import policy is under way, no order of export policy can help.
 */
import { OfferList } from './bgp/offer-list.ts';
import { compareOffers, medsOfNone } from './bgp/offers.ts';
import type { Setting } from './setting.ts';
import type { Entry, Phase, Transition } from './transition.ts';
import type { Trial } from './trial.ts';

/** A neighbor and the point where it is to enter. */
export interface Comer {
  readonly neighbor: number;
  readonly wanted: number;
}

/** `entries`: of prefix k, as `transition` has them; those of other neighbors than `comers` stay in their phases. */
export function inExportOrder(
  setting: Setting,
  transition: Transition,
  trial: Trial,
  k: number,
  entries: readonly Entry[],
  comers: readonly Comer[],
): Entry[] {
  const { sessions } = setting.network;
  const told = new Map(
    comers
      .filter(({ neighbor }) => entries.some((one) => isExport(one) && sessions[one.session].neighbor === neighbor))
      .map((comer) => [comer.neighbor, new Told(setting, comer)]),
  );
  if (told.size === 0) return [...entries];
  for (const isAfter of [false, true]) {
    trial.play(
      k,
      transition.partial(entries, (entry) => entry.phase === 'prefer' || (isAfter && isExport(entry))),
    );
    for (const one of told.values()) one.look(trial, k, isAfter);
  }
  return entries.map((entry) => {
    const neighbor = told.get(sessions[entry.session].neighbor);
    return !isExport(entry) || neighbor === undefined ? entry : { ...entry, phase: neighbor.phaseOf(entry) };
  });
}

const isExport = ({ direction }: Entry): boolean => direction === 'export';

/** What one neighbor is told before and after. */
class Told {
  readonly #setting: Setting;
  readonly #comer: Comer;
  readonly #list = new OfferList();
  /** Index into the list by session. */
  readonly #before = new Map<number, number>();
  readonly #after = new Map<number, number>();
  #entered: readonly number[] = [];

  constructor(setting: Setting, comer: Comer) {
    this.#setting = setting;
    this.#comer = comer;
  }

  look({ ways }: Trial, k: number, isAfter: boolean): void {
    const { neighbor } = this.#comer;
    if (!isAfter) this.#entered = ways.possibleIngress(neighbor, k);
    const offers = ways.offers(neighbor, k);
    const index = isAfter ? this.#after : this.#before;
    for (let o = 0; o < offers.count; o++) index.set(offers.session[o], this.#list.push(offers, o));
  }

  phaseOf({ session, phase }: Entry): Phase {
    const { point } = this.#setting.network.sessions[session];
    const [old, fresh] = [this.#before.get(session), this.#after.get(session)];
    if (point === this.#comer.wanted) return phase === 'offer' ? 'offer' : 'restore';
    if (this.#entered.includes(point)) return phase;
    if (phase === 'offer') {
      return fresh === undefined || this.#isBehind(fresh, [...this.#before.values()]) ? 'offer' : 'restore';
    }
    const planned = [...this.#after].filter(([one]) => this.#isAtWanted(one)).map(([, offer]) => offer);
    return old === undefined || this.#isBehind(old, planned) ? 'worsen' : 'deter';
  }

  #isAtWanted(session: number): boolean {
    return this.#setting.network.sessions[session].point === this.#comer.wanted;
  }

  /** Whether one of `others` is sure to win against an offer, whatever a missing MED counts as. */
  #isBehind(offer: number, others: readonly number[]): boolean {
    const { offers } = this.#list;
    return medsOfNone(this.#setting.bgp.neighborMissingMed).every((none) =>
      others.some((other) => offers.isSure[other] === 1 && compareOffers(offers, other, offer, none) < 0),
    );
  }
}
