/**
 * Arguments, results and scratch memory of the prefix kernels, one 32-bit word each: counts, or addresses of arrays.
 * `src/optimizer/kernels/prefix-frame.ts` writes the words in this order.
 */
@unmanaged
export class PrefixFrame {
  pointCount!: i32;
  neighborCount!: i32;
  prefixCount!: i32;
  /** 1: egress sets (MES); 0: single egress (SES). */
  sets!: i32;
  /** Nodes of the search for one egress set. */
  nodeLimit!: i32;
  /** How many times the real cost counts: 0 or 1. */
  costWeight!: i32;
  /** 1 where `room` says what is too large for a side by itself. */
  pruned!: i32;
  /** Bytes of a node, see `prefix-search.ts`. */
  nodeBytes!: i32;
  maxPairs!: i32;
  /** Prefixes named in `list`, in this order. */
  listCount!: i32;
  /** 1: a prefix keeps its present choice unless the new one is better. */
  keeps!: i32;
  /** 1: a pass or a filling goes on where the call before it ended. */
  continues!: i32;
  /** Classes of prefixes whose egress sets are tabulated, see `prefix-sets.ts`. */
  classCount!: i32;
  /** Classes of prefixes that share a search tree, see `prefix-tree.ts`; nodes there is memory for, and bytes of one. */
  treeCount!: i32;
  treeNodeCount!: i32;
  treeNodeBytes!: i32;

  /** Float64 [points × points], ingress × egress. */
  distance!: usize;
  /** Int32 [points × points]: place of the egress in the order of closeness to the ingress. */
  rank!: usize;
  /** Int32 [points]. */
  routerOf!: usize;
  /** In(h): Int32 [neighbors + 1] into `ingressPoint`. */
  ingressStart!: usize;
  ingressPoint!: usize;
  /** Out(k): Int32 [prefixes + 1] into the slots. */
  egressStart!: usize;
  egressPoint!: usize;
  /** Float64 [slots]. */
  slotCost!: usize;
  /** Int32 [prefixes + 1] into the pairs. */
  pairStart!: usize;
  pairNeighbor!: usize;
  pairVolume!: usize;
  /** Int32 [pairs], first arc of each pair; 0 where everything is eligible. */
  arcStart!: usize;
  /** Uint8 [arcs], or 0. */
  eligible!: usize;
  /** Float64 [pairs], or 0 without change costs; then Int32 [pairs], point and slot of the current choice, or -1. */
  changeUnit!: usize;
  currentIngress!: usize;
  currentSlot!: usize;
  /** Int32 [pairs], or 0: the ingress is fixed, unlimited and free. */
  fixedIngress!: usize;

  /** Float64 [2 × points]: ingress sides, then egress sides. */
  prices!: usize;
  /** Float64 [2 × points], room on each side. */
  room!: usize;
  /** Int32 [listCount]. */
  list!: usize;

  /** Int32 [pairs], out of a pass: the cheapest choice, slot -1 where there is none. */
  foundIngress!: usize;
  foundSlot!: usize;
  /** Float64 [prefixes], out of a pass: lower bound on the value of every choice. */
  value!: usize;
  /** Float64 [2 × points], out of a pass: loads of the cheapest choices. */
  foundLoad!: usize;
  /** Float64 [2], in and out of a pass: the sum of the values, Infinity where one is, and its compensation. */
  total!: usize;

  /** Int32 [pairs], in and out of a placement: the plan, slot -1 where a prefix is not placed. */
  placedIngress!: usize;
  placedSlot!: usize;
  /** Float64 [2 × points], in and out: loads of the plan, and what may be loaded. */
  load!: usize;
  limit!: usize;
  /**
   * Float64 [7]: a price dearer than any way; what a unit of overload counts; by how much the cost may grow, or the
   * stiffness of a filling; out: by how much it grew, and the overload; in: the volume that a filling starts; in and out:
   * how much of it is placed.
   */
  terms!: usize;

  // Scratch: one prefix at a time.
  /** Int32 [maxPairs + 1] into the entries, an entry being an ingress that a pair may use. */
  entryStart!: usize;
  entryPoint!: usize;
  /** Float64 [entries × slots], what the pair pays by ingress and slot. */
  entryValue!: usize;
  /** Float64 [maxSlots]. */
  slotTerm!: usize;
  /** Int32 [points × maxSlots], slots by closeness, and Int32 [points], for which Out(k) a row was filled. */
  near!: usize;
  nearStamp!: usize;
  /** Int32 [maxSlots] each. */
  usedSlots!: usize;
  brokenBy!: usize;
  nodes!: usize;
  /** The best choice of several attempts: a node. */
  kept!: usize;
  /** Float64 [neighbors × points] and Int32: cheapest entry of a neighbor for each egress, and its point. */
  entryTable!: usize;
  entryChoice!: usize;
  /** Float64 [neighbors], least room of the ingresses of a neighbor. */
  entryRoom!: usize;
  /** Float64 [2 × points]: prices of the prefix at hand, and what it would load. */
  ownPrices!: usize;
  taken!: usize;
  /** Float64 [2 × points]: loads before a filling. */
  firstLoad!: usize;

  /** Int32 [prefixes]: class of each, or -1; Int32 [classes], one prefix of each; Int32 [classes + 1] into the tables. */
  classOf!: usize;
  classPrefix!: usize;
  classStart!: usize;
  /** Scratch: Float64 and Int32 tables, Float64 [classes], least egress room of each, and Float64 [8]. */
  setValue!: usize;
  setChoice!: usize;
  classRoom!: usize;
  setTotal!: usize;

  /** Int32 [prefixes]: tree of each, or -1. */
  treeOf!: usize;
  /** Scratch: Int32 [trees], the roots; the nodes; Int32 and Float64 [maxSlots + 6], a stack of nodes and their values. */
  treeRoot!: usize;
  treeNodes!: usize;
  treeStack!: usize;
  treeValue!: usize;
}
