/** What a neighbor may take while sessions go from one state to another. */
import { expect, it } from 'vitest';
import { OfferRange } from '../../../src/policy/bgp/offer-range.ts';
import { emptyOffers, NO_MED, type Offers } from '../../../src/policy/bgp/offers.ts';
import { choices, type Offer, taken } from '../offer-mixtures.ts';
import { Dice } from '../random-network.ts';

function offersOf(told: readonly Offer[]): Offers {
  const offers = emptyOffers(told.length);
  for (const [session, offer] of told.entries()) {
    if (offer === null) continue;
    const at = offers.count++;
    offers.session[at] = session;
    offers.isSure[at] = 1;
    [offers.asPathLength[at], offers.origin[at], offers.med[at]] = offer;
  }
  return offers;
}

it('has the points that a neighbor takes in any mixture of states, and no others', () => {
  const seen = { several: 0, silent: 0, mixed: 0 };
  for (let seed = 0; seed < 2000; seed++) {
    const dice = new Dice(seed);
    const points = Array.from({ length: dice.between(1, 5) }, () => dice.between(0, 3));
    const views = dice.pick([[0], [0xffffffff], [0, 0xffffffff]]);
    const states = Array.from({ length: dice.between(1, 3) }, () =>
      points.map(
        (): Offer =>
          dice.chance(25) ? null : [dice.between(1, 2), dice.between(0, 1), dice.pick([NO_MED, 0, 100, 0xffffffff])],
      ),
    );
    const range = new OfferRange(
      points.map((point) => ({ point })),
      views,
    );
    for (const state of states) range.add(offersOf(state));
    const mixtures = [...choices(points.map((_, s) => states.map((state) => state[s])))];
    const possible = new Set(mixtures.flatMap((told) => views.flatMap((none) => taken(told, points, none))));
    const isSilent = mixtures.some((told) => told.every((offer) => offer === null));
    const found = { points: range.possibleIngress().sort(), isSilent: range.mayBeSilent };
    expect({ seed, ...found }).toEqual({ seed, points: [...possible].sort(), isSilent });
    const atRest = new Set(states.flatMap((told) => views.flatMap((none) => taken(told, points, none))));
    seen.several += possible.size > 1 ? 1 : 0;
    seen.silent += isSilent ? 1 : 0;
    seen.mixed += possible.size > atRest.size ? 1 : 0;
  }
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
});
