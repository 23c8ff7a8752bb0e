import type { Problem } from '../problem/problem.ts';

/** Volume of each prefix: Float64 [prefixes]. */
export function volumeByPrefix({ prefixCount, pairStart, pairVolume }: Problem): Float64Array {
  const volume = new Float64Array(prefixCount);
  for (let k = 0; k < prefixCount; k++) {
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) volume[k] += pairVolume[pair];
  }
  return volume;
}

/** Prefixes with traffic, heaviest first. */
export function prefixesByVolume({ prefixCount, pairStart }: Problem, volume: Float64Array): number[] {
  return Array.from({ length: prefixCount }, (_, k) => k)
    .filter((k) => pairStart[k] < pairStart[k + 1])
    .sort((a, b) => volume[b] - volume[a] || a - b);
}
