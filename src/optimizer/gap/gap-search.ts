/**
 * Improves an assignment by threshold accepting over shifts, swaps and ejections (see ejection), led by the prices of the
 * relaxation: a job is offered only the machines of least c_rs + λ_s p_rs, and overload costs a multiple of λ_s that rises
 * while the search is overloaded and falls while it fits (strategic oscillation, as in Yagiura, Ibaraki and Glover, 2004).
 *
 * Guarantee: the result fits, by loads summed again, or is null; never dearer than a start that fits. Deterministic for a
 * seed unless a clock ends it: cycles grow, each from the best known. Cost: memory 4 × machines × jobs bytes.
 */
import { loadLimit } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { Ejection, type EjectionRun, type EjectionState } from '../kernels/ejection.ts';
import { checkStop, type RunControl, stopRequested } from '../run/run-control.ts';
import { judge } from './gap.ts';

/** More pairs than this are not searched: the kernel keeps one list place for each. */
export const GAP_SEARCH_PAIRS = 16_000_000;
const WIDTH = 8;
const STEPS = 32;
/** Jobs between two questions whether to go on, while their arcs are ranked. */
const JOBS_ASKED = 1_000;
/** Evaluations, if machines hold equally many jobs, after which the price of overload follows, in calls of the kernel so many. */
const STRIDE_EVALUATIONS = 3_000_000;
const CALLS_A_STRIDE = 8;
const CYCLES_WITHOUT_CLOCK = 5;
/** Multiple of the relaxation's price that a unit of overload costs. */
const FACTOR = { first: 2, least: 0.25, most: 1024, up: 1.25, down: 0.9 };
const FIRST_THRESHOLDS = [0.5, 0.2, 1, 0.1];

export interface GapSearchOptions {
  /** Int32 [jobs], arcs; need not fit. */
  readonly start: Int32Array;
  /** Cost at which the search ends. */
  readonly target: number;
  readonly seed: number;
  /** Shown every assignment that is better than those before; the array is not written any more. */
  readonly met?: (assignment: Int32Array) => void;
  readonly control: RunControl;
}

/** Search after search over one instance, which is copied into the kernel once. */
export class GapSearch {
  private readonly instance: GapInstance;
  private readonly kernel: Ejection;
  private readonly lead: number;
  /** Float64 [machines], price of a unit of overload at factor 1. */
  private readonly overloadUnit: Float64Array;
  /** Proposals. */
  private readonly stride: number;

  /**
   * @param prices Float64 [machines], λ of the relaxation.
   * @throws Interruption
   */
  constructor(instance: GapInstance, prices: Float64Array, control: RunControl) {
    const { jobCount, machineCount, capacity } = instance;
    const { candidates, width, lead } = cheapestArcs(instance, prices, control);
    this.instance = instance;
    this.kernel = new Ejection({ instance, limit: capacity.map(loadLimit), candidates, width });
    this.lead = lead;
    this.overloadUnit = overloadUnit(instance, prices);
    this.stride = Math.max(64, Math.floor((STRIDE_EVALUATIONS * machineCount) / (jobCount * width + machineCount)));
  }

  /** Int32 [jobs], the cheapest assignment met that fits; null where none does. */
  run({ start, target, seed, met, control }: GapSearchOptions): Int32Array | null {
    const { instance, lead, stride } = this;
    const state: EjectionState = {
      assignment: start.slice(),
      best: start.slice(),
      bestCost: Number.POSITIVE_INFINITY,
      random: (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1,
    };
    const first = judge(instance, start);
    if (first.overload === 0) state.bestCost = first.cost;
    let found = first.overload === 0 ? start.slice() : null;
    const hasClock = Number.isFinite(control.remainingMs());
    let factor = FACTOR.first;
    let proposals = 8 * instance.jobCount;
    for (let cycle = 0; hasClock || cycle < CYCLES_WITHOUT_CLOCK; cycle++) {
      if (found !== null) state.assignment.set(found);
      const widest = FIRST_THRESHOLDS[cycle % FIRST_THRESHOLDS.length] * lead;
      for (let step = 0; step < STEPS; step++) {
        const threshold = widest * (1 - step / (STEPS - 1)) ** 2;
        for (let left = proposals; left > 0; left -= stride) {
          if (stopRequested(control) || state.bestCost <= target) return found;
          const overloadPrice = this.overloadUnit.map((price) => factor * price);
          const isBetter = this.propose(
            state,
            { overloadPrice, threshold, proposals: Math.min(left, stride) },
            control,
          );
          if (isBetter && judge(instance, state.best).overload === 0) {
            found = state.best.slice();
            met?.(found);
          }
          const isOver = judge(instance, state.assignment).overload > 0;
          factor = isOver ? Math.min(FACTOR.most, factor * FACTOR.up) : Math.max(FACTOR.least, factor * FACTOR.down);
        }
      }
      if (cycle >= FIRST_THRESHOLDS.length - 1) proposals = Math.ceil(1.25 * proposals);
      if (instance.machine.length === 0) break;
    }
    return found;
  }

  /** All of the proposals unless it is stopped; returns whether the best was improved. */
  private propose(state: EjectionState, run: EjectionRun, control: RunControl): boolean {
    const call = Math.ceil(this.stride / CALLS_A_STRIDE);
    let isBetter = false;
    for (let left = run.proposals; left > 0; left -= call) {
      isBetter = this.kernel.run(state, { ...run, proposals: Math.min(left, call) }) || isBetter;
      if (stopRequested(control)) break;
    }
    return isBetter;
  }
}

/** The arcs of least priced cost of each job, ties to the first, and the mean lead of the first over the second. */
function cheapestArcs(instance: GapInstance, prices: Float64Array, control: RunControl) {
  const { jobCount, start, machine, cost, weight } = instance;
  let width = 1;
  for (let job = 0; job < jobCount; job++) width = Math.max(width, Math.min(WIDTH, start[job + 1] - start[job]));
  const candidates = new Int32Array(jobCount * width).fill(-1);
  const priced = new Float64Array(width);
  let leads = 0;
  for (let job = 0; job < jobCount; job++) {
    if (job % JOBS_ASKED === JOBS_ASKED - 1) checkStop(control);
    const own = candidates.subarray(job * width, (job + 1) * width);
    let count = 0;
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      const value = cost[arc] + prices[machine[arc]] * weight[arc];
      if (count === width && value >= priced[width - 1]) continue;
      let place = count < width ? count++ : width - 1;
      for (; place > 0 && priced[place - 1] > value; place--) {
        priced[place] = priced[place - 1];
        own[place] = own[place - 1];
      }
      priced[place] = value;
      own[place] = arc;
    }
    if (count > 1) leads += priced[1] - priced[0];
  }
  return { candidates, width, lead: leads / Math.max(1, jobCount) };
}

/** Price of a unit of overload at factor 1: half the machine's own price, half the mean. */
function overloadUnit({ cost, weight }: GapInstance, prices: Float64Array): Float64Array {
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + Math.abs(value), 0);
  const mean = sum(prices) / prices.length;
  const least = (0.01 * sum(cost)) / (sum(weight) || 1);
  return prices.map((price) => Math.max(least, (price + mean) / 2));
}
