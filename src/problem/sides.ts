/** The two sides of every point as one row of resources, Float64 [2n]: ingress sides, then egress sides. */
import { largestLoad } from './capacity.ts';
import type { Problem } from './problem.ts';

/** Capacities; Infinity where unlimited. */
export function sideCapacity({ pointCount, ingressCapacity, egressCapacity }: Problem): Float64Array {
  const capacity = new Float64Array(2 * pointCount);
  capacity.set(ingressCapacity);
  capacity.set(egressCapacity, pointCount);
  return capacity;
}

/** What a plan may load: the bound has to allow for it. */
export function sideRoom(problem: Problem): Float64Array {
  return sideCapacity(problem).map(largestLoad);
}

/** What an optimizer aims at. */
export function sideLimit({ pointCount, ingressLimit, egressLimit }: Problem): Float64Array {
  const limit = new Float64Array(2 * pointCount);
  limit.set(ingressLimit);
  limit.set(egressLimit, pointCount);
  return limit;
}
