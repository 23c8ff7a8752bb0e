/**
 * Noise that tells tied jobs apart: costs a little off, by a hash of the arc, so that the same instance gives the
 * same noise.
 *
 * Guarantee: no job of weight w pays more than `noise` · w above its cost, and none less. Cost: O(arcs).
 */
import type { GapInstance } from '../../../problem/gap-instance.ts';

/** @param scale Float64 [jobs], largest weight of each job. @returns Float64 [arcs], a new array. */
export function withNoise({ jobCount, start, cost }: GapInstance, scale: Float64Array, noise: number): Float64Array {
  const noisy = new Float64Array(cost.length);
  for (let job = 0; job < jobCount; job++) {
    const unit = (noise * scale[job]) / 2 ** 32;
    for (let arc = start[job]; arc < start[job + 1]; arc++) noisy[arc] = cost[arc] + unit * hashOf(arc);
  }
  return noisy;
}

/** 0 ≤ hash < 2^32: the finalizer of MurmurHash3 (Appleby). */
function hashOf(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
