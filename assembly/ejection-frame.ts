/**
 * Arguments, results and scratch of the ejection search, one 32-bit word each: counts, or addresses of arrays in linear
 * memory. `ejectionFrame` in `src/optimizer/kernels/ejection-frame.ts` writes the words in this order.
 */
@unmanaged
export class EjectionFrame {
  jobCount!: i32;
  machineCount!: i32;
  /** Candidates per job. */
  width!: i32;
  proposals!: i32;
  /** State of the generator, not 0; in and out. */
  random!: u32;
  /** Result: 1 where `best` was improved. */
  improved!: i32;
  machine!: usize;
  cost!: usize;
  weight!: usize;
  limit!: usize;
  /** Float64 [machines], price of a unit of overload. */
  overloadPrice!: usize;
  /** Int32 [jobs × width], arcs; -1 where a job has fewer. */
  candidates!: usize;
  /** Int32 [jobs], arc of each job; in and out. */
  assignment!: usize;
  /** Int32 [jobs], the cheapest assignment that fits; overwritten where a cheaper one is met. */
  best!: usize;
  /** Float64 [2]: the most by which a move may raise the penalized cost, the cost of `best`. */
  values!: usize;
  /** Float64 [machines]. */
  load!: usize;
  /** Int32 [machines × jobs] and [machines]: jobs of each machine, and their number. */
  slotJob!: usize;
  slotCount!: usize;
  /** Int32 [jobs], place of a job in the list of its machine. */
  slotOf!: usize;
}
