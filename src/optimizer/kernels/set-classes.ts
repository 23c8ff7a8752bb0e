import type { Problem } from '../../problem/problem.ts';

/** Prefixes whose egress sets are tabulated by `assembly/prefix-sets.ts`: those of equal Out(k) and egress costs. */
export interface SetClasses {
  /** Int32 [prefixes]: class, or -1. */
  readonly classOf: Int32Array;
  /** Int32 [classes], the first prefix of each. */
  readonly prefix: Int32Array;
  /** Int32 [classes + 1]: elements of its table, neighbors × sets. */
  readonly start: Int32Array;
}

/** A table of more slots than this is dearer than a search, and so is one for few prefixes. */
const MOST_SLOTS = 8;
export const FEWEST_MEMBERS = 20;
const LEAST_SETS = 8;
const MOST_ELEMENTS = 4_000_000;

export function setClasses(problem: Problem, variant: 'ses' | 'mes', fewestMembers: number): SetClasses {
  const { prefixCount, neighborCount, egressStart, eligible } = problem;
  const classOf = new Int32Array(prefixCount).fill(-1);
  const isSmall = (k: number) => egressStart[k + 1] - egressStart[k] <= MOST_SLOTS;
  const members = variant === 'mes' && eligible === null ? prefixesBy(problem, isSmall, (k) => outOf(problem, k)) : [];
  const prefix: number[] = [];
  const start = [0];
  for (const list of members) {
    const slots = egressStart[list[0] + 1] - egressStart[list[0]];
    const end = start[prefix.length] + neighborCount * Math.max(LEAST_SETS, 2 ** slots);
    if (list.length < fewestMembers || end > MOST_ELEMENTS) continue;
    for (const k of list) classOf[k] = prefix.length;
    prefix.push(list[0]);
    start.push(end);
  }
  return { classOf, prefix: Int32Array.from(prefix), start: Int32Array.from(start) };
}

/** Prefixes that share a search tree, see `assembly/prefix-tree.ts`: those of equal Out(k), egress costs and neighbors. */
export interface TreeClasses {
  /** Int32 [prefixes]: class, or -1. */
  readonly treeOf: Int32Array;
  readonly count: number;
}

/** Of those that are not tabulated. */
export function treeClasses(problem: Problem, variant: 'ses' | 'mes', fewestMembers: number): TreeClasses {
  const { prefixCount, eligible, pairStart, pairNeighbor, egressStart } = problem;
  const treeOf = new Int32Array(prefixCount).fill(-1);
  if (variant === 'ses' || eligible !== null) return { treeOf, count: 0 };
  const isLarge = (k: number) => egressStart[k + 1] - egressStart[k] > MOST_SLOTS;
  const neighborsOf = (k: number) => pairNeighbor.subarray(pairStart[k], pairStart[k + 1]).join();
  const classes = prefixesBy(problem, isLarge, (k) => `${outOf(problem, k)} ${neighborsOf(k)}`);
  const shared = classes.filter((list) => list.length >= fewestMembers);
  shared.forEach((list, tree) => {
    for (const k of list) treeOf[k] = tree;
  });
  return { treeOf, count: shared.length };
}

/** Out(k) and its costs. */
function outOf({ egressStart, egressPoint, slotCost }: Problem, k: number): string {
  const [first, end] = [egressStart[k], egressStart[k + 1]];
  return `${egressPoint.subarray(first, end).join()} ${slotCost.subarray(first, end).join()}`;
}

/** Prefixes with traffic and egresses by key, the largest class first. */
function prefixesBy(
  { prefixCount, egressStart, pairStart }: Problem,
  isWanted: (k: number) => boolean,
  keyOf: (k: number) => string,
): number[][] {
  const byOut = new Map<string, number[]>();
  for (let k = 0; k < prefixCount; k++) {
    if (egressStart[k] === egressStart[k + 1] || pairStart[k] === pairStart[k + 1] || !isWanted(k)) continue;
    const key = keyOf(k);
    const list = byOut.get(key);
    if (list === undefined) byOut.set(key, [k]);
    else list.push(k);
  }
  return [...byOut.values()].sort((a, b) => b.length - a.length || a[0] - b[0]);
}
