/**
 * The generalized assignment problem: relaxation, Shmoys–Tardos rounding, GREEDY (FIG. 2).
 *
 * Guarantee: the rounding costs no more than the relaxation and overloads a machine by less than one job; GREEDY then
 * moves jobs off overloaded machines while it can. What is left is reported as overload. Cost: the relaxation's.
 */
import { fits, loadLimit, overloadOf } from '../../problem/capacity.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { greedy } from '../kernels/kernels.ts';
import type { RunControl } from '../run/run-control.ts';
import { attemptStage } from '../run/stage.ts';
import { type GapRelaxation, type OverloadProof, relaxGap } from './relaxation/gap-relaxation.ts';
import { roundFractional } from './rounding.ts';

export interface GapSolution {
  /** Int32 [jobs], chosen arc of each job. */
  readonly assignment: Int32Array;
  readonly cost: number;
  /** Lower bound on the cost of every assignment that fits. */
  readonly lowerBound: number;
  readonly overload: number;
  /** Why no assignment fits, where that is proven. */
  readonly proof: OverloadProof | null;
  readonly prices: Float64Array;
  readonly rounds: number;
  readonly moves: number;
}

export function solveGap(instance: GapInstance, control: RunControl, startPrices?: Float64Array): GapSolution {
  const relaxation = relaxPruned(instance, control, startPrices);
  const { bound, prices, leastOverload, rounds } = relaxation;
  const proof = strongest(leastOverload, oversizedJob(instance));
  const rounded =
    attemptStage(control, () => roundAndRepair(instance, relaxation.x)) ??
    repaired(instance, largestShares(instance, relaxation.x));
  return { ...rounded, lowerBound: bound, prices, proof, rounds };
}

/** Rounding and GREEDY on a given fractional assignment, Float64 [arcs]. */
export function roundAndRepair(
  instance: GapInstance,
  x: Float64Array,
): Pick<GapSolution, 'assignment' | 'cost' | 'overload' | 'moves'> {
  return repaired(instance, roundFractional(instance, x));
}

/** By GREEDY; the assignment is written. */
function repaired(instance: GapInstance, assignment: Int32Array) {
  const rounded = judge(instance, assignment);
  if (rounded.overload === 0) return { ...rounded, assignment, moves: 0 };
  const { moves } = greedy(instance, instance.capacity.map(loadLimit), assignment);
  return { ...judge(instance, assignment), assignment, moves };
}

/** Int32 [jobs], the arc of which a job has most. */
function largestShares({ jobCount, start }: GapInstance, x: Float64Array): Int32Array {
  return Int32Array.from({ length: jobCount }, (_, job) => {
    let best = start[job];
    for (let arc = best + 1; arc < start[job + 1]; arc++) if (x[arc] > x[best]) best = arc;
    return best;
  });
}

/**
 * A machine too small for a job never carries it in an assignment that fits: the bound may use that. The proof of
 * overload has to stand for all assignments, pruned arcs included, and so does the answer where some job fits nowhere.
 */
export function relaxPruned(instance: GapInstance, control: RunControl, startPrices?: Float64Array): GapRelaxation {
  const kept = pruneOversized(instance);
  if (kept === null || kept.length === instance.machine.length) return relaxGap(instance, control, startPrices);
  const pruned = relaxGap(subInstance(instance, kept), control, startPrices);
  if (pruned.leastOverload !== null) return relaxGap(instance, control, startPrices);
  const x = new Float64Array(instance.machine.length);
  kept.forEach((arc, index) => {
    x[arc] = pruned.x[index];
  });
  return { ...pruned, x };
}

/** A job that exceeds every machine by itself proves an overload. */
function oversizedJob(instance: GapInstance): OverloadProof | null {
  let amount = 0;
  for (let job = 0; job < instance.jobCount; job++) {
    let least = Number.POSITIVE_INFINITY;
    for (let arc = instance.start[job]; arc < instance.start[job + 1]; arc++) {
      least = Math.min(least, overloadOf(instance.weight[arc], instance.capacity[instance.machine[arc]]));
    }
    if (least > amount && Number.isFinite(least)) amount = least;
  }
  return amount > 0 ? { amount, prices: null } : null;
}

function strongest(a: OverloadProof | null, b: OverloadProof | null): OverloadProof | null {
  if (a === null || b === null) return a ?? b;
  return b.amount > a.amount ? b : a;
}

/** Arcs whose weight fits the empty machine, or null where some job has none. */
function pruneOversized(instance: GapInstance): Int32Array | null {
  const kept: number[] = [];
  for (let job = 0; job < instance.jobCount; job++) {
    const before = kept.length;
    for (let arc = instance.start[job]; arc < instance.start[job + 1]; arc++) {
      if (fits(instance.weight[arc], instance.capacity[instance.machine[arc]])) kept.push(arc);
    }
    if (kept.length === before) return null;
  }
  return Int32Array.from(kept);
}

/** The instance with only some of its arcs, ascending. */
export function subInstance(instance: GapInstance, arcs: Int32Array): GapInstance {
  const start = new Int32Array(instance.jobCount + 1);
  let next = 0;
  for (let job = 0; job < instance.jobCount; job++) {
    while (next < arcs.length && arcs[next] < instance.start[job + 1]) next++;
    start[job + 1] = next;
  }
  return {
    ...instance,
    start,
    machine: Int32Array.from(arcs, (arc) => instance.machine[arc]),
    cost: Float64Array.from(arcs, (arc) => instance.cost[arc]),
    weight: Float64Array.from(arcs, (arc) => instance.weight[arc]),
  };
}

/** Cost and total overload of an assignment of arcs. */
export function judge(instance: GapInstance, assignment: Int32Array): { cost: number; overload: number } {
  const load = new Float64Array(instance.machineCount);
  let cost = 0;
  for (const arc of assignment) {
    cost += instance.cost[arc];
    load[instance.machine[arc]] += instance.weight[arc];
  }
  const overload = load.reduce((total, value, s) => total + overloadOf(value, instance.capacity[s]), 0);
  return { cost, overload };
}
