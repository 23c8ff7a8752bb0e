/**
 * Linear relaxation of the generalized assignment problem (jobs r, machines s).
 *
 *   min  Σ c_rs x_rs   subject to   Σ_s x_rs = 1,   Σ_r p_rs x_rs ≤ T_s,   x ≥ 0
 *
 * Every job is a block whose columns are its arcs. First at real cost with overflow columns; where those stay in use, in
 * two phases: least overflow at zero cost (its prices lie in [0, 1], and Σ_r min_s λ_s p_rs − Σ_s λ_s T_s > 0 proves that
 * nothing fits), then least cost at that overflow.
 *
 * Guarantee: `x` is a vertex of the last restricted program, so at most n jobs are split; `bound` is L(prices) over all
 * arcs. Cost: one pricing pass O(arcs) a round, and a program over the contested jobs.
 */
import { largestLoad } from '../problem/capacity.ts';
import { generateColumns, type Relaxation } from './column-generation.ts';
import type { ColumnOracle, ColumnSink } from './column-oracle.ts';
import type { GapInstance } from './gap-instance.ts';
import { preparePricing } from './kernels.ts';
import { type RunControl, stopRequested } from './run-control.ts';

/** Up to this many arcs all of them stand in the first program, and there is nothing to price. */
const SEED_ALL_ARCS = 20_000;
const RELATIVE_TOLERANCE = 1e-9;
/** Where overflow stays though it need not, its price is raised by this factor, so many times. */
export const DEARER = 16;
export const DEARER_ATTEMPTS = 5;
/** Overflow of less than this share of the total weight is the solver's tolerance, not a fact. */
export const OVERFLOW_TOLERANCE = 1e-7;

export interface GapRelaxation {
  /** Float64 [arcs], share of the job on the machine. */
  readonly x: Float64Array;
  /** Cost of `x`. */
  readonly value: number;
  /** Lower bound on the cost of any assignment that fits, from `prices`. */
  readonly bound: number;
  /** Float64 [machines], λ ≥ 0. */
  readonly prices: Float64Array;
  /** Least total overflow of any fractional assignment: 0 where the relaxation fits. */
  readonly leastOverload: OverloadProof | null;
  readonly rounds: number;
}

/**
 * Why no assignment fits, and the overload that every one has at least. With prices λ ∈ [0, 1] it is
 * Σ_r min_s λ_s p_rs − Σ_s λ_s T_s; without, some job exceeds every machine by itself.
 */
export interface OverloadProof {
  readonly amount: number;
  readonly prices: Float64Array | null;
}

export function relaxGap(instance: GapInstance, control: RunControl, startPrices?: Float64Array): GapRelaxation {
  const pricing = preparePricing(instance);
  try {
    const oracle = gapOracle(instance, pricing);
    const solve = (
      capacity: Float64Array,
      costWeight: 0 | 1,
      overflowPrice: number,
      start?: Float64Array,
    ): Relaxation =>
      generateColumns(oracle, {
        capacity,
        costWeight,
        overflowPrice,
        startPrices: start,
        vertex: true,
        tolerance: RELATIVE_TOLERANCE,
        maxRounds: 200,
        control,
      });
    const tolerated = OVERFLOW_TOLERANCE * totalWeight(instance);
    let capacity = instance.capacity.map(largestLoad);
    let dear = overflowPriceOf(instance);
    let priced = solve(capacity, 1, dear, startPrices);
    if (sum(priced.overflow) <= tolerated) return relaxationOf(instance, priced, null);

    const least = solve(capacity, 0, 1);
    const proof = least.bound > tolerated ? { amount: least.bound, prices: least.prices } : null;
    if (proof !== null) capacity = capacity.map((limit, s) => limit + least.overflow[s] * (1 + 1e-9));
    // Relief may take a chain of moves, dearer than any one of them.
    for (let attempt = 0; attempt < DEARER_ATTEMPTS && !stopRequested(control); attempt++) {
      dear *= DEARER;
      priced = solve(capacity, 1, dear);
      if (sum(priced.overflow) <= tolerated) break;
    }
    return relaxationOf(instance, priced, proof);
  } finally {
    pricing.dispose();
  }
}

function gapOracle(instance: GapInstance, pricing: ReturnType<typeof preparePricing>): ColumnOracle {
  const { start, machine, cost, weight, jobCount, machineCount } = instance;
  const bestArc = new Int32Array(jobCount);
  const load = new Float64Array(machineCount);
  const columnOf = (job: number, arc: number) => ({
    block: job,
    cost: cost[arc],
    resources: [machine[arc]],
    amounts: [weight[arc]],
    tag: arc,
    detail: null,
  });
  const blockWeight = new Float64Array(jobCount);
  for (let job = 0; job < jobCount; job++) {
    for (let arc = start[job]; arc < start[job + 1]; arc++) blockWeight[job] = Math.max(blockWeight[job], weight[arc]);
  }
  return {
    blockCount: jobCount,
    resourceCount: machineCount,
    blockWeight,
    price(prices, costWeight, sink, blocks) {
      if (costWeight === 0 || blocks !== undefined) return priceEach(prices, costWeight, sink, blocks);
      const value = pricing.run(prices, bestArc, load);
      for (let job = 0; job < jobCount; job++) {
        const arc = bestArc[job];
        sink(cost[arc] + prices[machine[arc]] * weight[arc], columnOf(job, arc));
      }
      return value;
    },
    seed(pool) {
      if (machine.length > SEED_ALL_ARCS) return;
      for (let job = 0; job < jobCount; job++) {
        for (let arc = start[job]; arc < start[job + 1]; arc++) pool.add(columnOf(job, arc));
      }
    },
  };

  /** The same choice without the kernel: for a part of the jobs, or with all costs zero. */
  function priceEach(prices: Float64Array, costWeight: number, sink: ColumnSink, blocks?: Int32Array): number {
    let total = 0;
    const count = blocks?.length ?? jobCount;
    for (let at = 0; at < count; at++) {
      const job = blocks?.[at] ?? at;
      let best = start[job];
      let value = Number.POSITIVE_INFINITY;
      for (let arc = start[job]; arc < start[job + 1]; arc++) {
        const priced = costWeight * cost[arc] + prices[machine[arc]] * weight[arc];
        if (priced < value) {
          value = priced;
          best = arc;
        }
      }
      total += value;
      sink(value, columnOf(job, best));
    }
    return total;
  }
}

function relaxationOf(instance: GapInstance, relaxation: Relaxation, proof: OverloadProof | null): GapRelaxation {
  const x = new Float64Array(instance.machine.length);
  relaxation.pool.columns.forEach((column, index) => {
    x[column.tag] += relaxation.share[index];
  });
  let value = 0;
  for (let arc = 0; arc < x.length; arc++) value += x[arc] * instance.cost[arc];
  const { bound, prices, rounds } = relaxation;
  return { x, value, bound, prices, leastOverload: proof, rounds };
}

/** More than any single move can save per unit of load, so that overflow is bought only where nothing else is left. */
function overflowPriceOf(instance: GapInstance): number {
  let price = 0;
  for (let job = 0; job < instance.jobCount; job++) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    let lightest = Number.POSITIVE_INFINITY;
    for (let arc = instance.start[job]; arc < instance.start[job + 1]; arc++) {
      least = Math.min(least, instance.cost[arc]);
      most = Math.max(most, instance.cost[arc]);
      if (instance.weight[arc] > 0) lightest = Math.min(lightest, instance.weight[arc]);
    }
    if (Number.isFinite(lightest)) price = Math.max(price, (most - least) / lightest);
  }
  return 4 * price + 1e-9;
}

function totalWeight(instance: GapInstance): number {
  let total = 0;
  for (let job = 0; job < instance.jobCount; job++) {
    let most = 0;
    for (let arc = instance.start[job]; arc < instance.start[job + 1]; arc++)
      most = Math.max(most, instance.weight[arc]);
    total += most;
  }
  return total;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
