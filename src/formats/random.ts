import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** What a random stream is for. Each purpose has its own, so that more draws in one never shift another. */
export const STREAMS = [
  'session-spread',
  'neighbor-spread',
  'prefix-rank',
  'neighbor-rank',
  'pair-noise',
  'reference-plan',
] as const;

export type StreamName = (typeof STREAMS)[number];

/** The stream of a purpose: the generator of the seed, jumped (2^64 draws) once per stream before it. */
export function randomStream(seed: number, name: StreamName): RandomGenerator {
  const generator = xoroshiro128plus(seed);
  for (let jumps = STREAMS.indexOf(name); jumps > 0; jumps--) generator.jump();
  return generator;
}

/** Int32 [count]: a permutation of 0 … count − 1, each as likely as any other (Fisher–Yates). */
export function permutation(generator: RandomGenerator, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = uniformInt(generator, 0, i);
    const moved = order[i];
    order[i] = order[j];
    order[j] = moved;
  }
  return order;
}
