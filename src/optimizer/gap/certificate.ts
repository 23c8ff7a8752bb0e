/**
 * What prices λ ≥ 0 of the machines prove by weak duality, from the instance alone: a few lines that anyone can check.
 *
 *   Σ_r min_s (w · c_rs + λ_s p_rs) − Σ_s λ_s T_s
 *
 * With w = 1, over the machines that hold the job at all, it bounds the cost of every assignment that fits; with w = 0 and
 * λ ≤ 1, over all machines, the total overload of every assignment. T_s is the largest load that passes for the capacity.
 * Cost: O(arcs).
 */
import { fits, largestLoad } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { CompensatedSum } from '../../problem/sum.ts';

/** Of what is summed: what the rounding of compensated sums may be. */
const ROUNDING = 1e-13;

/** A true bound, after rounding too; -Infinity where a job fits no machine. `prices` Float64 [machines]. */
export function provenByPrices(instance: GapInstance, prices: Float64Array, costWeight: 0 | 1): number {
  const { jobCount, start, machine, cost, weight, capacity } = instance;
  const sum = new CompensatedSum();
  let size = 0;
  const add = (term: number) => {
    sum.add(term);
    size += Math.abs(term);
  };
  for (let job = 0; job < jobCount; job++) {
    let least = Number.POSITIVE_INFINITY;
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      if (costWeight === 1 && !fits(weight[arc], capacity[machine[arc]])) continue;
      least = Math.min(least, costWeight * cost[arc] + prices[machine[arc]] * weight[arc]);
    }
    if (least === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
    add(least);
  }
  prices.forEach((price, s) => {
    if (price > 0) add(-price * largestLoad(capacity[s]));
  });
  return sum.value - ROUNDING * size;
}
