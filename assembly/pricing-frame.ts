/**
 * Arguments, results and rows of the pricing pass, one 32-bit word each: counts, or addresses of arrays.
 * `src/optimizer/kernels/pricing-frame.ts` writes the words in this order and lays out the rows.
 *
 * Two consecutive jobs share a block, one per lane; row i of a block holds arc i of both. The shorter job is filled up
 * with arcs of infinite cost, no weight and machine 0.
 */
@unmanaged
export class PricingFrame {
  jobCount!: i32;
  machineCount!: i32;
  /** 1 where the machine of an arc takes 32 bits, 0 where it takes 16. */
  wideMachines!: i32;
  /** 1 where all arcs of a job have the same weight: one row of weights per block. */
  sharedWeights!: i32;

  /** Int32 [jobs + 1], first arc of each job. */
  start!: usize;
  /** Int32 [blocks + 1] into the rows. */
  rowStart!: usize;
  /** Float64 [rows × 2]. */
  cost!: usize;
  /** Float64 [rows × 2], or [blocks × 2] where shared. */
  weight!: usize;
  /** Uint16 or Uint32 [rows × 2]. */
  machine!: usize;

  /** Float64 [machines], λ. */
  lambda!: usize;
  /** Int32 [jobs], out: arc of the least reduced cost, the lowest where several tie, -1 without arcs. */
  bestArc!: usize;
  /** Float64 [machines], out: weights of the chosen arcs, summed in job order. */
  load!: usize;
  /** Float64 [1], out: the sum of the minima. */
  total!: usize;
  /** Float64 [blocks × 2], out where asked for: second least − least reduced cost of each job. */
  lead!: usize;
}
