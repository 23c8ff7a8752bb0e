/**
 * Fixing by reduced cost: with prices λ every assignment that uses arc (r, s) costs at least
 *
 *   L(λ) + (c_rs + λ_s p_rs) − min_t (c_rt + λ_t p_rt)
 *
 * Guarantee: an arc that is left out is in no assignment that fits and costs less than `incumbent`. Cost: O(arcs).
 */
import type { GapInstance } from '../../problem/gap-instance.ts';

/** Relative, of the incumbent: what the sums may be off. */
const MARGIN = 1e-9;

/** Int32, the arcs that a better assignment may use, and those of the incumbent; ascending. */
export function coreArcs(
  instance: GapInstance,
  incumbent: { readonly assignment: Int32Array; readonly cost: number },
  { prices, lowerBound }: { readonly prices: Float64Array; readonly lowerBound: number },
): Int32Array {
  const { jobCount, start, machine, cost, weight } = instance;
  const allowance = incumbent.cost - lowerBound + MARGIN * Math.abs(incumbent.cost);
  const kept: number[] = [];
  for (let job = 0; job < jobCount; job++) {
    let least = Number.POSITIVE_INFINITY;
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      least = Math.min(least, cost[arc] + prices[machine[arc]] * weight[arc]);
    }
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      const reduced = cost[arc] + prices[machine[arc]] * weight[arc] - least;
      if (reduced <= allowance || arc === incumbent.assignment[job]) kept.push(arc);
    }
  }
  return Int32Array.from(kept);
}
