/**
 * Linear relaxation of the generalized assignment problem (jobs r, machines s).
 *
 *   min  Σ c_rs x_rs   subject to   Σ_s x_rs = 1,   Σ_r p_rs x_rs ≤ T_s,   x ≥ 0
 *
 * First at real cost with overflow columns; where those stay in use, in two phases: least overflow at zero cost (its prices
 * lie in [0, 1], and Σ_r min_s λ_s p_rs − Σ_s λ_s T_s > 0 proves that nothing fits), then least cost at that overflow. Coarse prices
 * come from a sample of the jobs, the optimal ones by `price-zoom`.
 *
 * Guarantee: at most n jobs are split; `bound` is L(prices) over all arcs. Cost: some twenty pricing passes, O(arcs) each, and as
 * many programs whose size depends on n alone.
 */
import { largestLoad } from '../problem/capacity.ts';
import { CompensatedSum } from '../problem/sum.ts';
import type { GapInstance } from './gap-instance.ts';
import { sampleInstance, sampleJobs } from './job-sample.ts';
import { type Viewpoint, type Zoomed, type ZoomProblem, zoom } from './price-zoom.ts';
import { Pricing } from './pricing.ts';
import { type RunControl, stopRequested } from './run-control.ts';
import { ascendBySigns } from './sign-ascent.ts';

/** Where overflow stays though it need not, its price is raised by this factor, so many times. */
export const DEARER = 16;
export const DEARER_ATTEMPTS = 5;
/** Overflow of less than this share of the total weight is the solver's tolerance, not a fact. */
export const OVERFLOW_TOLERANCE = 1e-7;
/** Jobs of the samples that coarse prices come from, for each machine; the larger sample is zoomed in on. */
const ASCENT_JOBS = 80;
const SAMPLE_JOBS = 640;
const ASCENT_PASSES = 100;

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
  const pricing = new Pricing(instance);
  try {
    const scale = largestWeights(instance);
    const total = scale.reduce((sum, weight) => sum + weight, 0);
    const spread = priceUnit(instance, total);
    const tolerated = OVERFLOW_TOLERANCE * total;
    const real = (capacity: Float64Array, price: number): ZoomProblem => ({
      instance,
      pricing,
      cost: instance.cost,
      scale,
      capacity,
      ceiling: capacity.map(() => price),
      unitPrice: spread,
    });
    let capacity = instance.capacity.map(largestLoad);
    let dear = overflowPriceOf(instance);
    const first = real(capacity, dear);
    const start = startPrices === undefined ? coarsely(first, control) : nearPrices(first, startPrices);
    let priced = zoom(first, start, null, control);
    if (sum(priced.overflow) <= tolerated || stopRequested(control)) return relaxationOf(instance, priced, null);

    const nothing = new Float64Array(instance.cost.length);
    pricing.setCosts(nothing);
    const free: ZoomProblem = { ...first, cost: nothing, ceiling: capacity.map(() => 1), unitPrice: 1 };
    const least = zoom(free, coarsely(free, control), null, control);
    const proof = least.bound > tolerated ? { amount: least.bound, prices: least.prices } : null;
    // So tight a program has hardly an inside: a little more room than the least, less than what counts as overflow.
    const slack = tolerated / 10 / capacity.length;
    if (proof !== null) {
      const load = loadsOf(instance, least);
      capacity = capacity.map((limit, s) => Math.max(limit, load[s] + slack));
    }
    pricing.setCosts(instance.cost);
    // Relief may take a chain of moves, dearer than any one of them.
    for (let attempt = 0; attempt < DEARER_ATTEMPTS && !stopRequested(control); attempt++) {
      dear *= DEARER;
      const relieved = real(capacity, dear);
      priced = zoom(relieved, coarsely(relieved, control), null, control);
      if (sum(priced.overflow) <= tolerated) break;
    }
    return relaxationOf(instance, priced, proof);
  } finally {
    pricing.dispose();
  }
}

/** Where to begin without a hint: the optimum of a sample, itself begun where a smaller sample ascends by signs. */
function coarsely(problem: ZoomProblem, control: RunControl): Viewpoint {
  const { instance, capacity, ceiling, unitPrice } = problem;
  const n = instance.machineCount;
  const everyone = Int32Array.from({ length: instance.jobCount }, (_, job) => job);
  const small = onSample(problem, everyone, ASCENT_JOBS * n);
  const prices = ascendBySigns(small.pricing, { capacity, ceiling, step: unitPrice / 16, passes: ASCENT_PASSES });
  small.pricing.dispose();
  const begin = { prices, window: unitPrice / 2 };
  if (instance.jobCount <= 2 * SAMPLE_JOBS * n) return begin;
  const large = onSample(problem, everyone, SAMPLE_JOBS * n);
  const { prices: better, window } = zoom(large, begin, large.scale.length / 4, control);
  large.pricing.dispose();
  return { prices: better, window: 2 * window };
}

function onSample(problem: ZoomProblem, members: Int32Array, count: number): ZoomProblem {
  const sample = sampleJobs(problem.scale, members, count);
  const instance = sampleInstance({ ...problem.instance, cost: problem.cost }, sample);
  return { ...problem, instance, pricing: new Pricing(instance), cost: instance.cost, scale: largestWeights(instance) };
}

/** A window around prices that are near the optimum, such that a program or two will do. */
function nearPrices({ scale, pricing, instance }: ZoomProblem, prices: Float64Array): Viewpoint {
  const { lead } = pricing.runLeads(prices);
  const stride = Math.ceil(instance.jobCount / 4096);
  const leads: number[] = [];
  for (let job = 0; job < instance.jobCount; job += stride) if (scale[job] > 0) leads.push(lead[job] / scale[job]);
  leads.sort((a, b) => a - b);
  const share = Math.min(0.5, (320 * instance.machineCount) / instance.jobCount);
  const window = leads.filter((one) => one < Number.POSITIVE_INFINITY)[Math.floor(share * leads.length)] ?? 1;
  return { prices, window };
}

function relaxationOf(instance: GapInstance, zoomed: Zoomed, proof: OverloadProof | null): GapRelaxation {
  const x = new Float64Array(instance.machine.length);
  const value = new CompensatedSum();
  for (const arc of zoomed.fixedArc) {
    if (arc < 0) continue;
    x[arc] = 1;
    value.add(instance.cost[arc]);
  }
  for (let at = 0; at < zoomed.coreArc.length; at++) {
    const arc = zoomed.coreArc[at];
    x[arc] = zoomed.coreShare[at];
    value.add(x[arc] * instance.cost[arc]);
  }
  const { bound, prices, rounds } = zoomed;
  return { x, value: value.value, bound, prices, leastOverload: proof, rounds };
}

/** Float64 [machines]. */
function loadsOf(
  { machineCount, machine, weight }: GapInstance,
  { fixedArc, coreArc, coreShare }: Zoomed,
): Float64Array {
  const load = new Float64Array(machineCount);
  for (const arc of fixedArc) if (arc >= 0) load[machine[arc]] += weight[arc];
  for (let at = 0; at < coreArc.length; at++) load[machine[coreArc[at]]] += coreShare[at] * weight[coreArc[at]];
  return load;
}

/** Float64 [jobs]. */
function largestWeights({ jobCount, start, weight }: GapInstance): Float64Array {
  const scale = new Float64Array(jobCount);
  for (let job = 0; job < jobCount; job++) {
    for (let arc = start[job]; arc < start[job + 1]; arc++) if (weight[arc] > scale[job]) scale[job] = weight[arc];
  }
  return scale;
}

/** Mean spread of the costs per unit of weight: the order of the prices. */
function priceUnit({ jobCount, start, cost }: GapInstance, totalWeight: number): number {
  let spread = 0;
  for (let job = 0; job < jobCount; job++) {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      if (cost[arc] < least) least = cost[arc];
      if (cost[arc] > most) most = cost[arc];
    }
    if (most > least) spread += most - least;
  }
  return spread / totalWeight || 1;
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

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
