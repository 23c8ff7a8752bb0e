/**
 * A generalized assignment instance in sparse, job-major form.
 *
 * Arcs of job r run from `start[r]` to `start[r + 1]`, machines ascending within a job; a missing arc is a forbidden
 * pair. The caller owns the arrays; no optimizer writes them.
 */
export interface GapInstance {
  readonly jobCount: number;
  readonly machineCount: number;
  /** Int32 [jobs + 1]. */
  readonly start: Int32Array;
  /** Int32 [arcs]. */
  readonly machine: Int32Array;
  /** Float64 [arcs], c_rs, finite. */
  readonly cost: Float64Array;
  /** Float64 [arcs], p_rs ≥ 0, finite. */
  readonly weight: Float64Array;
  /** Float64 [machines], T_s ≥ 0; Infinity where unlimited. */
  readonly capacity: Float64Array;
}

/** A generalized assignment instance as full tables, machine-major: `[s × jobs + r]` is the pair of machine s, job r. */
export interface DenseGapTables {
  readonly machineCount: number;
  readonly jobCount: number;
  /** Float64 [machine × job]. */
  readonly costs: Float64Array;
  /** Float64 [machine × job]. */
  readonly weights: Float64Array;
  /** Float64 [machine]. */
  readonly capacities: Float64Array;
  /** Uint8 [machine × job], 1 where the pair is forbidden; null or missing where none is. */
  readonly forbidden?: Uint8Array | null;
}

/** The sparse form of full tables; the arrays of the result are new. */
export function denseGap(tables: DenseGapTables): GapInstance {
  const { machineCount, jobCount, costs, weights, capacities, forbidden = null } = tables;
  const isAllowed = (pair: number): boolean => forbidden === null || forbidden[pair] === 0;
  const start = new Int32Array(jobCount + 1);
  for (let pair = 0; pair < machineCount * jobCount; pair++) if (isAllowed(pair)) start[(pair % jobCount) + 1]++;
  for (let r = 0; r < jobCount; r++) start[r + 1] += start[r];
  const arcCount = start[jobCount];
  const machine = new Int32Array(arcCount);
  const cost = new Float64Array(arcCount);
  const weight = new Float64Array(arcCount);
  const next = start.slice();
  // Machine by machine, so that machines ascend within each job.
  for (let s = 0; s < machineCount; s++) {
    for (let r = 0; r < jobCount; r++) {
      const pair = s * jobCount + r;
      if (!isAllowed(pair)) continue;
      const arc = next[r]++;
      machine[arc] = s;
      cost[arc] = costs[pair];
      weight[arc] = weights[pair];
    }
  }
  return { jobCount, machineCount, start, machine, cost, weight, capacity: capacities.slice() };
}
