/** A neighbor whose sessions tell it what they do apart from each other, tried out choice by choice. */
import { NO_MED } from '../../src/policy/bgp/offers.ts';

/** What one session tells: AS-path length, origin, MED; null for nothing. */
export type Offer = readonly [number, number, number] | null;

/** Every choice of one out of each list. */
export function* choices<T>(lists: readonly (readonly T[])[]): Generator<T[]> {
  if (lists.length === 0) {
    yield [];
    return;
  }
  for (const one of lists[0]) for (const others of choices(lists.slice(1))) yield [one, ...others];
}

/** The points that a neighbor may take: those of the offers that none is better than (RFC 4271 §9.1.2.2 a to c). */
export function taken(offers: readonly Offer[], points: readonly number[], medOfNone: number): number[] {
  const keys = offers.map((offer) => offer && [offer[0], offer[1], offer[2] === NO_MED ? medOfNone : offer[2]]);
  const isBelow = (a: readonly number[], b: readonly number[]): boolean => {
    const at = a.findIndex((value, n) => value !== b[n]);
    return at >= 0 && a[at] < b[at];
  };
  return points.filter((_, s) => {
    const mine = keys[s];
    return mine !== null && keys.every((other) => other === null || !isBelow(other, mine));
  });
}
