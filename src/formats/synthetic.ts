import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { permutation, randomStream } from './random.ts';

/** Volumes are whole multiples of this, so that sums of them are exact. */
export const VOLUME_STEP = 0.001;
const STEPS_PER_UNIT = 1000;

/** How synthetic traffic is made; every value of it goes into the metadata of the model. */
export interface TrafficRule {
  readonly seed: number;
  /** Volume of all prefixes together, in the unit of the model. */
  readonly total: number;
  /** Volume of the prefix of rank r is proportional to r^-exponent. */
  readonly prefixExponent: number;
  /** Mass of the neighbor of rank r is proportional to r^-exponent. */
  readonly neighborExponent: number;
  /** A pair's share is its neighbor's mass times a factor drawn uniformly from 1 − noise to 1 + noise. */
  readonly pairNoise: number;
}

/** The (neighbor, prefix) pairs with volume, grouped by prefix, neighbors ascending within one. */
export interface SyntheticTraffic {
  readonly count: number;
  /** Int32 [prefixes + 1]. */
  readonly start: Int32Array;
  /** Int32 [count]. */
  readonly neighbor: Int32Array;
  /** Float64 [count], > 0, multiples of `VOLUME_STEP`. */
  readonly volume: Float64Array;
}

/** Float64 [count]: Zipf volumes over a seeded order of the prefixes; they sum to `total` to the step. */
export function prefixVolumes(count: number, { seed, total, prefixExponent }: TrafficRule): Float64Array {
  const rank = permutation(randomStream(seed, 'prefix-rank'), count);
  const weights = Float64Array.from(rank, (r) => (r + 1) ** -prefixExponent);
  return apportion(Math.round(total * STEPS_PER_UNIT), weights).map((steps) => steps / STEPS_PER_UNIT);
}

/**
 * Splits the volume of each prefix among the neighbors by their masses (gravity) and a noise per pair; the pairs of a
 * prefix sum to its volume to the step.
 */
export function splitAmongNeighbors(volumes: Float64Array, neighborCount: number, rule: TrafficRule): SyntheticTraffic {
  const rank = permutation(randomStream(rule.seed, 'neighbor-rank'), neighborCount);
  const mass = Float64Array.from(rank, (r) => (r + 1) ** -rule.neighborExponent);
  const noise = randomStream(rule.seed, 'pair-noise');
  const start = new Int32Array(volumes.length + 1);
  const neighbor = new Int32Array(volumes.length * neighborCount);
  const volume = new Float64Array(volumes.length * neighborCount);
  let count = 0;
  for (let k = 0; k < volumes.length; k++) {
    const shares = mass.map((m) => m * (1 + rule.pairNoise * (2 * uniformFloat64(noise) - 1)));
    const steps = apportion(Math.round(volumes[k] * STEPS_PER_UNIT), shares);
    for (let h = 0; h < neighborCount; h++) {
      if (steps[h] === 0) continue;
      neighbor[count] = h;
      volume[count++] = steps[h] / STEPS_PER_UNIT;
    }
    start[k + 1] = count;
  }
  return { count, start, neighbor: neighbor.slice(0, count), volume: volume.slice(0, count) };
}

/** Float64, whole numbers: `total` split in proportion to weights by rounding the running sum, so nothing is lost. */
function apportion(total: number, weights: Float64Array): Float64Array {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const parts = new Float64Array(weights.length);
  let running = 0;
  let given = 0;
  for (let i = 0; i < weights.length; i++) {
    running += weights[i];
    const upTo = i === weights.length - 1 ? total : Math.min(total, Math.round((total * running) / whole));
    parts[i] = upTo - given;
    given = upTo;
  }
  return parts;
}
