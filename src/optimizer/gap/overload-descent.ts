/**
 * Descent to less overload: single jobs shift, and two jobs swap machines, where one of the two is on an overloaded machine;
 * of moves with equal overload the one that costs less is a gain too.
 *
 * Guarantee: never more overload than the start, by loads summed again; ends where no move gains, or at the control's end,
 * where every job on an overloaded machine is offered its shifts once more whatever the time, unless it is cancelled.
 * Cost: a pass is O(arcs of the jobs on overloaded machines) for shifts; with at most 2,000 jobs as many swaps as pairs of jobs,
 * O(log machines) each.
 */
import { overloadOf } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { judge } from './gap.ts';

/** Above so many, jobs are not swapped. */
const SWAPPED_JOBS = 2_000;
/** Relative to all weight, or all cost: less is no gain. */
const LEAST_GAIN = 1e-12;
/** Jobs between two questions whether to go on. */
const JOBS_ASKED = 100;

/** Int32 [jobs], arcs; owned by the caller. `start` is not written. */
export function descendOverload(instance: GapInstance, start: Int32Array, control: RunControl): Int32Array {
  const descent = new Descent(instance, start);
  while (!stopRequested(control) && descent.pass(control, true)) {}
  if (control.remainingMs() <= 0) descent.pass({ ...control, remainingMs: () => Number.POSITIVE_INFINITY }, false);
  const { assignment } = descent;
  return judge(instance, assignment).overload <= judge(instance, start).overload ? assignment : start.slice();
}

class Descent {
  readonly assignment: Int32Array;
  private readonly instance: GapInstance;
  private readonly load: Float64Array;
  private readonly leastRelief: number;
  private readonly leastSaving: number;

  constructor(instance: GapInstance, start: Int32Array) {
    this.instance = instance;
    this.assignment = start.slice();
    this.load = new Float64Array(instance.machineCount);
    let [weights, costs] = [0, 0];
    for (const arc of start) {
      this.load[instance.machine[arc]] += instance.weight[arc];
      weights += instance.weight[arc];
      costs += Math.abs(instance.cost[arc]);
    }
    this.leastRelief = LEAST_GAIN * weights;
    this.leastSaving = LEAST_GAIN * costs;
  }

  /** Over the jobs on overloaded machines; tells whether anything was gained. */
  pass(control: RunControl, swaps: boolean): boolean {
    const { jobCount } = this.instance;
    const maySwap = swaps && jobCount <= SWAPPED_JOBS;
    let gained = false;
    for (let job = 0; job < jobCount; job++) {
      if (job % JOBS_ASKED === 0 && stopRequested(control)) return false;
      if (!this.isOverloaded(job)) continue;
      gained = this.shift(job) || gained;
      if (maySwap && this.isOverloaded(job)) gained = this.swap(job) || gained;
    }
    return gained;
  }

  private isOverloaded(job: number): boolean {
    const s = this.instance.machine[this.assignment[job]];
    return this.excess(s, this.load[s]) > 0;
  }

  private excess(s: number, load: number): number {
    return overloadOf(load, this.instance.capacity[s]);
  }

  /** The first shift that gains. */
  private shift(job: number): boolean {
    const { start } = this.instance;
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      if (arc === this.assignment[job] || !this.gains([job], [arc])) continue;
      this.move([job], [arc]);
      return true;
    }
    return false;
  }

  /** The first swap that gains. */
  private swap(job: number): boolean {
    const { jobCount, machine } = this.instance;
    const own = machine[this.assignment[job]];
    for (let other = 0; other < jobCount; other++) {
      const its = machine[this.assignment[other]];
      if (its === own) continue;
      const [there, here] = [this.arcTo(job, its), this.arcTo(other, own)];
      if (there < 0 || here < 0 || !this.gains([job, other], [there, here])) continue;
      this.move([job, other], [there, here]);
      return true;
    }
    return false;
  }

  /** The arc of a job to a machine, of arcs that ascend by machine; -1 where that is forbidden. */
  private arcTo(job: number, s: number): number {
    const { start, machine } = this.instance;
    let [low, high] = [start[job], start[job + 1]];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (machine[middle] < s) low = middle + 1;
      else high = middle;
    }
    return low < start[job + 1] && machine[low] === s ? low : -1;
  }

  /** Less overload, or the same at less cost, over the two machines that the move touches? */
  private gains(jobs: readonly number[], arcs: readonly number[]): boolean {
    const { machine, weight, cost } = this.instance;
    const from = machine[this.assignment[jobs[0]]];
    const to = machine[arcs[0]];
    let change = 0;
    let [fromLoad, toLoad] = [this.load[from], this.load[to]];
    jobs.forEach((job, at) => {
      const [old, next] = [this.assignment[job], arcs[at]];
      change += cost[next] - cost[old];
      const sign = machine[next] === to ? 1 : -1;
      fromLoad -= sign * (sign > 0 ? weight[old] : weight[next]);
      toLoad += sign * (sign > 0 ? weight[next] : weight[old]);
    });
    const before = this.excess(from, this.load[from]) + this.excess(to, this.load[to]);
    const relief = before - this.excess(from, fromLoad) - this.excess(to, toLoad);
    return relief > this.leastRelief || (relief >= 0 && change < -this.leastSaving);
  }

  private move(jobs: readonly number[], arcs: readonly number[]): void {
    const { machine, weight } = this.instance;
    jobs.forEach((job, at) => {
      const old = this.assignment[job];
      this.load[machine[old]] -= weight[old];
      this.load[machine[arcs[at]]] += weight[arcs[at]];
      this.assignment[job] = arcs[at];
    });
  }
}
