/** The generalized assignment problem by trying everything; knows nothing of the solver. For tiny instances only. */
import type { GapInstance } from '../../src/problem/gap-instance.ts';

export interface GapOptimum {
  /** Least cost of an assignment that fits; null where none does. */
  readonly cost: number | null;
  /** Least total overload of any assignment. */
  readonly overload: number;
}

export function bruteForceGap(instance: GapInstance): GapOptimum {
  const { jobCount, machineCount, start, machine, cost, weight, capacity } = instance;
  const load = new Float64Array(machineCount);
  let best: number | null = null;
  let least = Infinity;
  const place = (job: number, spent: number): void => {
    if (job === jobCount) {
      let overload = 0;
      load.forEach((value, s) => {
        if (value > capacity[s] * (1 + 1e-9)) overload += value - capacity[s];
      });
      least = Math.min(least, overload);
      if (overload === 0 && (best === null || spent < best)) best = spent;
      return;
    }
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      const before = load[machine[arc]];
      load[machine[arc]] += weight[arc];
      place(job + 1, spent + cost[arc]);
      load[machine[arc]] = before;
    }
  };
  place(0, 0);
  return { cost: best, overload: least };
}

/** L(λ) over all arcs: Σ_r min_s (costWeight · c_rs + λ_s p_rs) − Σ_s λ_s T_s. */
export function lagrangian(instance: GapInstance, prices: Float64Array, costWeight: 0 | 1): number {
  const { jobCount, start, machine, cost, weight, capacity } = instance;
  let value = 0;
  for (let job = 0; job < jobCount; job++) {
    let least = Infinity;
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      least = Math.min(least, costWeight * cost[arc] + prices[machine[arc]] * weight[arc]);
    }
    value += least;
  }
  prices.forEach((price, s) => {
    if (price > 0) value -= price * capacity[s];
  });
  return value;
}

/** Σ_s x_rs = 1 for every job, x ≥ 0; returns the loads of the machines. */
export function loadsOf({ machineCount, machine, weight }: GapInstance, x: ArrayLike<number>): Float64Array {
  const load = new Float64Array(machineCount);
  for (let arc = 0; arc < machine.length; arc++) load[machine[arc]] += x[arc] * weight[arc];
  return load;
}
