/**
 * Step 7 of MULTIPLEEGRESS as typed arrays: fixed ingresses, the possible egresses of every prefix.
 *
 * Cost of pair p of prefix k by slot e at point j:
 *   volume_p · (distance[i_p, j] + slotCost[e] + (changeUnit_p where e is not currentSlot_p)).
 * A slot may carry a pair when it is reachable and eligible. The caller owns the arrays; nobody writes them.
 */
export interface Step7Instance {
  readonly pointCount: number;
  readonly prefixCount: number;
  readonly pairCount: number;
  /** Float64 [points × points], row-major ingress × egress, IGP metric; Infinity where unreachable. */
  readonly distance: Float64Array;
  /** Int32 [points × points]: place of the egress in the closeness order of the ingress, a permutation in each row. */
  readonly rank: Int32Array;
  /** Int32 [points], router of each point; at most one point of a router is open for a prefix. */
  readonly routerOf: Int32Array;
  /** Int32 [prefixes + 1] into the slots: Out(k). */
  readonly egressStart: Int32Array;
  /** Int32 [slots], point of each slot, strictly ascending within a prefix. */
  readonly egressPoint: Int32Array;
  /** Float64 [slots], price of the point + penalty of the prefix there. */
  readonly slotCost: Float64Array;
  /** Int32 [prefixes + 1] into the pairs. */
  readonly pairStart: Int32Array;
  /** Int32 [pairs], point at which the pair enters. */
  readonly pairIngress: Int32Array;
  /** Float64 [pairs], ≥ 0. */
  readonly pairVolume: Float64Array;
  /** Uint8 [arcs] or null: the arcs of a pair are the slots of its prefix, pairs in order; 0 where it may not leave. */
  readonly eligible: Uint8Array | null;
  /** Int32 [pairs] or null: slot of the present choice when its ingress is the fixed one, else -1. */
  readonly currentSlot: Int32Array | null;
  /** Float64 [pairs] or null, per unit of volume; null counts as 0. */
  readonly changeUnit: Float64Array | null;
  /** Float64 [points], egress load to respect; Infinity where unlimited. */
  readonly limit: Float64Array;
}

/** One admitted move of Step 7: the slot is closed or opened for its prefix. */
export interface MoveValue {
  readonly slot: number;
  readonly action: 'delete' | 'insert';
  /** C' − C. */
  readonly costDelta: number;
  /** ΣV − ΣV', above the tolerance. */
  readonly overloadDelta: number;
}
