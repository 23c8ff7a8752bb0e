import type { GapInstance } from '../../src/problem/gap-instance.ts';

export interface GreedyState {
  /** Int32 [jobs], arc of each job or -1. */
  readonly assignment: Int32Array;
  /** Float64 [machines], U. */
  readonly used: Float64Array;
  /** Uint8 [machines], 1 in VSet. */
  readonly overloaded: Uint8Array;
}

/** FIG. 2, steps 2 and 3. */
export function initialState(instance: GapInstance, limit: Float64Array, assignment: Int32Array): GreedyState {
  const used = new Float64Array(instance.machineCount);
  for (const arc of assignment) if (arc >= 0) used[instance.machine[arc]] += instance.weight[arc];
  return { assignment, used, overloaded: Uint8Array.from(used, (load, s) => Number(load > limit[s])) };
}

/** Steps 6 to 18, word by word: the arc to move a job to, and the job; -1 where there is none. */
export function literalScan(
  instance: GapInstance,
  limit: Float64Array,
  state: GreedyState,
): [job: number, arc: number] {
  const { jobCount, start, machine, cost, weight } = instance;
  const { assignment, used, overloaded } = state;
  let least = Number.POSITIVE_INFINITY;
  let job = -1;
  let target = -1;
  for (let r = 0; r < jobCount; r++) {
    const old = assignment[r];
    if (old < 0 || weight[old] === 0) continue;
    const s = machine[old];
    if (!overloaded[s]) continue;
    for (let arc = start[r]; arc < start[r + 1]; arc++) {
      const t = machine[arc];
      if (overloaded[t] || !(limit[t] - used[t] >= weight[arc])) continue;
      const ratio = (cost[arc] - cost[old]) / Math.min(weight[old], used[s] - limit[s]);
      if (ratio < least) {
        least = ratio;
        job = r;
        target = arc;
      }
    }
  }
  return [job, target];
}

/** The triple loop of FIG. 2, steps 2 to 26; `assignment` is overwritten, the moved jobs come back in order. */
export function literalGreedy(instance: GapInstance, limit: Float64Array, assignment: Int32Array): Int32Array {
  const { machine, weight } = instance;
  const state = initialState(instance, limit, assignment);
  const { used, overloaded } = state;
  const movedJobs: number[] = [];
  for (;;) {
    const [job, target] = literalScan(instance, limit, state);
    if (job < 0) return Int32Array.from(movedJobs);
    const old = assignment[job];
    const s = machine[old];
    assignment[job] = target;
    used[s] -= weight[old];
    used[machine[target]] += weight[target];
    if (used[s] <= limit[s]) overloaded[s] = 0;
    movedJobs.push(job);
  }
}
