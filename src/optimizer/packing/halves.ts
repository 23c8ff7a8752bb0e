/**
 * The two packings that a plan of one egress for each prefix consists of: prefixes into egress sides, pairs into ingress
 * sides. Loads of the one do not depend on the other; costs do, and what may leave where.
 */
import type { Choice } from '../../problem/choice.ts';
import { volumeOf } from '../../problem/prefix-volume.ts';
import { isAllowed, type Problem, unitCost } from '../../problem/problem.ts';
import { carriesAll } from '../../problem/single-egress.ts';
import type { PackingInstance } from './packing.ts';

export interface Half {
  readonly instance: PackingInstance;
  /** Float64, of an item in a bin, by the places of `instance.bin`; 0 where the other half is not known. */
  readonly cost: Float64Array;
  /** Int32 [items], the bin of each in a choice. */
  binOf(choice: Choice): Int32Array;
  /** Int32 [pairs]: slots, or points of entry. */
  decode(binOf: Int32Array): Int32Array;
}

/** Prefixes into egress sides; for known entries, or for any. */
export function egressHalf(problem: Problem, ingress: Int32Array | null): Half {
  const { prefixCount, pairStart, pairCount, pairVolume, egressStart, egressPoint, egressLimit } = problem;
  const prefixes = Array.from({ length: prefixCount }, (_, k) => k).filter((k) => pairStart[k] < pairStart[k + 1]);
  const pairsOf = (k: number) => Array.from({ length: pairStart[k + 1] - pairStart[k] }, (_, at) => pairStart[k] + at);
  const slotsOf = prefixes.map((k) => {
    const slots = Array.from({ length: egressStart[k + 1] - egressStart[k] }, (_, at) => egressStart[k] + at);
    if (ingress === null) return slots.filter((slot) => carriesAll(problem, k, slot));
    return slots.filter((slot) => pairsOf(k).every((pair) => isAllowed(problem, pair, ingress[pair], slot)));
  });
  const costOf = (k: number, slot: number): number => {
    if (ingress === null) return 0;
    return pairsOf(k).reduce((sum, pair) => sum + pairVolume[pair] * unitCost(problem, pair, ingress[pair], slot), 0);
  };
  const weight = Int32Array.from(prefixes, (k) => volumeOf(problem, k));
  const bins = slotsOf.map((slots) => slots.map((slot) => egressPoint[slot]));
  return {
    instance: instanceOf(weight, bins, egressLimit, problem),
    cost: Float64Array.from(slotsOf.flatMap((slots, item) => slots.map((slot) => costOf(prefixes[item], slot)))),
    binOf: ({ slot }) => Int32Array.from(prefixes, (k) => egressPoint[heaviestSlot(problem, k, slot)]),
    decode(binOf) {
      const slot = new Int32Array(pairCount);
      prefixes.forEach((k, item) => {
        slot.fill(slotsOf[item][bins[item].indexOf(binOf[item])], pairStart[k], pairStart[k + 1]);
      });
      return slot;
    },
  };
}

/** Pairs into ingress sides, where they leave by `slot`. */
export function ingressHalf(problem: Problem, slot: Int32Array): Half {
  const { pairVolume, pairNeighbor, ingressStart, ingressPoint, ingressLimit } = problem;
  const bins = Array.from(pairNeighbor, (h, pair) =>
    Array.from(ingressPoint.subarray(ingressStart[h], ingressStart[h + 1])).filter((ingress) =>
      isAllowed(problem, pair, ingress, slot[pair]),
    ),
  );
  const costOf = (pair: number, ingress: number) => pairVolume[pair] * unitCost(problem, pair, ingress, slot[pair]);
  return {
    instance: instanceOf(Int32Array.from(pairVolume), bins, ingressLimit, problem),
    cost: Float64Array.from(bins.flatMap((own, pair) => own.map((ingress) => costOf(pair, ingress)))),
    binOf: ({ ingress }) => ingress.slice(),
    decode: (binOf) => binOf,
  };
}

function instanceOf(
  weight: Int32Array,
  bins: readonly (readonly number[])[],
  limit: Float64Array,
  { totalVolume }: Problem,
): PackingInstance {
  const start = new Int32Array(bins.length + 1);
  bins.forEach((own, item) => {
    start[item + 1] = start[item] + own.length;
  });
  const capacity = Int32Array.from(limit, (value) => Math.floor(Math.min(value, totalVolume)));
  return { weight, start, bin: Int32Array.from(bins.flat()), capacity };
}

/** The slot by which most of the prefix leaves. */
function heaviestSlot({ pairStart, pairVolume, egressStart }: Problem, k: number, slot: Int32Array): number {
  const first = egressStart[k];
  const volume = new Float64Array(egressStart[k + 1] - first);
  for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) volume[slot[pair] - first] += pairVolume[pair];
  return first + volume.indexOf(Math.max(...volume));
}
