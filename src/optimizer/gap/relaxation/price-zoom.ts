/**
 * The prices at which an assignment relaxation is optimal, found by zooming in on them.
 *
 *   max  L(λ) = Σ_r min_s (c_rs + λ_s p_rs) − Σ_s λ_s T_s   over   0 ≤ λ ≤ U
 *
 * Around the present prices a window δ names the contested jobs (see contest). While no price moves by more than δ/2,
 * L is the value of a linear program over those alone, with the exact loads of all others taken off T. Where they are
 * too many a sample stands in, which meets L to the first order; what it answers is a guess, taken where L rises. The
 * window shrinks with the steps, the contested jobs become fewer, until all of them fit in one program. That one is
 * exact: where its value is L at the prices it gives, these are optimal, and its shares with the fixed jobs are the
 * primal optimum.
 *
 * Tied jobs do not become fewer, and a sample says nothing about the others. They get noise as wide as the window
 * (see tie-noise); once they are told apart there is less of it, down to 1e-10 of the prices, which is the tolerance
 * of the answer then.
 *
 * Guarantee: where `settled`, primal − bound ≤ 1e-9 of the primal, and at most n jobs are split. L never falls. Cost:
 * a pricing pass and a program over some 50 n arcs a round; about ten rounds, thirty with ties.
 */

import type { GapInstance } from '../../../problem/gap-instance.ts';
import { CompensatedSum } from '../../../problem/sum.ts';
import type { Pricing } from '../../kernels/pricing.ts';
import { type RunControl, stopRequested } from '../../run/run-control.ts';
import { arcsEach, type Contest, contestedJobs, coreOf, medianLead } from './contest.ts';
import { type CoreSolution, solveCore } from './core-program.ts';
import { sampleJobs } from './job-sample.ts';
import { boundOf } from './subgradient-ascent.ts';
import { withNoise } from './tie-noise.ts';

export interface ZoomProblem {
  readonly instance: GapInstance;
  /** Of the same instance; its costs are the same again when `zoom` returns. */
  readonly pricing: Pricing;
  /** Float64 [jobs], largest weight of each job. */
  readonly scale: Float64Array;
  /** Float64 [machines], T; Infinity where unlimited. Takes the place of the instance's own. */
  readonly capacity: Float64Array;
  /** Float64 [machines], U: the price of overflow. */
  readonly ceiling: Float64Array;
  /** The order of the prices, > 0. */
  readonly unitPrice: number;
}

export interface Viewpoint {
  /** Float64 [machines]. */
  readonly prices: Float64Array;
  /** δ, a price > 0. */
  readonly window: number;
}

export interface Zoomed extends Viewpoint {
  /** L(prices). */
  readonly bound: number;
  /** Whether the primal value is the bound; if not, every job is fixed at its best arc. */
  readonly settled: boolean;
  /** Int32 [jobs], arc of each job outside the core; -1 without arcs. */
  readonly fixedArc: Int32Array;
  /** Int32 [members], arcs of the core, and Float64 [members], their shares. */
  readonly coreArc: Int32Array;
  readonly coreShare: Float64Array;
  /** Float64 [machines], bought at U. */
  readonly overflow: Float64Array;
  readonly rounds: number;
}

/** Aimed at; after some attempts ten times as much will do. */
const RELATIVE_TOLERANCE = 1e-10;
const REFINEMENTS = 3;
const MOST_REFINEMENTS = 8;
/** Arcs of a sample, and arcs beside the best ones in the exact program: for each machine, and at least. */
const SAMPLE_ARCS = 50;
const CORE_CHOICES = 40;
const LEAST_CORE = 2000;
/** Relative error of L, which is a compensated sum. */
const ROUNDING = 1e-15;
const MOST_ROUNDS = 200;
/** The exact program may be larger by as much again after so many rounds. */
const GROWING_ROUNDS = 25;
const WIDER = 4;
const FARTHER = 16;
const NARROWEST = 1 / 10;
/** Where half of the contested jobs lead by less than this share of the window, they are taken for ties. */
const TIED = 1 / 16;
/** The last noise, as a share of the prices; and how much less it is each time. */
const LAST_NOISE = 1e-10;
const CALMER = 1e-3;

/** @param enough ends as soon as no more jobs than this are contested: good prices are wanted, no optimum. */
export function zoom(problem: ZoomProblem, from: Viewpoint, control: RunControl, enough = -1): Zoomed {
  const { pricing, scale, capacity, ceiling } = problem;
  const n = capacity.length;
  const coreLimit = Math.max(LEAST_CORE, CORE_CHOICES * n);
  const sampleArcs = Math.max(LEAST_CORE, SAMPLE_ARCS * n);
  const lastNoise = LAST_NOISE * from.prices.reduce((most, price) => Math.max(most, price), problem.unitPrice);
  let { instance } = problem;
  let prices = from.prices.map((price, s) =>
    capacity[s] < Number.POSITIVE_INFINITY ? Math.min(ceiling[s], price) : 0,
  );
  let { window } = from;
  let pass = pricing.runLeads(prices);
  let bound = boundOf(pass.total, prices, capacity);
  let noise = 0;
  let rose = true;
  let edges = 0;
  let refinements = 0;
  // How many times the usual sample; how many windows a price may move where all move together.
  let thoroughness = 1;
  let stretch = 1;

  const priceAgain = (costs: Float64Array): void => {
    pricing.setCosts(costs);
    pass = pricing.runLeads(prices);
    bound = boundOf(pass.total, prices, capacity);
  };

  let round = 0;
  for (; round < MOST_ROUNDS && !stopRequested(control); round++) {
    const contest: Contest = { instance, scale, prices, pass, window };
    const contested = contestedJobs(contest);
    if (contested.length <= enough) break;
    const perJob = contested.length === 0 ? 2 : arcsEach(contest, contested);
    const exact = contested.length * (perJob - 1) <= coreLimit * Math.max(1, round / GROWING_ROUNDS);
    const half = exact ? window : medianLead(contest, contested);
    if (exact ? noise > lastNoise : !rose && noise !== lastNoise && half < TIED * window) {
      if (exact) window = Math.max(window, noise);
      noise = Math.max(lastNoise, noise === 0 ? window / 2 : Math.min(window / 2, noise * CALMER));
      instance = { ...instance, cost: withNoise(problem.instance, scale, noise) };
      priceAgain(instance.cost);
      rose = true;
      continue;
    }

    const sampleSize = exact ? contested.length : Math.ceil((sampleArcs * thoroughness) / perJob);
    const sample = sampleJobs(scale, contested, sampleSize);
    const reach = exact ? stretch * window : window;
    const { core, arcs } = coreOf(contest, sample, { capacity, ceiling, reach });
    const solution = solveCore(core, control);
    if (solution === null) break;
    const next = prices.map((price, s) => Math.min(ceiling[s], Math.max(0, price + solution.change[s])));
    const { length, edge } = stepOf(prices, next, reach, ceiling);
    const fixedArc = exact ? pass.bestArc.slice() : null;
    pass = pricing.runLeads(next);
    const nextBound = boundOf(pass.total, next, capacity);
    // Near the end an exact step gains less than L can show.
    rose = nextBound > bound - (exact ? ROUNDING * Math.abs(bound) : 0);
    if (rose) {
      prices = next;
      bound = nextBound;
    }

    if (fixedArc !== null) {
      for (const job of sample.jobs) fixedArc[job] = -1;
      const primal = primalOf(problem, fixedArc, arcs, solution);
      const narrow = edge || length > window / 2;
      if (!narrow) refinements++;
      const tolerance = (refinements > REFINEMENTS ? 10 : 1) * RELATIVE_TOLERANCE * Math.abs(primal);
      const settled = primal - bound <= tolerance + noise * totalOf(scale);
      if (settled || refinements > MOST_REFINEMENTS) {
        if (noise > 0) priceAgain(problem.instance.cost);
        const primalSide = { fixedArc, coreArc: arcs, coreShare: solution.share, overflow: solution.overflow };
        return { ...primalSide, prices, window, bound, settled, rounds: round + 1 };
      }
      // Too wide for the solver's tolerance, or too narrow for what the prices passed on their way.
      if (!narrow) window = Math.min(window / 2, Math.max(window / 16, 2 * length));
      else if (WIDER * contested.length <= coreLimit) window = Math.max(WIDER * window, length);
      else if (rose) stretch *= FARTHER;
      else if (stretch > 0.5) stretch = Math.max(0.5, stretch / FARTHER);
      else window /= 2;
    } else if (rose) {
      thoroughness = 1;
      edges = edge ? edges + 1 : 0;
      if (!edge) window = Math.min(window / 2, Math.max(length, Math.min(window * NARROWEST, half)));
      else if (edges > 1) window *= WIDER;
    } else {
      thoroughness = Math.min(4, 2 * thoroughness);
      edges = 0;
      window = Math.min(window / 2, Math.max(half, window * TIED));
    }
    if (!rose) pass = pricing.runLeads(prices);
  }
  if (noise > 0) priceAgain(problem.instance.cost);
  const noCore = { coreArc: new Int32Array(0), coreShare: new Float64Array(0), overflow: new Float64Array(n) };
  return { ...noCore, fixedArc: pass.bestArc.slice(), prices, window, bound, settled: false, rounds: round };
}

/** How far the farthest price moved, and whether the box held one back. */
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
  { instance: { cost }, ceiling }: ZoomProblem,
  fixedArc: Int32Array,
  coreArc: Int32Array,
  { share, overflow }: CoreSolution,
): number {
  const total = new CompensatedSum();
  for (let job = 0; job < fixedArc.length; job++) if (fixedArc[job] >= 0) total.add(cost[fixedArc[job]]);
  for (let at = 0; at < coreArc.length; at++) total.add(share[at] * cost[coreArc[at]]);
  for (let s = 0; s < overflow.length; s++) if (overflow[s] > 0) total.add(overflow[s] * ceiling[s]);
  return total.value;
}

function totalOf(values: Float64Array): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at];
  return total;
}
