/**
 * Linear relaxation of the generalized assignment problem (jobs r, machines s).
 *
 *   min  Σ c_rs x_rs   subject to   Σ_s x_rs = 1,   Σ_r p_rs x_rs ≤ T_s,   x ≥ 0
 *
 * First at real cost with overflow columns; where those stay in use, in two phases: least overflow at zero cost (its
 * prices lie in [0, 1], and Σ_r min_s λ_s p_rs − Σ_s λ_s T_s > 0 proves that nothing fits), then least cost at that
 * overflow. Coarse prices come from a sample of the jobs, the optimal ones by `price-zoom`.
 *
 * Guarantee: at most n jobs are split; `bound` is L(prices) over all arcs, for capacities that are exceeded by what
 * passes for fitting. Cost: some twenty pricing passes, O(arcs)
 * each, and as many programs whose size depends on n alone.
 */
import { largestLoad } from '../../../problem/capacity.ts';
import type { GapInstance } from '../../../problem/gap-instance.ts';
import { DEARER, DEARER_ATTEMPTS, OVERFLOW_TOLERANCE } from '../../../problem/overflow-price.ts';
import { CompensatedSum } from '../../../problem/sum.ts';
import { Pricing } from '../../kernels/pricing.ts';
import { type RunControl, stopRequested } from '../../run/run-control.ts';
import { largestWeights, seekViewpoint, viewpointAt } from './price-start.ts';
import { type Zoomed, type ZoomProblem, zoom } from './price-zoom.ts';

/** First window of the first phase, in units of the prices that it starts from. */
const FREE_WINDOW = 16;
/** No overflow costs more than so many times the order of the prices. */
const DEAREST = 1e15;

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
    const totalWeight = scale.reduce((sum, weight) => sum + weight, 0);
    const tolerated = OVERFLOW_TOLERANCE * totalWeight;
    const unitPrice = priceUnit(instance, totalWeight);
    const { capacity } = instance;
    const problem = (ceiling: number): ZoomProblem => {
      return { instance, pricing, scale, capacity, ceiling: capacity.map(() => ceiling), unitPrice };
    };
    let dear = machineOverflowPrice(instance, unitPrice);
    const first = problem(dear);
    const start = startPrices === undefined ? seekViewpoint(first, control) : viewpointAt(first, startPrices);
    let priced = zoom(first, start, control);
    if (sum(priced.overflow) <= tolerated || stopRequested(control)) return relaxationOf(instance, priced, null);

    // From the prices of real cost, which differ by little from the dearest or from nothing when that is 1.
    const free = { ...instance, cost: new Float64Array(instance.cost.length) };
    pricing.setCosts(free.cost);
    const overflowing: ZoomProblem = { ...problem(1), instance: free, unitPrice: 1 };
    const window = Math.min(1, (FREE_WINDOW * unitPrice) / dear);
    const least = zoom(overflowing, { prices: priced.prices.map((price) => price / dear), window }, control);
    pricing.setCosts(instance.cost);
    const amount = tolerant(least, capacity);
    const proof = amount > tolerated ? { amount, prices: least.prices } : null;
    const needed = proof === null ? 0 : amount;
    // Relief may take a chain of moves, dearer than any one of them.
    for (let attempt = 0; attempt < DEARER_ATTEMPTS && !stopRequested(control); attempt++) {
      if (sum(priced.overflow) <= needed + tolerated) break;
      dear *= DEARER;
      priced = zoom(problem(dear), { prices: priced.prices, window: unitPrice }, control);
    }
    return relaxationOf(instance, priced, proof);
  } finally {
    pricing.dispose();
  }
}

/** L for the largest loads that still pass for T: what it bounds is judged with that tolerance. */
function tolerant({ bound, prices }: Zoomed, capacity: Float64Array): number {
  let value = bound;
  prices.forEach((price, s) => {
    if (price > 0) value -= price * (largestLoad(capacity[s]) - capacity[s]);
  });
  return value;
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
  const { prices, rounds } = zoomed;
  const bound = tolerant(zoomed, instance.capacity);
  return { x, value: value.value, bound, prices, leastOverload: proof, rounds };
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
  return totalWeight > 0 && spread > 0 ? spread / totalWeight : 1;
}

/** More than any single move can save per unit of load, so that overflow is bought only where nothing else is left. */
function machineOverflowPrice(instance: GapInstance, unitPrice: number): number {
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
  return Math.min(DEAREST * unitPrice, 4 * price + unitPrice);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
