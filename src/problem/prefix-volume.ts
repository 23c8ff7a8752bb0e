import type { Problem } from './problem.ts';

/** Volume of each prefix: Float64 [prefixes]. */
export function volumeByPrefix(problem: Problem): Float64Array {
  return Float64Array.from({ length: problem.prefixCount }, (_, k) => volumeOf(problem, k));
}

/** Volume of a prefix, summed in pair order. */
export function volumeOf({ pairStart, pairVolume }: Problem, k: number): number {
  let volume = 0;
  for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) volume += pairVolume[pair];
  return volume;
}

/** Prefixes with traffic, heaviest first. */
export function prefixesByVolume({ prefixCount, pairStart }: Problem, volume: Float64Array): number[] {
  return Array.from({ length: prefixCount }, (_, k) => k)
    .filter((k) => pairStart[k] < pairStart[k + 1])
    .sort((a, b) => volume[b] - volume[a] || a - b);
}
