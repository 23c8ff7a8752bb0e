import type { Problem } from '../../problem/problem.ts';
import { Frame } from './frame.ts';
import { FEWEST_MEMBERS, setClasses, treeClasses } from './set-classes.ts';

/** Memory for the search trees of classes of prefixes. */
const TREE_BYTES = 16_000_000;

export interface PrefixFrame {
  readonly frame: Frame;
  /** Words. */
  readonly nodeLimit: number;
  readonly costWeight: number;
  readonly pruned: number;
  readonly listCount: number;
  readonly keeps: number;
  readonly continues: number;
  /** Addresses; 0 where nothing of the kind was copied. */
  readonly changeUnit: number;
  readonly prices: number;
  readonly room: number;
  readonly list: number;
  readonly foundIngress: number;
  readonly foundSlot: number;
  readonly value: number;
  readonly foundLoad: number;
  readonly total: number;
  readonly placedIngress: number;
  readonly placedSlot: number;
  readonly load: number;
  readonly limit: number;
  readonly terms: number;
}

export interface PrefixFrameOptions {
  readonly variant: 'ses' | 'mes';
  /** Int32 [pairs], or null: free to choose. */
  readonly fixedIngress: Int32Array | null;
  /** Egress sets are tabulated for so many prefixes of equal Out(k), or more. */
  readonly fewestMembers?: number;
}

/** Words in the order of `assembly/prefix-frame.ts`. */
export function prefixFrame(problem: Problem, options: PrefixFrameOptions): PrefixFrame {
  const { variant, fixedIngress, fewestMembers = FEWEST_MEMBERS } = options;
  const { pointCount, neighborCount, prefixCount, pairCount } = problem;
  const { maxPairs, maxSlots, maxValues, maxEntries } = sizesOf(problem, fixedIngress !== null);
  const nodeBytes = align8(8 + 16 * maxPairs + maxSlots);
  const classes = setClasses(problem, variant, fewestMembers);
  const trees = treeClasses(problem, variant, fewestMembers);
  const hasChanges = problem.changeUnit.some((unit) => unit > 0);

  const frame = new Frame(96);
  frame.int(pointCount);
  frame.int(neighborCount);
  frame.int(prefixCount);
  frame.int(Number(variant === 'mes'));
  const nodeLimit = frame.int();
  const costWeight = frame.int();
  const pruned = frame.int();
  frame.int(nodeBytes);
  frame.int(maxPairs);
  const listCount = frame.int();
  const keeps = frame.int();
  const continues = frame.int();
  frame.int(classes.prefix.length);
  const treeNodeBytes = nodeBytes + 16;
  const treeNodeCount = trees.count === 0 ? 0 : Math.floor(TREE_BYTES / treeNodeBytes);
  frame.int(trees.count);
  frame.int(treeNodeCount);
  frame.int(treeNodeBytes);
  frame.input(problem.distance);
  frame.input(problem.rank);
  frame.input(problem.routerOf);
  frame.input(problem.ingressStart);
  frame.input(problem.ingressPoint);
  frame.input(problem.egressStart);
  frame.input(problem.egressPoint);
  frame.input(problem.slotCost);
  frame.input(problem.pairStart);
  frame.input(problem.pairNeighbor);
  frame.input(problem.pairVolume);
  frame.input(problem.eligible === null ? null : problem.arcStart);
  frame.input(problem.eligible);
  const changeUnit = frame.input(hasChanges ? problem.changeUnit : null);
  frame.input(hasChanges ? problem.currentIngress : null);
  frame.input(hasChanges ? problem.currentSlot : null);
  frame.input(fixedIngress);
  const prices = frame.scratch(16 * pointCount);
  const room = frame.scratch(16 * pointCount);
  const list = frame.scratch(4 * prefixCount);
  const foundIngress = frame.scratch(4 * pairCount);
  const foundSlot = frame.scratch(4 * pairCount);
  const value = frame.scratch(8 * prefixCount);
  const foundLoad = frame.scratch(16 * pointCount);
  const total = frame.scratch(16);
  const placedIngress = frame.scratch(4 * pairCount);
  const placedSlot = frame.scratch(4 * pairCount);
  const load = frame.scratch(16 * pointCount);
  const limit = frame.scratch(16 * pointCount);
  const terms = frame.scratch(56);
  frame.scratch(4 * (maxPairs + 1)); // entryStart
  frame.scratch(4 * maxEntries); // entryPoint
  frame.scratch(8 * maxValues); // entryValue
  frame.scratch(8 * maxSlots); // slotTerm
  frame.scratch(4 * pointCount * maxSlots); // near
  frame.scratch(4 * pointCount); // nearStamp
  frame.scratch(4 * maxSlots); // usedSlots
  frame.scratch(4 * maxSlots); // brokenBy
  // Best, current, spare, and a stack that grows by one for every slot decided.
  frame.scratch(nodeBytes * (maxSlots + 6)); // nodes
  frame.scratch(nodeBytes); // kept
  frame.scratch(8 * neighborCount * pointCount); // entryTable
  frame.scratch(4 * neighborCount * pointCount); // entryChoice
  frame.scratch(8 * neighborCount); // entryRoom
  frame.scratch(16 * pointCount); // ownPrices
  frame.scratch(16 * pointCount); // taken
  frame.scratch(16 * pointCount); // firstLoad
  frame.input(classes.classOf);
  frame.input(classes.prefix);
  frame.input(classes.start);
  const tabulated = classes.start[classes.prefix.length];
  frame.scratch(8 * tabulated); // setValue
  frame.scratch(4 * tabulated); // setChoice
  frame.scratch(8 * classes.prefix.length); // classRoom
  frame.scratch(64); // setTotal
  frame.input(trees.treeOf);
  frame.scratch(4 * trees.count); // treeRoot
  frame.scratch(treeNodeCount * treeNodeBytes); // treeNodes
  frame.scratch(4 * (maxSlots + 6)); // treeStack
  frame.scratch(8 * (maxSlots + 6)); // treeValue
  return {
    frame,
    nodeLimit,
    costWeight,
    pruned,
    listCount,
    keeps,
    continues,
    changeUnit,
    prices,
    room,
    list,
    foundIngress,
    foundSlot,
    value,
    foundLoad,
    total,
    placedIngress,
    placedSlot,
    load,
    limit,
    terms,
  };
}

/** Largest counts of a prefix: pairs, slots, entries (an ingress that a pair may use), values (entries × slots). */
function sizesOf(problem: Problem, isFixed: boolean) {
  const { prefixCount, pairStart, pairNeighbor, egressStart, ingressStart } = problem;
  let [maxPairs, maxSlots, maxEntries, maxValues] = [0, 0, 0, 0];
  for (let k = 0; k < prefixCount; k++) {
    const slots = egressStart[k + 1] - egressStart[k];
    let entries = 0;
    for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) {
      entries += isFixed ? 1 : ingressStart[pairNeighbor[pair] + 1] - ingressStart[pairNeighbor[pair]];
    }
    maxPairs = Math.max(maxPairs, pairStart[k + 1] - pairStart[k]);
    maxSlots = Math.max(maxSlots, slots);
    maxEntries = Math.max(maxEntries, entries);
    maxValues = Math.max(maxValues, entries * slots);
  }
  return { maxPairs, maxSlots, maxEntries, maxValues };
}

function align8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
