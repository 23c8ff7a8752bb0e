/** Our route for a prefix as one neighbor is told it on its sessions, and what the neighbor prefers. */
import type { BgpOptions } from './options.ts';

export interface Offers {
  count: number;
  /** Int32 [count], index into `network.sessions`, ascending. */
  readonly session: Int32Array;
  readonly asPathLength: Int32Array;
  readonly origin: Uint8Array;
  /** NO_MED where it is told without one. */
  readonly med: Float64Array;
  /** Uint8 [count], 0 where it is told for some of the routes only that the router may have taken: it may not be there. */
  readonly isSure: Uint8Array;
}

/** Columns for up to so many. */
export function emptyOffers(most: number): Offers {
  return {
    count: 0,
    session: new Int32Array(most),
    asPathLength: new Int32Array(most),
    origin: new Uint8Array(most),
    med: new Float64Array(most),
    isSure: new Uint8Array(most),
  };
}

export const NO_MED = -1;

/** The highest MED, as `missing-as-worst` takes a route that has none. */
export const WORST_MED = 0xffffffff;

/** What decides at the neighbor. */
export const INGRESS_STEPS = ['only-offer', 'as-path-length', 'origin', 'med', 'undetermined', 'not-offered'] as const;

export type IngressStep = (typeof INGRESS_STEPS)[number];

/** MEDs that a neighbor may take a route for that has none: RFC 4271 §9.1.2.2 c says the lowest. */
export function medsOfNone(known: BgpOptions['neighborMissingMed']): readonly number[] {
  return known === 'unknown' ? [0, WORST_MED] : [known === 'best' ? 0 : WORST_MED];
}

/** Negative where a neighbor that takes a route without MED as one of `medOfNone` prefers offer `a`. */
export function compareOffers(offers: Offers, a: number, b: number, medOfNone: number): number {
  const { asPathLength, origin } = offers;
  return (
    asPathLength[a] - asPathLength[b] ||
    origin[a] - origin[b] ||
    medOf(offers, a, medOfNone) - medOf(offers, b, medOfNone)
  );
}

export function medOf({ med }: Offers, offer: number, medOfNone: number): number {
  return med[offer] === NO_MED ? medOfNone : med[offer];
}

/** The step by which the neighbor takes the offers at `point` over all others. */
export function stepTo(
  offers: Offers,
  pointOf: (offer: number) => number,
  point: number,
  medOfNone: number,
): IngressStep {
  const all = Array.from({ length: offers.count }, (_, o) => o);
  if (all.every((o) => pointOf(o) === point)) return 'only-offer';
  let left = all;
  for (const [step, keyOf] of [
    ['as-path-length', (o: number) => offers.asPathLength[o]],
    ['origin', (o: number) => offers.origin[o]],
    ['med', (o: number) => medOf(offers, o, medOfNone)],
  ] as const) {
    const least = Math.min(...left.map(keyOf));
    left = left.filter((o) => keyOf(o) === least);
    if (left.every((o) => pointOf(o) === pointOf(left[0]))) return step;
  }
  return 'undetermined';
}
