import type { GapInstance } from '../../src/problem/gap-instance.ts';

/**
 * Each job's argmin of cost + λ · weight, lowest arc first, into `bestArc`; by how much the second arc is worse, Infinity
 * where there is none, into `lead`; the chosen weights into `load`; returns Neumaier's sum of the minima in job order.
 */
export function literalPrice(
  instance: GapInstance,
  lambda: Float64Array,
  bestArc: Int32Array,
  load: Float64Array,
  lead: Float64Array,
): number {
  const { jobCount, start, machine, cost, weight } = instance;
  load.fill(0);
  let sum = 0;
  let compensation = 0;
  for (let r = 0; r < jobCount; r++) {
    const first = start[r];
    const end = start[r + 1];
    bestArc[r] = -1;
    if (first === end) continue;
    let best = first;
    let least = cost[first] + lambda[machine[first]] * weight[first];
    let second = Number.POSITIVE_INFINITY;
    for (let arc = first + 1; arc < end; arc++) {
      const value = cost[arc] + lambda[machine[arc]] * weight[arc];
      if (value < least) {
        second = least;
        least = value;
        best = arc;
      } else if (value < second) second = value;
    }
    bestArc[r] = best;
    lead[r] = second - least;
    load[machine[best]] += weight[best];
    const next = sum + least;
    compensation += Math.abs(sum) >= Math.abs(least) ? sum - next + least : least - next + sum;
    sum = next;
  }
  return sum + compensation;
}

/** By how much the second arc of each job is worse than the best, Infinity where there is none; Float64 [jobs]. */
export function literalLeads(
  { jobCount, start, machine, cost, weight }: GapInstance,
  lambda: Float64Array,
): Float64Array {
  return Float64Array.from({ length: jobCount }, (_, r) => {
    const values: number[] = [];
    for (let arc = start[r]; arc < start[r + 1]; arc++) values.push(cost[arc] + lambda[machine[arc]] * weight[arc]);
    values.sort((a, b) => a - b);
    return values.length === 1 ? Number.POSITIVE_INFINITY : values[1] - values[0];
  });
}
