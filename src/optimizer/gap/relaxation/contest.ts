/**
 * Who is contested around given prices: jobs whose best arc leads by less than a window δ for each unit of weight,
 * and the linear program that they make.
 *
 * While no price moves by more than δ/2, a job that is not contested keeps its best arc, and a contested one takes
 * none but those within δ of it. Cost: O(jobs) to find them, O(their arcs) for the program.
 */

import type { GapInstance } from '../../../problem/gap-instance.ts';
import type { LeadPass } from '../../kernels/pricing.ts';
import type { Core } from './core-program.ts';
import type { JobSample } from './job-sample.ts';

/** What a program looks at: an instance under prices, its arcs within the window of the best. */
export interface Contest {
  readonly instance: GapInstance;
  /** Float64 [jobs], largest weight of each job. */
  readonly scale: Float64Array;
  /** Float64 [machines]. */
  readonly prices: Float64Array;
  /** The pricing pass at these prices. */
  readonly pass: LeadPass;
  /** δ, a price > 0. */
  readonly window: number;
}

/** Jobs looked at where a figure of all is guessed. */
const GLANCE = 1000;

/** Int32, ascending. */
export function contestedJobs({ scale, pass: { lead }, window }: Contest): Int32Array {
  let count = 0;
  for (let job = 0; job < scale.length; job++) if (lead[job] < window * scale[job]) count++;
  const jobs = new Int32Array(count);
  for (let job = 0, at = 0; at < count; job++) if (lead[job] < window * scale[job]) jobs[at++] = job;
  return jobs;
}

/** The window that would leave about half of the contested jobs contested. */
export function medianLead({ scale, pass: { lead } }: Contest, contested: Int32Array): number {
  const stride = Math.ceil(contested.length / GLANCE);
  const leads: number[] = [];
  for (let at = 0; at < contested.length; at += stride) leads.push(lead[contested[at]] / scale[contested[at]]);
  return leads.sort((a, b) => a - b)[leads.length >> 1];
}

/** Arcs in the window of a contested job, on average. */
export function arcsEach(contest: Contest, contested: Int32Array): number {
  const stride = Math.ceil(contested.length / GLANCE);
  let jobs = 0;
  let arcs = 0;
  for (let at = 0; at < contested.length; at += stride, jobs++) eachArcInWindow(contest, contested[at], () => arcs++);
  return arcs / jobs;
}

/**
 * The program over some contested jobs; all others stay at their best arcs. Where the jobs are a sample of the
 * contested ones, its loads at the present prices are still those of all jobs.
 *
 * @param reach how far a price may move, where 0 and `ceiling` let it.
 * @returns the program, and Int32 [members], arcs of the instance.
 */
export function coreOf(
  contest: Contest,
  { jobs, multiple }: JobSample,
  limits: { readonly capacity: Float64Array; readonly ceiling: Float64Array; readonly reach: number },
): { core: Core; arcs: Int32Array } {
  const { prices, pass, scale, window } = contest;
  const { machine, weight } = contest.instance;
  const { capacity, ceiling, reach } = limits;
  const room = capacity.map((limit, s) => limit - pass.load[s]);
  const start = new Int32Array(jobs.length + 1);
  const arcs: number[] = [];
  const excesses: number[] = [];
  const weights: number[] = [];
  for (let at = 0; at < jobs.length; at++) {
    const best = pass.bestArc[jobs[at]];
    room[machine[best]] += multiple[at] * weight[best];
    eachArcInWindow(contest, jobs[at], (arc, excess) => {
      arcs.push(arc);
      excesses.push(multiple[at] * excess);
      weights.push(multiple[at] * weight[arc]);
    });
    start[at + 1] = arcs.length;
  }
  const core: Core = {
    start,
    machine: Int32Array.from(arcs, (arc) => machine[arc]),
    excess: Float64Array.from(excesses),
    weight: Float64Array.from(weights),
    room,
    up: prices.map((price, s) => Math.min(reach, ceiling[s] - price)),
    down: prices.map((price) => Math.min(reach, price)),
    unitPrice: window,
    unitWeight: mean(weights) || mean(scale) || 1,
  };
  return { core, arcs: Int32Array.from(arcs) };
}

/** Arcs whose reduced cost is at most the window above the best one's. */
function eachArcInWindow(contest: Contest, job: number, take: (arc: number, excess: number) => void): void {
  const { instance, scale, prices, pass, window } = contest;
  const { start, machine, cost, weight } = instance;
  const best = pass.bestArc[job];
  const least = cost[best] + prices[machine[best]] * weight[best];
  for (let arc = start[job]; arc < start[job + 1]; arc++) {
    const excess = cost[arc] + prices[machine[arc]] * weight[arc] - least;
    if (excess <= window * scale[job]) take(arc, Math.max(0, excess));
  }
}

function mean(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at];
  return total / Math.max(1, values.length);
}
