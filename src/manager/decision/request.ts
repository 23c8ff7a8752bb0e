/** Prefixes as the optimizer is asked about them. */
import type { Candidate } from './candidates.ts';
import { volumeAt, volumeAtMost } from './observation.ts';
import type { ReallocationPrefix } from './reallocator.ts';

/**
 * `targets`: points other than the current one. By the rule of the ledger: what arrives counts at the upper end of its confidence
 * interval, what leaves as estimated, and only where it is.
 */
export function requestPrefixes(
  free: readonly { readonly candidate: Candidate; readonly targets: readonly string[] }[],
  confidence: number,
): ReallocationPrefix[] {
  return free
    .map(({ candidate: { reading, current }, targets }) => ({
      prefix: reading.prefix,
      volume: volumeAtMost(reading, confidence),
      staying: volumeAt(reading, current),
      current,
      options: [...targets, current].sort(),
    }))
    .sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}
