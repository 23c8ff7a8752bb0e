import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { randomStream } from './random.ts';

/** What a plan has to respect, by index: the sets In(h) and Out(k), and the traffic grouped by prefix. */
export interface PlanFrame {
  readonly pointCount: number;
  /** In(h) per neighbor. */
  readonly ingress: readonly Int32Array[];
  /** Out(k) per prefix, reduced to what is eligible for every neighbor that sends to k; not empty where one does. */
  readonly egress: readonly Int32Array[];
  /** Int32 [prefixes + 1]. */
  readonly start: Int32Array;
  /** Int32 [pairs]. */
  readonly neighbor: Int32Array;
  /** Float64 [pairs]. */
  readonly volume: Float64Array;
}

/** One plan, a single egress per prefix: Int32 [pairs], index of the point. */
export interface ReferencePlan {
  readonly ingress: Int32Array;
  readonly egress: Int32Array;
}

/** Float64 [points], in the unit of the traffic. */
export interface PointCapacities {
  readonly ingressCapacity: Float64Array;
  readonly egressCapacity: Float64Array;
}

/**
 * The seeded random plan that capacities are made for. Every point draws one attraction per side, 1/(1 − u)^(1/2) of a
 * uniform u (Pareto, shape 2), so that loads differ as they do in a network that has grown; each prefix then draws its
 * egress from Out(k), each pair its ingress from In(h), in proportion to attraction.
 */
export function referencePlan(frame: PlanFrame, seed: number): ReferencePlan {
  const generator = randomStream(seed, 'reference-plan');
  const attraction = (): Float64Array =>
    new Float64Array(frame.pointCount).map(() => 1 / Math.sqrt(1 - uniformFloat64(generator)));
  const ingressAttraction = attraction();
  const egressAttraction = attraction();
  const ingress = new Int32Array(frame.volume.length);
  const egress = new Int32Array(frame.volume.length);
  for (let k = 0; k + 1 < frame.start.length; k++) {
    if (frame.start[k] === frame.start[k + 1]) continue;
    const chosen = draw(generator, frame.egress[k], egressAttraction);
    for (let pair = frame.start[k]; pair < frame.start[k + 1]; pair++) {
      egress[pair] = chosen;
      ingress[pair] = draw(generator, frame.ingress[frame.neighbor[pair]], ingressAttraction);
    }
  }
  return { ingress, egress };
}

/**
 * Capacity of each point and side: (1 + slack) × its load in the plan, rounded up to 0.001. A point that carries
 * nothing on a side gets the least capacity that any point has there.
 */
export function capacitiesFor(plan: ReferencePlan, frame: PlanFrame, slack: number): PointCapacities {
  const side = (points: Int32Array): Float64Array => {
    const load = new Float64Array(frame.pointCount);
    points.forEach((point, pair) => {
      load[point] += frame.volume[pair];
    });
    const capacity = load.map((value) => ceilToStep((1 + slack) * value, value));
    const least = capacity.reduce((low, value) => (value > 0 && value < low ? value : low), Number.POSITIVE_INFINITY);
    return capacity.map((value) => (value > 0 ? value : least === Number.POSITIVE_INFINITY ? 0 : least));
  };
  return { ingressCapacity: side(plan.ingress), egressCapacity: side(plan.egress) };
}

/** A hair is taken off before rounding, or a product like 1.1 × 3 = 3.3000000000000003 would round up by a step. */
function ceilToStep(value: number, atLeast: number): number {
  return Math.max(atLeast, Math.ceil(value * 1000 - 1e-6) / 1000);
}

function draw(generator: RandomGenerator, points: Int32Array, attraction: Float64Array): number {
  let total = 0;
  for (const point of points) total += attraction[point];
  let rest = uniformFloat64(generator) * total;
  for (const point of points) {
    rest -= attraction[point];
    if (rest < 0) return point;
  }
  return points[points.length - 1];
}
