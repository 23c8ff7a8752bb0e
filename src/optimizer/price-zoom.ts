/**
 * The prices at which an assignment relaxation is optimal, found by zooming in on them.
 *
 *   max  L(λ) = Σ_r min_s (c_rs + λ_s p_rs) − Σ_s λ_s T_s   over   0 ≤ λ ≤ U
 *
 * Around given prices a window δ names the contested jobs: those whose best arc leads by less than δ for each unit of weight. While no
 * price moves by more than δ/2 all others keep their arcs, so L is there the value of a linear program over the contested
 * jobs alone, with the exact loads of the others taken off T. Where they are too many, a sample of them stands in, which meets L at λ to the
 * first order; its solution is a guess, taken where L rises. The window shrinks with the steps, the contested jobs with it, until
 * all of them fit in one program. That program is exact in its box: where its prices lie inside, they are optimal, and its shares with the
 * fixed jobs are the primal optimum.
 *
 * Guarantee: `primal` − `bound` ≤ 1e-10 of `primal` where `settled`; L never falls. At most n jobs are split. Cost: a pricing pass
 * and a program over some 50 n arcs a step; about ten steps.
 */

import { CompensatedSum } from '../problem/sum.ts';
import { type Core, type CoreSolution, solveCore } from './core-program.ts';
import type { GapInstance } from './gap-instance.ts';
import { sampleJobs } from './job-sample.ts';
import type { Pricing } from './pricing.ts';
import { type RunControl, stopRequested } from './run-control.ts';
import { boundOf } from './sign-ascent.ts';

export interface ZoomProblem {
  readonly instance: GapInstance;
  /** Of the same instance. */
  readonly pricing: Pricing;
  /** Float64 [arcs]: what counts as cost; the pricing has the same. */
  readonly cost: Float64Array;
  /** Float64 [jobs], largest weight of each job. */
  readonly scale: Float64Array;
  /** Float64 [machines], T; Infinity where unlimited. */
  readonly capacity: Float64Array;
  /** Float64 [machines], U: the price of overflow. */
  readonly ceiling: Float64Array;
  /** The order of the prices. */
  readonly unitPrice: number;
}

export interface Viewpoint {
  /** Float64 [machines]. */
  readonly prices: Float64Array;
  /** δ, a price. */
  readonly window: number;
}

export interface Zoomed extends Viewpoint {
  /** L(prices). */
  readonly bound: number;
  /** Cost and overflow at its price; the optimum where `settled`. */
  readonly primal: number;
  readonly settled: boolean;
  /** Int32 [jobs], arc of each job outside the core; -1 without arcs. */
  readonly fixedArc: Int32Array;
  /** Int32 [members], arcs of the core, and their shares. */
  readonly coreArc: Int32Array;
  readonly coreShare: Float64Array;
  /** Float64 [machines]. */
  readonly overflow: Float64Array;
  readonly rounds: number;
}

const RELATIVE_TOLERANCE = 1e-10;
/** Arcs of a sample, and jobs of the last program, for each machine; and at least. */
const SAMPLE_ARCS = 50;
const CORE_JOBS = 80;
const LEAST_CORE = 2000;
const MOST_ROUNDS = 200;
const WIDER = 4;
const NARROWEST = 1 / 10;
/** Where half of the contested jobs lead by less than this share of the window, they are taken for ties. */
const TIED = 1 / 16;
/** Noise that breaks ties in the end, as a share of the prices; and how much less it is each time. */
const TIE_NOISE = 1e-10;
const CALMER = 1e-3;

/** Where the zoom of a sample ends: the contested jobs that it may leave, as a share of its jobs. */
export function zoom(given: ZoomProblem, from: Viewpoint, coarse: number | null, control: RunControl): Zoomed {
  const { instance, pricing, capacity, ceiling } = given;
  let problem = given;
  const leastNoise = TIE_NOISE * Math.max(given.unitPrice, ...from.prices);
  let noise = 0;
  const n = instance.machineCount;
  const totalWeight = given.scale.reduce((sum, weight) => sum + weight, 0);
  const coreLimit = Math.max(LEAST_CORE, CORE_JOBS * n);
  let { window } = from;
  let prices = from.prices.map((price, s) =>
    capacity[s] < Number.POSITIVE_INFINITY ? Math.min(ceiling[s], price) : 0,
  );
  let pass = pricing.runLeads(prices);
  let bound = boundOf(pass.total, prices, capacity);
  let edges = 0;
  let refined = 0;
  let rose = true;
  let thoroughness = 1;
  // How far beyond the window prices may go, where all of them move together.
  let stretch = 1;
  let round = 0;
  const trueBound = (): number => {
    if (noise === 0) return bound;
    pricing.setCosts(given.cost);
    pass = pricing.runLeads(prices);
    return boundOf(pass.total, prices, capacity);
  };
  for (; ; round++) {
    const contested = contestedJobs(problem.scale, pass.lead, window);
    const exact = contested.length <= coreLimit;
    const enough = coarse !== null && contested.length <= coarse;
    if (enough || round >= MOST_ROUNDS || stopRequested(control)) break;
    const half = exact ? window : medianLead(problem.scale, pass.lead, contested);
    // Ties: nearer does not make them fewer, and a sample of them is no guide. Noise as wide as the window turns them into neighbors;
    // when those are told apart, there is less of it.
    if (exact ? noise > leastNoise : !rose && noise !== leastNoise && half < TIED * window) {
      if (exact) window = Math.max(window, noise);
      const less = noise === 0 ? Number.POSITIVE_INFINITY : noise * CALMER;
      noise = Math.max(leastNoise, Math.min(window / 2, less));
      problem = { ...given, cost: breakTies(given, noise) };
      pricing.setCosts(problem.cost);
      pass = pricing.runLeads(prices);
      bound = boundOf(pass.total, prices, capacity);
      rose = true;
      continue;
    }
    const sample = sampleJobs(
      problem.scale,
      contested,
      exact ? contested.length : sampleSize(problem, pass.bestArc, prices, contested, window) * thoroughness,
    );
    const { core, arcs } = coreOf(problem, prices, pass, sample, window, stretch * window);
    const solution = solveCore(core, control);
    if (solution === null) break;
    const next = prices.map((price, s) => Math.min(ceiling[s], Math.max(0, price + solution.change[s])));
    const { length, edge } = stepOf(prices, next, stretch * window, ceiling);
    const bestArc = exact ? pass.bestArc.slice() : null;
    pass = pricing.runLeads(next);
    const nextBound = boundOf(pass.total, next, capacity);
    const rises = nextBound > bound;
    rose = rises;
    if (!exact) stretch = 1;
    if (rises) thoroughness = 1;
    if (rises) {
      prices = next;
      bound = nextBound;
    }
    if (bestArc !== null) {
      const primal = primalOf(given, bestArc, sample.jobs, arcs, solution);
      const narrow = edge || length > window / 2;
      if (!narrow) refined++;
      const gap = primal - bound - noise * totalWeight;
      const settled = gap <= (refined > 3 ? 10 : 1) * RELATIVE_TOLERANCE * Math.abs(primal);
      if (settled || refined > 8) {
        bound = trueBound();
        const found = { coreArc: arcs, coreShare: solution.share, overflow: solution.overflow };
        for (const job of sample.jobs) bestArc[job] = -1;
        return { ...found, fixedArc: bestArc, prices, window, bound, primal, settled, rounds: round + 1 };
      }
      // Too narrow for what was missed, or too wide for the solver's tolerance: the step tells.
      if (!narrow) window = Math.min(window / 2, Math.max(window / 16, 2 * length));
      else if (WIDER * contested.length <= coreLimit) {
        window = Math.max(WIDER * window, length);
        stretch = 1;
      } else if (rises) stretch *= 16;
      else if (stretch > 0.5) stretch = Math.max(0.5, stretch / 16);
      else window /= 2;
    } else if (rises) {
      edges = edge ? edges + 1 : 0;
      if (!edge) window = Math.min(window / 2, Math.max(length, Math.min(window * NARROWEST, half)));
      else if (edges > 1) window *= WIDER;
    } else {
      edges = 0;
      thoroughness = Math.min(4, 2 * thoroughness);
      window = Math.min(window / 2, Math.max(half, window * TIED));
    }
    if (!rises) pass = pricing.runLeads(prices);
  }
  bound = trueBound();
  // Stopped on the way: every job at its best arc.
  const fixedArc = pass.bestArc.slice();
  const none = { share: new Float64Array(0), overflow: new Float64Array(n), change: new Float64Array(n) };
  const primal = primalOf(problem, fixedArc, new Int32Array(0), new Int32Array(0), none);
  const nothing = { coreArc: new Int32Array(0), coreShare: none.share, overflow: none.overflow };
  return { ...nothing, fixedArc, prices, window, bound, primal, settled: false, rounds: round };
}

function mean(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at];
  return total / Math.max(1, values.length);
}

function contestedJobs(scale: Float64Array, lead: Float64Array, window: number): Int32Array {
  let count = 0;
  for (let job = 0; job < scale.length; job++) if (lead[job] < window * scale[job]) count++;
  const jobs = new Int32Array(count);
  for (let job = 0, at = 0; at < count; job++) if (lead[job] < window * scale[job]) jobs[at++] = job;
  return jobs;
}

/** Of a thousand contested jobs, per unit of weight: the window that would leave half of them. */
function medianLead(scale: Float64Array, lead: Float64Array, jobs: Int32Array): number {
  const stride = Math.ceil(jobs.length / 1000);
  const leads: number[] = [];
  for (let at = 0; at < jobs.length; at += stride) leads.push(lead[jobs[at]] / scale[jobs[at]]);
  return leads.sort((a, b) => a - b)[leads.length >> 1];
}

/** Costs that differ from the given ones by less than `noise` for each unit of weight, by a hash of the arc. */
function breakTies({ instance, cost, scale }: ZoomProblem, noise: number): Float64Array {
  const broken = new Float64Array(cost.length);
  for (let job = 0; job < instance.jobCount; job++) {
    const most = (noise * scale[job]) / 2 ** 32;
    for (let arc = instance.start[job]; arc < instance.start[job + 1]; arc++)
      broken[arc] = cost[arc] + most * hashOf(arc);
  }
  return broken;
}

/** 0 ≤ hash < 2^32 (the finalizer of MurmurHash3). */
function hashOf(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** So many jobs that their arcs in the window come to the budget, judged by a thousand of them. */
function sampleSize(
  problem: ZoomProblem,
  bestArc: Int32Array,
  prices: Float64Array,
  contested: Int32Array,
  window: number,
): number {
  const stride = Math.ceil(contested.length / 1000);
  let jobs = 0;
  let arcs = 0;
  for (let at = 0; at < contested.length; at += stride, jobs++) {
    eachInWindow(problem, prices, contested[at], bestArc[contested[at]], window, () => arcs++);
  }
  return Math.ceil((Math.max(LEAST_CORE, SAMPLE_ARCS * problem.instance.machineCount) * jobs) / arcs);
}

/** Arcs whose reduced cost is at most the window above the best. */
function eachInWindow(
  { instance, cost, scale }: ZoomProblem,
  prices: Float64Array,
  job: number,
  bestArc: number,
  window: number,
  take: (arc: number, excess: number) => void,
): void {
  const { start, machine, weight } = instance;
  const least = cost[bestArc] + prices[machine[bestArc]] * weight[bestArc];
  for (let arc = start[job]; arc < start[job + 1]; arc++) {
    const excess = cost[arc] + prices[machine[arc]] * weight[arc] - least;
    if (excess <= window * scale[job]) take(arc, Math.max(0, excess));
  }
}

function coreOf(
  problem: ZoomProblem,
  prices: Float64Array,
  { bestArc, load }: { bestArc: Int32Array; load: Float64Array },
  { jobs, multiple }: { jobs: Int32Array; multiple: Float64Array },
  window: number,
  reach: number,
): { core: Core; arcs: Int32Array } {
  const { machine, weight } = problem.instance;
  const room = problem.capacity.map((limit, s) => limit - load[s]);
  const start = new Int32Array(jobs.length + 1);
  const arcs: number[] = [];
  const excesses: number[] = [];
  const weights: number[] = [];
  for (let at = 0; at < jobs.length; at++) {
    const best = bestArc[jobs[at]];
    room[machine[best]] += multiple[at] * weight[best];
    eachInWindow(problem, prices, jobs[at], best, window, (arc, excess) => {
      arcs.push(arc);
      excesses.push(multiple[at] * excess);
      weights.push(multiple[at] * weight[arc]);
    });
    start[at + 1] = arcs.length;
  }
  const core = {
    start,
    machine: Int32Array.from(arcs, (arc) => machine[arc]),
    excess: Float64Array.from(excesses),
    weight: Float64Array.from(weights),
    room,
    up: prices.map((price, s) => Math.min(reach, problem.ceiling[s] - price)),
    down: prices.map((price) => Math.min(reach, price)),
    unitPrice: window,
    unitWeight: mean(weights) || mean(problem.scale) || 1,
  };
  return { core, arcs: Int32Array.from(arcs) };
}

/** How far the farthest price moved, and whether one was held by the box. */
function stepOf(
  from: Float64Array,
  to: Float64Array,
  reach: number,
  ceiling: Float64Array,
): { length: number; edge: boolean } {
  let length = 0;
  let edge = false;
  for (let s = 0; s < from.length; s++) {
    const moved = Math.abs(to[s] - from[s]);
    length = Math.max(length, moved);
    if (moved >= reach * (1 - 1e-6) && to[s] > 0 && to[s] < ceiling[s]) edge = true;
  }
  return { length, edge };
}

/** Σ cost over fixed arcs and core shares, and overflow at its price. */
function primalOf(
  { cost, ceiling }: ZoomProblem,
  fixedArc: Int32Array,
  coreJobs: Int32Array,
  coreArc: Int32Array,
  { share, overflow }: CoreSolution,
): number {
  const total = new CompensatedSum();
  for (const arc of fixedArc) if (arc >= 0) total.add(cost[arc]);
  for (const job of coreJobs) total.add(-cost[fixedArc[job]]);
  for (let at = 0; at < coreArc.length; at++) total.add(share[at] * cost[coreArc[at]]);
  for (let s = 0; s < overflow.length; s++) if (overflow[s] > 0) total.add(overflow[s] * ceiling[s]);
  return total.value;
}
