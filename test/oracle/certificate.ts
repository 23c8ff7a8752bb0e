/**
 * Is it the optimum of the linear relaxation? Judged from prices and shares alone, by a few lines that know nothing
 * of any solver: primal and dual feasible, and of the same value (weak duality does the rest).
 */
import type { GapInstance } from '../../src/problem/gap-instance.ts';

export interface Certificate {
  /** Σ x c over all arcs. */
  readonly primal: number;
  /** L(λ) = Σ_r min_s (c_rs + λ_s p_rs) − Σ_s λ_s T_s over all arcs. */
  readonly dual: number;
  /** Largest |Σ_s x_rs − 1| of a job, or −x. */
  readonly shareError: number;
  /** Largest load above capacity, as a share of mean weight and capacity. */
  readonly excess: number;
  /** Whether 0 ≤ λ < ∞, and 0 on unlimited machines. */
  readonly pricesValid: boolean;
  /** Jobs with more than one arc in use. */
  readonly splitJobs: number;
}

export function certificateOf(instance: GapInstance, x: Float64Array, prices: Float64Array): Certificate {
  const { jobCount, start, machine, cost, weight, capacity } = instance;
  const load = new Float64Array(capacity.length);
  let [primal, dual, shareError, splitJobs, totalWeight] = [0, 0, 0, 0, 0];
  for (let job = 0; job < jobCount; job++) {
    let [least, shares, used] = [Number.POSITIVE_INFINITY, 0, 0];
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      least = Math.min(least, cost[arc] + prices[machine[arc]] * weight[arc]);
      shares += x[arc];
      if (x[arc] > 0) used++;
      primal += x[arc] * cost[arc];
      load[machine[arc]] += x[arc] * weight[arc];
      totalWeight += weight[arc];
      shareError = Math.max(shareError, -x[arc]);
    }
    if (start[job] < start[job + 1]) dual += least;
    if (start[job] < start[job + 1]) shareError = Math.max(shareError, Math.abs(shares - 1));
    if (used > 1) splitJobs++;
  }
  const meanWeight = totalWeight / machine.length || 1;
  let excess = 0;
  let pricesValid = true;
  capacity.forEach((limit, s) => {
    const price = prices[s];
    if (!(price >= 0 && price < Number.POSITIVE_INFINITY)) pricesValid = false;
    if (limit === Number.POSITIVE_INFINITY) pricesValid &&= price === 0;
    else {
      dual -= price * limit;
      excess = Math.max(excess, (load[s] - limit) / (limit + meanWeight));
    }
  });
  return { primal, dual, shareError, excess, pricesValid, splitJobs };
}
