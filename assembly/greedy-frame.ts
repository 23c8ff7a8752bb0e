/**
 * Arguments, results and scratch of GREEDY, one 32-bit word each: counts, or addresses of arrays in linear memory.
 * `greedyFrame` in `src/optimizer/kernels/greedy-frame.ts` writes the words in this order.
 *
 * A slot is a candidate: a job on a machine that was overloaded at the start. Slots of machine s run from `slotStart[s]`,
 * jobs ascending, padded to whole blocks of `min-tree`.
 */
@unmanaged
export class GreedyFrame {
  jobCount!: i32;
  machineCount!: i32;
  /** Room in the arrays per slot, per tree node and per entry. */
  slotCapacity!: i32;
  nodeCapacity!: i32;
  entryCapacity!: i32;
  /** Result. */
  moves!: i32;

  start!: usize;
  machine!: usize;
  cost!: usize;
  weight!: usize;
  /** Float64 [machines], T. */
  limit!: usize;
  /** Int32 [jobs], arc of each job or -1; in and out. */
  assignment!: usize;
  /** Int32 [jobs], out: the jobs in the order of their moves; a job moves at most once, for VSet only shrinks. */
  movedJobs!: usize;

  /** Float64 [machines], U. */
  used!: usize;
  /** Float64 [machines], T − U; -Infinity while the machine is in VSet, so that one comparison decides. */
  room!: usize;
  /** Float64 [machines], ratio of the machine's best candidate, and Int32 [machines], its slot. */
  bestRatio!: usize;
  bestSlot!: usize;
  /** Int32 [machines], VSet ascending; `overloadedCount` are valid. */
  overloaded!: usize;
  overloadedCount!: i32;
  candidateCount!: i32;
  /** Int32 [machines + 1], [machines], [machines]: first slot, first tree node, tree width. */
  slotStart!: usize;
  nodeStart!: usize;
  treeWidth!: usize;

  /** Int32 [jobs], slot of a candidate; -1 for the others, and once the job has moved or its machine fits. */
  slotOf!: usize;
  /** Int32 [slots], the inverse; -1 for padding as well. */
  slotJob!: usize;
  /** Float64 [slots], c_rt − c_rs of the cheapest target; never above the true value. */
  increase!: usize;
  /** Float64 [slots] and [nodes]: increase / p_rs of the jobs with p_rs ≤ U_s − T_s, else Infinity. */
  lightLeaves!: usize;
  lightNodes!: usize;
  /** The increase of the jobs with p_rs > U_s − T_s, else Infinity. */
  heavyLeaves!: usize;
  heavyNodes!: usize;
  /** −p_rs of the light jobs, else Infinity: finds the jobs that become heavy. */
  weightLeaves!: usize;
  weightNodes!: usize;

  /**
   * Int32 [machines + 1] and 16 bytes per entry: (slot, arc, p_rs) of the candidates that might go to machine s, for
   * when s leaves VSet.
   */
  entryStart!: usize;
  entries!: usize;
}
