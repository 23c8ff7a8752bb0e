/**
 * A plan that fits where the capacities are hardly more than the volume: one egress for each prefix, by packing prefixes
 * into egress sides, then an entry for each pair, by packing pairs into ingress sides. With one egress for each prefix the
 * two have nothing to do with each other but for what may leave where. It is a plan for MES as well.
 *
 * Only for whole volumes, since sums are tabulated. No guarantee. Deterministic for a seed unless the control ends it.
 */
import type { Choice } from '../../problem/choice.ts';
import { volumeByPrefix } from '../../problem/prefix-volume.ts';
import { isAllowed, type Problem } from '../../problem/problem.ts';
import { carriesAll } from '../../problem/single-egress.ts';
import { type RunControl, stopRequested } from '../run/run-control.ts';
import { type PackingInstance, pack } from './packing.ts';

/** Bits of the tables of sums, most of them at a time: 32 MB. */
const MOST_BITS = 2 ** 28;
/** Assignments of egresses for which entries are sought. */
const EGRESS_TURNS = 4;

/** Volumes are whole numbers, and few and small enough for tables of their sums. */
export function isPackable({ pairVolume, pairCount, totalVolume }: Problem): boolean {
  return pairVolume.every(Number.isInteger) && pairCount * totalVolume <= MOST_BITS;
}

/** A choice within all capacities, near `guide` where it can be; null where none was found. */
export function findFittingPlan(problem: Problem, guide: Choice, seed: number, control: RunControl): Choice | null {
  for (let turn = 0; turn < EGRESS_TURNS && !stopRequested(control); turn++) {
    const own = { seed: seed + turn, control };
    const slot = packEgresses(problem, guide, own);
    if (slot === null) return null;
    const ingress = packEntries(problem, slot, guide, own);
    if (ingress !== null) return { ingress, slot };
  }
  return null;
}

interface HalfOptions {
  readonly seed: number;
  readonly control: RunControl;
}

/** Int32 [pairs], the slot of each, the same for all of a prefix. */
function packEgresses(problem: Problem, guide: Choice, options: HalfOptions): Int32Array | null {
  const { prefixCount, pairStart, pairCount, egressStart, egressPoint, egressLimit } = problem;
  const volume = volumeByPrefix(problem);
  const prefixes = Array.from({ length: prefixCount }, (_, k) => k).filter((k) => pairStart[k] < pairStart[k + 1]);
  const slotsOf = prefixes.map((k) => {
    const slots = Array.from({ length: egressStart[k + 1] - egressStart[k] }, (_, at) => egressStart[k] + at);
    return slots.filter((slot) => carriesAll(problem, k, slot));
  });
  const weight = prefixes.map((k) => volume[k]);
  const bins = slotsOf.map((slots) => slots.map((slot) => egressPoint[slot]));
  const guided = Int32Array.from(prefixes, (k) => egressPoint[heaviestSlot(problem, k, guide)]);
  const binOf = pack(instanceOf(weight, bins, egressLimit, problem), { guide: guided, ...options });
  if (binOf === null) return null;
  const slot = new Int32Array(pairCount);
  prefixes.forEach((k, item) => {
    const chosen = slotsOf[item][bins[item].indexOf(binOf[item])];
    slot.fill(chosen, pairStart[k], pairStart[k + 1]);
  });
  return slot;
}

/** Int32 [pairs], where each enters. */
function packEntries(problem: Problem, slot: Int32Array, guide: Choice, options: HalfOptions): Int32Array | null {
  const { pairVolume, pairNeighbor, ingressStart, ingressPoint, ingressLimit } = problem;
  const bins = Array.from(pairNeighbor, (h, pair) =>
    Array.from(ingressPoint.subarray(ingressStart[h], ingressStart[h + 1])).filter((ingress) =>
      isAllowed(problem, pair, ingress, slot[pair]),
    ),
  );
  return pack(instanceOf(pairVolume, bins, ingressLimit, problem), { guide: guide.ingress, ...options });
}

function instanceOf(
  weight: ArrayLike<number>,
  bins: readonly (readonly number[])[],
  limit: Float64Array,
  { totalVolume }: Problem,
): PackingInstance {
  const start = new Int32Array(bins.length + 1);
  bins.forEach((own, item) => {
    start[item + 1] = start[item] + own.length;
  });
  return {
    weight: Int32Array.from(weight),
    start,
    bin: Int32Array.from(bins.flat()),
    capacity: Int32Array.from(limit, (value) => Math.floor(Math.min(value, totalVolume))),
  };
}

/** The slot by which most of the prefix leaves. */
function heaviestSlot({ pairStart, pairVolume, egressStart }: Problem, k: number, { slot }: Choice): number {
  const first = egressStart[k];
  const volume = new Float64Array(egressStart[k + 1] - first);
  for (let pair = pairStart[k]; pair < pairStart[k + 1]; pair++) volume[slot[pair] - first] += pairVolume[pair];
  return first + volume.indexOf(Math.max(...volume));
}
