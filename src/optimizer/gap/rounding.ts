/**
 * Rounding of a fractional assignment to an integral one (Shmoys and Tardos 1993).
 *
 * On every machine the fractional jobs fill slots of unit share in order of decreasing weight; a job may take any slot it
 * fills a part of; a matching of jobs to slots of least cost covers every job. The fractional shares are themselves such
 * a matching in fractions, so the least cost is at most that of x. A slot holds one job, no heavier than the lightest of
 * the slot before, so
 *   cost ≤ cost of x,   load_s ≤ T_s + max{p_rs : x_rs > 0}.
 * Jobs that x leaves whole stay where they are. With x a vertex at most n jobs are fractional, whatever their number.
 * Cost: O(arcs), and a linear program over the arcs in use of the fractional jobs.
 */
import { EgressoError } from '../../errors.ts';
import type { GapInstance } from '../../problem/gap-instance.ts';
import { solveLinear } from '../milp/linear.ts';
import { ProgramBuilder } from '../milp/program-builder.ts';
import { UNLIMITED } from '../run/run-control.ts';

/** Shares within this distance of 0 and 1 are taken for them. */
const SHARE_TOLERANCE = 1e-7;

/** Returns the arc of each job, Int32 [jobs]. `x` is Float64 [arcs] with Σ over the arcs of each job = 1. */
export function roundFractional(instance: GapInstance, x: Float64Array): Int32Array {
  const { jobCount, start } = instance;
  const assignment = new Int32Array(jobCount).fill(-1);
  const fractional: number[] = [];
  for (let job = 0; job < jobCount; job++) {
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      if (x[arc] >= 1 - SHARE_TOLERANCE) assignment[job] = arc;
    }
    if (assignment[job] < 0) fractional.push(job);
  }
  if (fractional.length > 0) matchToSlots(instance, x, fractional, assignment);
  return assignment;
}

interface SlotEdge {
  readonly arc: number;
  readonly slot: number;
}

function matchToSlots(instance: GapInstance, x: Float64Array, jobs: readonly number[], assignment: Int32Array): void {
  const edges = fillSlots(instance, x, jobs);
  const program = new ProgramBuilder();
  const jobRow = new Map(jobs.map((job) => [job, program.addRow(1, 1)]));
  const slotRow = new Map<number, number>();
  const scale = meanCost(instance, edges);
  const columns: SlotEdge[] = [];
  for (const [job, ofJob] of edges) {
    for (const edge of ofJob) {
      let row = slotRow.get(edge.slot);
      if (row === undefined) {
        row = program.addRow(Number.NEGATIVE_INFINITY, 1);
        slotRow.set(edge.slot, row);
      }
      const cost = instance.cost[edge.arc] / scale;
      program.addColumn({ cost, rows: [jobRow.get(job) as number, row], values: [1, 1] });
      columns.push(edge);
    }
  }
  // A vertex of the matching polytope is integral, so the linear program is the matching.
  const solution = solveLinear(program.build(), UNLIMITED);
  if (solution.status !== 'optimal') {
    throw new EgressoError('SOLVER_FAILED', `the matching of ${jobs.length} jobs to slots ended as ${solution.status}`);
  }
  let column = 0;
  for (const [job, ofJob] of edges)
    for (const edge of ofJob) if (solution.x[column++] > 0.5) assignment[job] = edge.arc;
}

/** Edges from each job to the slots it fills; slots are numbered over all machines. */
function fillSlots(instance: GapInstance, x: Float64Array, jobs: readonly number[]): Map<number, SlotEdge[]> {
  const { start, machine, weight } = instance;
  const edges = new Map<number, SlotEdge[]>(jobs.map((job) => [job, []]));
  const onMachine = new Map<number, { job: number; arc: number; share: number }[]>();
  for (const job of jobs) {
    let total = 0;
    for (let arc = start[job]; arc < start[job + 1]; arc++) if (x[arc] > SHARE_TOLERANCE) total += x[arc];
    for (let arc = start[job]; arc < start[job + 1]; arc++) {
      if (x[arc] <= SHARE_TOLERANCE) continue;
      const shares = onMachine.get(machine[arc]) ?? [];
      shares.push({ job, arc, share: x[arc] / total });
      onMachine.set(machine[arc], shares);
    }
  }
  let slot = 0;
  for (const s of [...onMachine.keys()].sort((a, b) => a - b)) {
    const shares = onMachine.get(s) ?? [];
    shares.sort((a, b) => weight[b.arc] - weight[a.arc] || a.job - b.job);
    let filled = 0;
    for (const { job, arc, share } of shares) {
      let left = share;
      while (left > SHARE_TOLERANCE) {
        if (filled >= 1 - SHARE_TOLERANCE) {
          slot++;
          filled = 0;
        }
        edges.get(job)?.push({ arc, slot });
        const taken = Math.min(left, 1 - filled);
        filled += taken;
        left -= taken;
      }
    }
    slot++;
  }
  return edges;
}

function meanCost(instance: GapInstance, edges: Map<number, SlotEdge[]>): number {
  let total = 0;
  let count = 0;
  for (const ofJob of edges.values()) {
    for (const { arc } of ofJob) {
      total += Math.abs(instance.cost[arc]);
      count++;
    }
  }
  return total / count || 1;
}
