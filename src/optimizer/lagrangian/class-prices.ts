/**
 * First prices where many prefixes have the same Out(k): each class of them taken for one prefix.
 *
 * The relaxation of that small problem is the relaxation of the whole one but for the shares of the neighbors, which
 * differ from prefix to prefix, so its prices are near the optimal ones; where they are found by ascent over the whole
 * problem (see price-ascent), as they are without classes, kinks can hold the ascent at its start. What a class may do is
 * not pruned by room, what is eligible for some pairs only and the costs of changes are left out: prices for a start.
 *
 * Guarantee: none. Cost: a column generation over the classes.
 */
import type { Choice } from '../../problem/choice.ts';
import { prefixesByVolume, volumeByPrefix } from '../../problem/prefix-volume.ts';
import type { Problem } from '../../problem/problem.ts';
import { sideRoom } from '../../problem/sides.ts';
import { generateColumns } from '../column-generation/column-generation.ts';
import { PrefixKernel, SEARCHING } from '../kernels/prefix-kernel.ts';
import { type RunControl, UNLIMITED, withShare } from '../run/run-control.ts';
import { GroupOracle } from './group-oracle.ts';

/** Fewest prefixes for each class, as a mean, and most classes. */
const MEMBERS = 5;
const MOST_CLASSES = 150;
const TOLERANCE = 1e-3;
const MOST_ROUNDS = 150;

export interface ClassPriceOptions {
  readonly variant: 'ses' | 'mes';
  /** A price dearer than any way. */
  readonly dear: number;
  readonly control: RunControl;
}

/** Float64 [2n], owned by the caller; null where there are too many classes. */
export function classPrices(problem: Problem, { variant, dear, control }: ClassPriceOptions): Float64Array | null {
  const classes = prefixClasses(problem);
  if (classes === null || classes.length * MEMBERS > problem.prefixCount) return null;
  const small = aggregated(problem, classes);
  const kernel = new PrefixKernel(small, { variant, fixedIngress: null });
  const prefixes = Int32Array.from(prefixesByVolume(small, volumeByPrefix(small)));
  const free = new Float64Array(2 * problem.pointCount);
  const search = { prices: free, costWeight: 1, room: null, nodeLimit: SEARCHING, patient: 'always' } as const;
  const plan = copyOf(kernel.pass(search).choice);
  const oracle = new GroupOracle(small, kernel, { room: null, nodeLimit: SEARCHING, plans: [plan], prefixes });
  const { prices } = generateColumns(oracle, {
    capacity: sideRoom(problem),
    costWeight: 1,
    overflowPrice: dear,
    startPrices: free,
    vertex: false,
    tolerance: TOLERANCE,
    maxRounds: MOST_ROUNDS,
    control: withShare({ ...control, report: UNLIMITED.report }, 0.2),
  });
  return prices.slice();
}

/** Prefixes with traffic of equal Out(k) and egress costs; null where there are too many classes. */
function prefixClasses({ prefixCount, pairStart, egressStart, egressPoint, slotCost }: Problem): number[][] | null {
  const byOut = new Map<string, number[]>();
  for (let k = 0; k < prefixCount; k++) {
    if (pairStart[k] === pairStart[k + 1]) continue;
    const [first, end] = [egressStart[k], egressStart[k + 1]];
    const key = `${egressPoint.subarray(first, end).join()} ${slotCost.subarray(first, end).join()}`;
    const members = byOut.get(key);
    if (members !== undefined) members.push(k);
    else if (byOut.size === MOST_CLASSES) return null;
    else byOut.set(key, [k]);
  }
  return [...byOut.values()];
}

/** The problem with one prefix for each class, its volumes the sums by neighbor. */
function aggregated(whole: Problem, classes: readonly number[][]): Problem {
  const { pairStart, pairNeighbor, pairVolume, egressStart, egressPoint, slotCost, neighborCount } = whole;
  const start = [0];
  const slots: number[] = [];
  const pairs: { neighbor: number; prefix: number; volume: number }[] = [];
  const firstPair = [0];
  classes.forEach((members, prefix) => {
    const volume = new Float64Array(neighborCount);
    for (const k of members) {
      for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) volume[pairNeighbor[pair]] += pairVolume[pair];
    }
    volume.forEach((sum, neighbor) => {
      if (sum > 0) pairs.push({ neighbor, prefix, volume: sum });
    });
    firstPair.push(pairs.length);
    for (let slot = egressStart[members[0]]; slot < egressStart[members[0] + 1]; slot++) slots.push(slot);
    start.push(slots.length);
  });
  const slotCount = (prefix: number) => start[prefix + 1] - start[prefix];
  let arcs = 0;
  return {
    ...whole,
    prefixCount: classes.length,
    pairCount: pairs.length,
    egressStart: Int32Array.from(start),
    egressPoint: Int32Array.from(slots, (slot) => egressPoint[slot]),
    slotCost: Float64Array.from(slots, (slot) => slotCost[slot]),
    pairStart: Int32Array.from(firstPair),
    pairNeighbor: Int32Array.from(pairs, ({ neighbor }) => neighbor),
    pairPrefix: Int32Array.from(pairs, ({ prefix }) => prefix),
    pairVolume: Float64Array.from(pairs, ({ volume }) => volume),
    arcStart: Int32Array.from(pairs, ({ prefix }) => {
      arcs += slotCount(prefix);
      return arcs - slotCount(prefix);
    }),
    eligible: null,
    currentIngress: new Int32Array(pairs.length).fill(-1),
    currentSlot: new Int32Array(pairs.length).fill(-1),
    changeUnit: new Float64Array(pairs.length),
  };
}

function copyOf({ ingress, slot }: Choice): Choice {
  return { ingress: ingress.slice(), slot: slot.slice() };
}
