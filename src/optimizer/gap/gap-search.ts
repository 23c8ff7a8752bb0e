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
import { Ejection, type EjectionState } from '../kernels/ejection.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { judge } from './gap.ts';

/** More pairs than this are not searched: the kernel keeps one list place for each. */
export const GAP_SEARCH_PAIRS = 16_000_000;
const WIDTH = 8;
const STEPS = 32;
/** Evaluations of a kernel call: some tens of milliseconds. */
const CALL_EVALUATIONS = 3_000_000;
const CYCLES_WITHOUT_CLOCK = 5;
/** Multiple of the relaxation's price that a unit of overload costs. */
const FACTOR = { first: 2, least: 0.25, most: 1024, up: 1.25, down: 0.9 };
const FIRST_THRESHOLDS = [0.5, 0.2, 1, 0.1];

export interface GapSearchOptions {
  /** Int32 [jobs], arcs; need not fit. */
  readonly start: Int32Array;
  /** Float64 [machines], λ of the relaxation. */
  readonly prices: Float64Array;
  /** Cost at which the search ends. */
  readonly target: number;
  readonly seed: number;
  /** Shown every assignment that is better than those before; the array is not written any more. */
  readonly met?: (assignment: Int32Array) => void;
  readonly control: RunControl;
}

/** Int32 [jobs], the cheapest assignment met that fits; null where none does. */
export function searchGap(instance: GapInstance, options: GapSearchOptions): Int32Array | null {
  const { jobCount, machineCount, machine, capacity } = instance;
  const { control, prices, target } = options;
  const { candidates, width, lead } = cheapestArcs(instance, prices);
  const kernel = new Ejection({ instance, limit: capacity.map(loadLimit), candidates, width });
  const state: EjectionState = {
    assignment: options.start.slice(),
    best: options.start.slice(),
    bestCost: Number.POSITIVE_INFINITY,
    random: (Math.imul(options.seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1,
  };
  const start = judge(instance, options.start);
  if (start.overload === 0) state.bestCost = start.cost;
  let found = start.overload === 0 ? options.start.slice() : null;
  const unit = overloadUnit(instance, prices);
  const perCall = Math.max(64, Math.floor((CALL_EVALUATIONS * machineCount) / (jobCount * width + machineCount)));
  const hasClock = Number.isFinite(control.remainingMs());
  let factor = FACTOR.first;
  let proposals = 8 * jobCount;
  for (let cycle = 0; hasClock || cycle < CYCLES_WITHOUT_CLOCK; cycle++) {
    if (found !== null) state.assignment.set(found);
    const first = FIRST_THRESHOLDS[cycle % FIRST_THRESHOLDS.length] * lead;
    for (let step = 0; step < STEPS; step++) {
      const threshold = first * (1 - step / (STEPS - 1)) ** 2;
      for (let left = proposals; left > 0; left -= perCall) {
        if (stopRequested(control) || state.bestCost <= target) return found;
        const overloadPrice = unit.map((price) => factor * price);
        const isBetter = kernel.run(state, { overloadPrice, threshold, proposals: Math.min(left, perCall) });
        if (isBetter && judge(instance, state.best).overload === 0) {
          found = state.best.slice();
          options.met?.(found);
        }
        const isOver = judge(instance, state.assignment).overload > 0;
        factor = isOver ? Math.min(FACTOR.most, factor * FACTOR.up) : Math.max(FACTOR.least, factor * FACTOR.down);
      }
    }
    if (cycle >= FIRST_THRESHOLDS.length - 1) proposals = Math.ceil(1.25 * proposals);
    if (machine.length === 0) break;
  }
  return found;
}

/** The arcs of least priced cost of each job, and the mean lead of the first over the second. */
function cheapestArcs(instance: GapInstance, prices: Float64Array) {
  const { jobCount, start, machine, cost, weight } = instance;
  let width = 1;
  for (let job = 0; job < jobCount; job++) width = Math.max(width, Math.min(WIDTH, start[job + 1] - start[job]));
  const candidates = new Int32Array(jobCount * width).fill(-1);
  const priced = (arc: number): number => cost[arc] + prices[machine[arc]] * weight[arc];
  let leads = 0;
  for (let job = 0; job < jobCount; job++) {
    const arcs = Array.from({ length: start[job + 1] - start[job] }, (_, index) => start[job] + index);
    arcs.sort((a, b) => priced(a) - priced(b) || a - b);
    if (arcs.length > 1) leads += priced(arcs[1]) - priced(arcs[0]);
    candidates.set(arcs.slice(0, width), job * width);
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
