/**
 * Arguments, results and scratch of compute_egress and Step 7, one 32-bit word each: counts, or addresses of arrays.
 * `src/optimizer/kernels/step7-frame.ts` writes the words in this order; `src/optimizer/kernels/step7-instance.ts` says what
 * the inputs mean.
 */
@unmanaged
export class Step7Frame {
  pointCount!: i32;
  prefixCount!: i32;
  pairCount!: i32;
  moveLimit!: i32;
  /** Results. */
  deletes!: i32;
  inserts!: i32;

  distance!: usize;
  rank!: usize;
  routerOf!: usize;
  egressStart!: usize;
  egressPoint!: usize;
  slotCost!: usize;
  pairStart!: usize;
  pairIngress!: usize;
  pairVolume!: usize;
  /** 0 where every egress is eligible. */
  eligible!: usize;
  /** 0 where no pair has a present choice. */
  currentSlot!: usize;
  changeUnit!: usize;
  limit!: usize;
  /** Uint8 [slots], in and out. */
  open!: usize;
  /** Int32 [pairs], out. */
  egress!: usize;

  /** Float64 [points]: load, V, and the volume that the move that is looked at takes away or brings. */
  load!: usize;
  overload!: usize;
  moved!: usize;
  /** Int32 [prefixes]: first arc of each prefix. */
  arcStart!: usize;
  /** Uint8 [prefixes], 1 where some pair's present egress may not carry it. */
  stranded!: usize;
  /** Int32 [points + 1] into the places: the slots at each point. */
  placeStart!: usize;
  /** Int32 [slots] each: place of a slot, prefix of a place. */
  placeOf!: usize;
  prefixAt!: usize;
  /** Float64 [places]: least volume that a move of the prefix, otherwise admitted, found too much for the point. */
  refused!: usize;
  /** Float64 [places]: greatest volume that an admitted move of the prefix that saves cost takes from the point. */
  saved!: usize;
  /** Int32 [points]: points whose load the last move changed, and Float64 [points] their V before it. */
  touched!: usize;
  overloadBefore!: usize;
  /** Int32 [points] and [prefixes]: number of the move that last changed the load, or after which k was looked at. */
  changedAt!: usize;
  valuedAt!: usize;
  /** Float64 [prefixes, whole blocks], Float64 [nodes], Int32 [prefixes]: each prefix's best ratio and its slot. */
  bestRatio!: usize;
  bestNodes!: usize;
  bestSlot!: usize;

  /** Float64 [slots], [slots] and Uint8 [slots]: what `moveValues` found, one possible move per slot. */
  costDelta!: usize;
  overloadDelta!: usize;
  admitted!: usize;
}
